"""Python's garbage collector, told what kind of program this is."""

from __future__ import annotations

import gc

_YOUNG = (20_000, 25, 10)
"""New objects before it looks through them (Python: 700), and how often before it looks through those that stayed.
Some hundred objects belong to an open stream and live for minutes: with Python's own figures a third of the time in which
many streams open goes into looking whether they are garbage. A long report is made of some hundred thousand, and everything
stands still while they are looked through: 20,000 take 6 ms.
"""


def settle() -> None:
    """To be called once everything is loaded: that stays, and is looked through no more. A full collection of it would
    stop everything for 0.1 s in the midst of work.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_YOUNG)
