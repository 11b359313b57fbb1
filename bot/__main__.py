"""The command line: `serve` (also without a word), `demo`, `doctor`, `migrate` and others. Imports what a verb needs when it
runs.

Exit codes: 0 done, 1 a problem that has a sentence, 2 a wrong configuration or command line, 130 interrupted.
"""

from __future__ import annotations

import argparse
import errno
import sys
from collections.abc import Iterator, Sequence

from bot.errors import BotError, ConfigurationError

_EXIT_CODES = (130, 1, 2)
"""Where several things went wrong at once, the last of these that applies."""
_NO_LISTENING = {errno.EADDRINUSE, errno.EADDRNOTAVAIL, errno.EACCES}


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one verb and gives the exit code; the console script `research-bot` is this."""
    parser = _parser()
    arguments, rest = parser.parse_known_args(argv)
    if rest and arguments.run is not _gemini:
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    arguments.rest = rest
    try:
        return int(arguments.run(arguments))
    except (BotError, OSError, KeyboardInterrupt, BaseExceptionGroup) as error:
        causes = list(_causes(error))
        if not all(map(_is_expected, causes)):
            raise
        for line in dict.fromkeys(_told(one) for one in causes if not isinstance(one, KeyboardInterrupt)):
            print(line, file=sys.stderr)
        return max(map(_exit_code, causes), key=_EXIT_CODES.index)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="research-bot",
        description="Deep research in Slack. Settings are environment variables, also read from a file .env.",
    )
    parser.add_argument("--version", action=_Version, help="print the version and exit")
    parser.set_defaults(run=_serve)
    verbs = parser.add_subparsers(metavar="command")
    verbs.add_parser("serve", help="work until stopped (what happens without a command)").set_defaults(
        run=_serve
    )
    demo = verbs.add_parser("demo", help="the whole product in the browser, without any account")
    demo.add_argument(
        "--real-gemini", action="store_true", help="with the real agent; each paid run is confirmed first"
    )
    demo.set_defaults(run=_demo)
    verbs.add_parser(
        "doctor", help="check settings, tokens, scopes, key and database, and say what to do"
    ).set_defaults(run=_doctor)
    gemini = verbs.add_parser(
        "gemini",
        help="talk to the Interactions API: get, start, stream, cancel, delete, research",
        add_help=False,
    )
    gemini.add_argument("words", nargs=argparse.REMAINDER)
    gemini.set_defaults(run=_gemini)
    person = verbs.add_parser("person", help="what is kept of a person: export it as JSON, or erase it")
    person.add_argument("deed", choices=("export", "erase"))
    person.add_argument("person", help="their Slack id, U…")
    person.add_argument("--team", required=True, help="the id of their workspace, T…")
    person.set_defaults(run=_person)
    verbs.add_parser("migrate", help="bring the database schema up to date").set_defaults(run=_migrate)
    copy = verbs.add_parser(
        "copy-database", help="copy everything into another, empty database: SQLite to PostgreSQL, or back"
    )
    copy.add_argument("source", metavar="FROM", help="address of the database to copy, as in DATABASE_URL")
    copy.add_argument("target", metavar="TO", help="address of the empty one")
    copy.set_defaults(run=_copy_database)
    return parser


def _serve(_: argparse.Namespace) -> int:
    from bot.settings import load

    settings = load()
    import anyio

    from bot import app
    from bot.ops import logs
    from bot.ops.metrics import METRICS

    logs.configure(settings.log_level, settings.log_format, settings.secrets(), observer=METRICS.observe)
    anyio.run(app.serve, settings)
    return 0


def _demo(arguments: argparse.Namespace) -> int:
    from functools import partial

    from bot.settings import DemoSettings
    from bot.variables import read

    settings = read(DemoSettings, None)
    import anyio

    from bot.ops import logs
    from bot.sandbox import demo

    logs.configure(settings.log_level, settings.log_format)
    anyio.run(partial(demo.run, port=settings.port, real_gemini=arguments.real_gemini))
    return 0


def _doctor(_: argparse.Namespace) -> int:
    from bot.settings import load

    try:
        settings = load()
    except ConfigurationError as error:
        print(f"✗ {error}")
        print("Nothing else was checked.")
        return 1
    import anyio

    from bot import doctor
    from bot.ops import logs

    logs.configure("critical", settings.log_format, settings.secrets())
    return anyio.run(doctor.run, settings)


def _gemini(arguments: argparse.Namespace) -> int:
    from bot.gemini.console import Console, add_arguments
    from bot.settings import RealGeminiSettings
    from bot.variables import read

    settings = read(RealGeminiSettings, None)
    parser = argparse.ArgumentParser(
        prog="research-bot gemini",
        description="The Interactions API from the terminal. A research costs money.",
    )
    add_arguments(parser, agent=settings.research_agent)
    # An option right behind `gemini` (--help) is not taken by REMAINDER, so it comes apart from the words.
    chosen = parser.parse_args([*arguments.rest, *arguments.words])

    from random import SystemRandom

    import anyio

    from bot.gemini.client import GeminiClient
    from bot.ops import logs
    from bot.ops.clock import SystemClock

    logs.configure("error", "console", settings.secrets())

    async def talk() -> int:
        key = settings.gemini_api_key.get_secret_value()
        async with GeminiClient(settings.google_gemini_base_url, settings.gemini_api_version, key) as client:
            return await Console(client, sys.stdout, SystemClock(), SystemRandom()).run(chosen)

    return anyio.run(talk)


def _migrate(_: argparse.Namespace) -> int:
    from bot.settings import MigrationSettings
    from bot.variables import read

    settings = read(MigrationSettings, None)
    import anyio

    from bot.ops import logs
    from bot.store.database import Database
    from bot.store.schema import migrate

    async def bring_up_to_date() -> None:
        async with Database.open(settings.database_url) as database:
            await migrate(database)

    logs.configure(settings.log_level, settings.log_format, settings.secrets())
    anyio.run(bring_up_to_date)
    print("The database schema is up to date.")
    return 0


def _copy_database(arguments: argparse.Namespace) -> int:
    from bot.formats import database

    for url in (arguments.source, arguments.target):
        try:
            database(url)
        except ValueError as error:
            raise ConfigurationError(f"One of the two addresses {error}.") from None
    import anyio

    from bot.ops import logs
    from bot.store.copying import copy

    logs.configure("error", "console")
    for one in anyio.run(copy, arguments.source, arguments.target):
        print(f"{one.rows:>9,} {one.table}")
    print("Copied. Set DATABASE_URL to the new database, and start the bot.")
    return 0


def _person(arguments: argparse.Namespace) -> int:
    from bot.settings import MigrationSettings
    from bot.variables import read

    settings = read(MigrationSettings, None)
    import anyio

    from bot.ops import logs
    from bot.ops.clock import SystemClock
    from bot.store.database import Database
    from bot.store.office import SqlOffice

    async def carry_out() -> str:
        now = SystemClock().now()
        async with Database.open(settings.database_url) as database:
            office = SqlOffice(database)
            if arguments.deed == "export":
                return (await office.export_person(arguments.team, arguments.person, "", now)).decode()
            count = await office.erase_person(arguments.team, arguments.person, "", now)
            return f"Erased: {count} researches. The bot has Google delete its records within the hour."

    logs.configure(settings.log_level, settings.log_format, settings.secrets())
    print(anyio.run(carry_out))
    return 0


class _Version(argparse.Action):
    """Looks the version up only when it is asked for."""

    def __init__(self, option_strings: Sequence[str], dest: str, help: str | None = None) -> None:  # noqa: A002  # argparse's name
        super().__init__(option_strings, dest, nargs=0, help=help)

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        print(f"{parser.prog} {_version()}")
        parser.exit()


def _version() -> str:
    """Of the installed package, or of the checkout that is run without installing it."""
    import tomllib
    from importlib import metadata
    from pathlib import Path

    checkout = Path(__file__).parent.parent / "pyproject.toml"
    if checkout.is_file():
        return str(tomllib.loads(checkout.read_text("utf-8"))["project"]["version"])
    return metadata.version("research-bot")


def _causes(error: BaseException) -> Iterator[BaseException]:
    """What went wrong, without the groups in which a TaskGroup wraps it."""
    if isinstance(error, BaseExceptionGroup):
        for one in error.exceptions:
            yield from _causes(one)
    else:
        yield error


def _is_expected(error: BaseException) -> bool:
    return isinstance(error, (BotError, KeyboardInterrupt)) or (
        isinstance(error, OSError) and error.errno in _NO_LISTENING
    )


def _told(error: BaseException) -> str:
    match error:
        case ConfigurationError():
            return str(error)
        case BotError() if error.detail and error.detail != error.sentence:
            return f"{error.sentence} {error.detail}"
        case BotError():
            return error.sentence
        case _:
            reason = error.strerror if isinstance(error, OSError) else error
            return f"Cannot listen there: {reason}. HOST, PORT and METRICS_PORT say where."


def _exit_code(error: BaseException) -> int:
    match error:
        case ConfigurationError():
            return 2
        case KeyboardInterrupt():
            return 130
        case _:
            return 1


if __name__ == "__main__":
    sys.exit(main())
