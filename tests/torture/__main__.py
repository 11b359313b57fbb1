"""The command: `scripts/torture [--seed N] [--kills 200] [--processes 2] [--database postgres|sqlite]`."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from random import SystemRandom
from typing import TYPE_CHECKING
from uuid import uuid4

import anyio

from tests.torture.driver import torture
from tests.torture.plan import Plan
from tests.torture.table import table

if TYPE_CHECKING:
    from collections.abc import Iterator

KEPT = "The logs of all processes are in {}."


def main() -> int:
    """Prints the table; 1 where anything is not as promised."""
    parser = argparse.ArgumentParser(prog="scripts/torture", description=__doc__)
    parser.add_argument(
        "--seed", type=int, default=None, help="replays a run, as far as real processes allow"
    )
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--processes", type=int, default=None, help="default: 2 on PostgreSQL, 1 on SQLite")
    parser.add_argument("--database", choices=("postgres", "sqlite"), default="sqlite")
    options = parser.parse_args()
    processes = options.processes or (1 if options.database == "sqlite" else 2)
    if options.database == "sqlite" and processes != 1:
        parser.error("one process per SQLite file: --processes 1, or --database postgres")
    seed = SystemRandom().randrange(10**6) if options.seed is None else options.seed
    sys.stderr.write(f"seed {seed}\n")
    folder = Path(tempfile.mkdtemp(prefix="torture-"))
    with database(options.database, folder) as url:
        plan = Plan(seed, options.kills, processes, url)
        result = anyio.run(torture, plan, folder)
    sys.stdout.write(f"{table(result)}\n{KEPT.format(folder)}\n")
    return 0 if result.good else 1


@contextmanager
def database(engine: str, folder: Path) -> Iterator[str]:
    """The address of an empty database."""
    if engine == "sqlite":
        yield f"sqlite+aiosqlite:///{folder}/research.db"
        return
    import psycopg

    server = os.environ["TEST_POSTGRES_URL"]
    name = f"torture_{uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
    yield server.rsplit("/", 1)[0] + f"/{name}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


if __name__ == "__main__":
    sys.exit(main())
