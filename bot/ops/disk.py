"""Whether a SQLite file lies on a disk that is thrown away with the container, and all researches with it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from collections.abc import Mapping

EPHEMERAL = frozenset({"overlay", "aufs", "tmpfs", "ramfs"})
"""File systems of a container's own layer, and of memory."""
PLATFORMS = {"DYNO": "Heroku", "K_SERVICE": "Cloud Run", "RENDER": "Render", "VERCEL": "Vercel"}
"""Variables by which platforms are known whose disks do not outlive a deployment."""


_MOUNTS = Path("/proc/self/mounts")

log = structlog.get_logger("bot.ops")


def warn(database: str) -> None:
    """Says it in the log, as loudly as a log can."""
    mounts = _MOUNTS.read_text("utf-8", errors="replace") if _MOUNTS.is_file() else ""
    said = warning(Path(database).resolve(), mounts, os.environ)
    if said is not None:
        log.critical("database.on_ephemeral_disk", warning=said)


def warning(database: Path, mounts: str, environ: Mapping[str, str]) -> str | None:
    """What an operator must hear about a SQLite file; None where its disk seems to stay.

    `mounts` is what /proc/self/mounts says (empty where there is none).
    """
    kind = file_system(database, mounts)
    platform = next((name for variable, name in PLATFORMS.items() if environ.get(variable)), "")
    if kind not in EPHEMERAL and not platform:
        return None
    why = (
        f"{platform} throws disks away" if platform else f"its file system ({kind}) ends with this container"
    )
    return (
        f"The database {database} will be LOST at the next deployment or restart: {why}. Researches that are paid for, "
        "and reports, would be gone. Mount a volume there, or set DATABASE_URL to a PostgreSQL."
    )


def file_system(path: Path, mounts: str) -> str:
    """The kind of the file system that a path is on; empty where that cannot be told."""
    best, kind = -1, ""
    for line in mounts.splitlines():
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        point = Path(fields[1].encode().decode("unicode_escape"))
        if path.is_relative_to(point) and len(point.parts) >= best:
            best, kind = len(point.parts), fields[2]
    return kind
