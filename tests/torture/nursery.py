"""Where bots are born: a process that has everything imported and forks a bot at each line that it reads.

So a bot is up in a fraction of a second, and most deaths meet one that works. Each is a real process with a log of its
own, a child of this one, which tells how it ended; all of them go with it.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import traceback
from typing import Any, NoReturn

from tests.torture import bot_process

LOOK_EVERY = 0.02
Json = dict[str, Any]


def main() -> None:
    """Reads `{"log", "folder", "environ"}`, tells `{"born": pid}` and `{"dead": pid, "code": code}`."""
    children: set[int] = set()
    rest = b""
    try:
        while True:
            if select.select([0], [], [], LOOK_EVERY)[0]:
                piece = os.read(0, 65536)
                if not piece:
                    return
                *lines, rest = (rest + piece).split(b"\n")
                children.update(bear(json.loads(line)) for line in lines)
            for pid in list(children):
                ended, status = os.waitpid(pid, os.WNOHANG)
                if ended:
                    children.discard(pid)
                    tell(dead=pid, code=os.waitstatus_to_exitcode(status))
    finally:
        for pid in children:
            os.kill(pid, signal.SIGKILL)


def tell(**words: int) -> None:
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


def bear(wish: Json) -> int:
    """One bot; its pid is told at once."""
    pid = os.fork()
    if pid == 0:
        live(wish)
    tell(born=pid)
    return pid


def live(wish: Json) -> NoReturn:
    """The child: another environment, another log, then the bot until it ends."""
    code = 70
    try:
        log = os.open(wish["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.chdir(wish["folder"])
        os.environ.clear()
        os.environ.update(wish["environ"])
        code = bot_process.main()
    except BaseException:  # noqa: BLE001  # the last frame of a process: told, and out
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
