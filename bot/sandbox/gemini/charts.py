"""Small PNG charts drawn by hand (zlib and struct only): the images of reports with visualization "auto"."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Sequence
from functools import cache
from itertools import pairwise

Colour = tuple[int, int, int]

WHITE: Colour = (255, 255, 255)
GRID: Colour = (226, 230, 236)
AXIS: Colour = (90, 98, 112)
SERIES: tuple[Colour, ...] = ((66, 103, 178), (219, 120, 58), (76, 153, 110), (150, 96, 170))
WIDTH, HEIGHT, MARGIN = 480, 270, 24


class Canvas:
    """Rows of RGB pixels, origin at the top left; what lies outside is clipped."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._rows = [bytearray(bytes(WHITE) * width) for _ in range(height)]

    def box(self, left: int, top: int, right: int, bottom: int, colour: Colour) -> None:
        """Fills a rectangle; right and bottom are exclusive."""
        left, right = max(left, 0), min(right, self.width)
        if right <= left:
            return
        stripe = bytes(colour) * (right - left)
        for row in self._rows[max(top, 0) : max(min(bottom, self.height), 0)]:
            row[left * 3 : right * 3] = stripe

    def line(self, start: tuple[int, int], end: tuple[int, int], colour: Colour) -> None:
        """Draws a line three pixels thick."""
        steps = max(abs(end[0] - start[0]), abs(end[1] - start[1]), 1)
        for step in range(steps + 1):
            x = start[0] + (end[0] - start[0]) * step // steps
            y = start[1] + (end[1] - start[1]) * step // steps
            self.box(x - 1, y - 1, x + 2, y + 2, colour)

    def png(self) -> bytes:
        """The picture as a PNG file: 8-bit RGB, no filter."""
        header = struct.pack(">IIBBBBB", self.width, self.height, 8, 2, 0, 0, 0)
        pixels = zlib.compress(b"".join(b"\x00" + bytes(row) for row in self._rows), 9)
        chunks = _chunk(b"IHDR", header) + _chunk(b"IDAT", pixels) + _chunk(b"IEND", b"")
        return b"\x89PNG\r\n\x1a\n" + chunks


def _chunk(kind: bytes, data: bytes) -> bytes:
    check = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)


def _frame() -> Canvas:
    canvas = Canvas(WIDTH, HEIGHT)
    for fifth in range(5):
        y = MARGIN + (HEIGHT - 2 * MARGIN) * fifth // 5
        canvas.box(MARGIN, y, WIDTH - MARGIN, y + 1, GRID)
    canvas.box(MARGIN, HEIGHT - MARGIN, WIDTH - MARGIN, HEIGHT - MARGIN + 2, AXIS)
    canvas.box(MARGIN, MARGIN, MARGIN + 2, HEIGHT - MARGIN, AXIS)
    return canvas


def bars(groups: Sequence[Sequence[float]]) -> bytes:
    """A grouped bar chart; values are shares of the axis, 0 to 1."""
    canvas = _frame()
    room = (WIDTH - 2 * MARGIN) // len(groups)
    for place, group in enumerate(groups):
        thick = max((room - 14) // len(group), 2)
        for nth, value in enumerate(group):
            left = MARGIN + place * room + 8 + nth * thick
            top = HEIGHT - MARGIN - int(value * (HEIGHT - 2 * MARGIN))
            canvas.box(left, top, left + thick - 2, HEIGHT - MARGIN, SERIES[nth % len(SERIES)])
    return canvas.png()


def lines(series: Sequence[Sequence[float]]) -> bytes:
    """A line chart; values are shares of the axis, 0 to 1."""
    canvas = _frame()
    for nth, values in enumerate(series):
        step = (WIDTH - 2 * MARGIN - 8) / (len(values) - 1)
        points = [
            (MARGIN + 4 + int(step * x), HEIGHT - MARGIN - int(value * (HEIGHT - 2 * MARGIN)))
            for x, value in enumerate(values)
        ]
        for start, end in pairwise(points):
            canvas.line(start, end, SERIES[nth % len(SERIES)])
    return canvas.png()


@cache
def _prices() -> bytes:
    modules = (0.92, 0.55, 0.36, 0.27, 0.2, 0.15, 0.11, 0.08)
    remainder = (0.92, 0.8, 0.71, 0.62, 0.55, 0.49, 0.45, 0.42)
    return lines([modules, remainder])


@cache
def _capacity() -> bytes:
    return bars(
        [(0.12, 0.2, 0.05), (0.22, 0.31, 0.09), (0.41, 0.38, 0.15), (0.63, 0.47, 0.24), (0.88, 0.55, 0.37)]
    )


CHARTS: dict[str, Callable[[], bytes]] = {"prices": _prices, "capacity": _capacity}
"""Charts by the name a report gives in ``{{chart: name}}``."""
