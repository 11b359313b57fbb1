"""Reports of any size, grown from a seed: sections, lists in lists, tables, code, formulas and citations, in six languages.

The big ones of the corpus are made rather than stored; the same seed gives the same report on every machine.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

REDIRECT = "https://vertexaisearch.cloud.google.com/grounding-api-redirect/"


@dataclass(frozen=True, slots=True)
class Tongue:
    """What a language is written with."""

    words: tuple[str, ...]
    space: str = " "
    stop: str = ". "
    sources: str = "Sources"


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split(" "))


TONGUES = {
    "en": Tongue(_words("the price of storage fell while demand grew in every region where permits take less than two "
                        "years and grids have room for it so that investors now ask less about cost than about connection")),
    "de": Tongue(_words("die Preise für Speicher sanken während die Nachfrage überall dort wuchs wo "
                        "Genehmigungen schnell kommen und Netzanschlüsse größtenteils verfügbar sind weshalb Höchstspannungsleitungen fehlen"), sources="Quellen"),
    "ru": Tongue(_words("цены на хранение снизились тогда как спрос вырос во всех регионах где разрешения "
                        "выдают быстро и сети имеют запас мощности поэтому инвесторы спрашивают о подключении"), sources="Источники"),
    "ja": Tongue(_words("蓄電池の 価格は 下がり 需要は すべての 地域で 増えた 許可が 早い 場所では "
                        "系統に 余裕が あるため 投資家は 費用より 接続を 重視 している"), space="", stop="。", sources="出典"),
    "zh": Tongue(_words("储能 价格 下降 而 需求 在 各个 地区 增长 许可 较快 的 地方 电网 仍有 余量 因此 投资者 更 关心 接入"),
                 space="", stop="。", sources="参考资料"),
    "ar": Tongue(_words("انخفضت أسعار التخزين بينما ازداد الطلب في كل المناطق حيث تصدر التراخيص "
                        "بسرعة ولدى الشبكات سعة كافية لذلك يسأل المستثمرون عن الربط قبل الكلفة"), sources="المصادر"),
}  # fmt: skip


class Grower:
    """Writes one report."""

    def __init__(self, seed: int, tongues: tuple[str, ...] = ("en",)) -> None:
        self._chance = random.Random(seed)  # nothing secret: the same seed, the same report
        self._tongues = [TONGUES[name] for name in tongues]
        self._tongue = self._tongues[0]
        self._sources = 0

    def report(self, size: int, *, table_rows: int = 12) -> str:
        """A report of about `size` bytes of UTF-8."""
        self._sources = max(8, min(120, size // 1_500))
        tail = self._tail()
        pieces = [f"# {self._phrase(5)}", f"**{self._phrase(2)}:** {self._sentences(3)}"]
        left = size - len("".join([*pieces, tail]).encode())
        number = 0
        while left > 0:
            self._tongue = self._tongues[number % len(self._tongues)]
            number += 1
            section = self._section(number, table_rows)
            left -= len(section.encode()) + 2
            pieces.append(section)
        return "\n\n".join(pieces) + tail

    def _section(self, number: int, table_rows: int) -> str:
        kinds = (self._list, self._table, self._code, self._formula, self._quote)
        extra = kinds[number % len(kinds)]
        block = self._table(table_rows) if extra == self._table else extra()
        return "\n\n".join(
            [
                f"## {number}. {self._phrase(4)}",
                self._paragraph(),
                block,
                f"### {self._phrase(3)}",
                self._paragraph(),
            ]
        )

    def _phrase(self, count: int) -> str:
        return self._tongue.space.join(self._chance.choice(self._tongue.words) for _ in range(count))

    def _sentence(self) -> str:
        shown = self._phrase(self._chance.randint(6, 18))
        styled = self._chance.choice(
            ("{}", "{}", "**{}**", "*{}*", "[{}](https://example.org/a?b=1&c=2)", "`{}`")
        )
        cite = f" [cite: {self._cited()}]" if self._chance.random() < 0.4 else ""
        figure = (
            f" {self._chance.randint(1, 99)}.{self._chance.randint(0, 9)} %"
            if self._chance.random() < 0.3
            else ""
        )
        return f"{shown} {styled.format(self._phrase(2))}{figure}{cite}"

    def _cited(self) -> str:
        return ", ".join(
            str(self._chance.randint(1, self._sources)) for _ in range(self._chance.randint(1, 3))
        )

    def _sentences(self, count: int) -> str:
        return self._tongue.stop.join(self._sentence() for _ in range(count)) + self._tongue.stop.strip()

    def _paragraph(self) -> str:
        return self._sentences(self._chance.randint(3, 7))

    def _list(self) -> str:
        lines = []
        for number in range(1, self._chance.randint(4, 9)):
            lines.append(f"{number}. **{self._phrase(2)}**: {self._sentence()}")
            depths = range(1, self._chance.randint(1, 5))
            lines.extend("    " * depth + f"- {self._sentence()}" for depth in depths)
        return "\n".join(lines)

    def _table(self, rows: int = 12) -> str:
        columns = self._chance.randint(3, 6)
        head = " | ".join(self._phrase(2) for _ in range(columns))
        body = [
            " | ".join([self._phrase(1), *(str(self._chance.randint(1, 9_999)) for _ in range(columns - 1))])
            for _ in range(rows)
        ]
        return "\n".join(f"| {row} |" for row in [head, " | ".join([":--", *["--:"] * (columns - 1)]), *body])

    def _code(self) -> str:
        lines = [f"value_{n} = measure({n}, limit={self._chance.randint(1, 999)})  # <{n}>" for n in range(8)]
        return "```python\n" + "\n".join(lines) + "\n```"

    def _formula(self) -> str:
        return f"$$\nE_{{{self._chance.randint(1, 9)}}} = \\frac{{m v^2}}{{2}} + \\int_0^T P(t)\\,dt\n$$"

    def _quote(self) -> str:
        return f"> {self._sentence()}\n>\n> {self._sentence()}"

    def _tail(self) -> str:
        lines = [f"{n}. [site{n}.example]({REDIRECT}AUZIYQ{n:040d})" for n in range(1, self._sources + 1)]
        return f"\n\n**{self._tongue.sources}:**\n" + "\n".join(lines) + "\n"
