"""The command line: its exit codes, one message instead of a stack trace, and that help is quick."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot import __main__ as cli
from bot.errors import ConfigurationError, LeaseLost, StoreError

ROOT = Path(__file__).parents[2]
GOOD = {
    "SLACK_BOT_TOKEN": "xoxb-1-abc",
    "SLACK_APP_TOKEN": "xapp-1-abc",
    "GEMINI_API_KEY": "abc",
    "SLACK_API_URL": "http://127.0.0.1:9/api/",
    "GOOGLE_GEMINI_BASE_URL": "http://127.0.0.1:9",
}


def bot(folder: Path, *arguments: str, code: str = "", **environ: str) -> subprocess.CompletedProcess[str]:
    """`python -m bot` in a folder of its own, with these variables alone."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    what = ["-c", code] if code else ["-m", "bot", *arguments]
    return subprocess.run(
        [sys.executable, *what],
        cwd=folder,
        env={**kept, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", **environ},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=50,
        check=False,
    )


@pytest.mark.parametrize("verb", [[], ["serve"]])
def test_without_configuration_it_ends_with_2_and_one_message(tmp_path, verb):
    done = bot(tmp_path, *verb)

    assert done.returncode == 2
    assert done.stdout == ""
    assert all(name in done.stderr for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "GEMINI_API_KEY"))
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == 4


def test_a_file_in_the_working_directory_is_read(tmp_path):
    (tmp_path / ".env").write_text("".join(f"{name}={value}\n" for name, value in GOOD.items()), "utf-8")

    done = bot(tmp_path, PORT="70000")

    assert done.returncode == 2
    assert [line.split()[0] for line in done.stderr.splitlines()[1:]] == ["PORT"]


def test_the_demo_refuses_a_wrong_port_by_its_name(tmp_path):
    done = bot(tmp_path, "demo", PORT="x", SLACK_BOT_TOKEN="nonsense")

    assert done.returncode == 2
    assert "PORT" in done.stderr
    assert "SLACK_BOT_TOKEN" not in done.stderr


def test_migrate_makes_the_database_and_needs_no_tokens(tmp_path):
    for _ in range(2):
        done = bot(tmp_path, "migrate", DATABASE_URL="sqlite:///new.db")

        assert (done.returncode, done.stdout) == (0, "The database schema is up to date.\n"), done.stderr
    assert (tmp_path / "new.db").exists()


def test_a_database_that_cannot_be_used_is_a_sentence_and_1(tmp_path):
    done = bot(tmp_path, "migrate", DATABASE_URL="sqlite:////nowhere/at/all.db")

    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("The database cannot be used right now. ")
    assert "Traceback" not in done.stderr


def test_the_doctor_tells_a_wrong_configuration_too(tmp_path):
    done = bot(tmp_path, "doctor")

    assert done.returncode == 1
    assert done.stdout.startswith("✗ ")
    assert "GEMINI_API_KEY is missing" in done.stdout
    assert done.stderr == ""


def test_the_doctor_ends_with_1_where_nothing_can_be_reached(tmp_path):
    done = bot(tmp_path, "doctor", **GOOD)

    assert done.returncode == 1
    assert done.stdout.count("✗") == 3
    assert done.stderr == ""


def test_help_and_version_import_nothing_of_the_app(tmp_path):
    code = """
import sys
from bot.__main__ import main
for option in ("--help", "--version"):
    try:
        main([option])
    except SystemExit as end:
        assert end.code == 0
heavy = {"anyio", "aiohttp", "pydantic", "sqlalchemy", "slack_bolt", "structlog", "bot.app", "bot.settings"}
print(sorted(heavy & set(sys.modules)))
"""

    done = bot(tmp_path, code=code)

    assert done.stdout.splitlines()[-1] == "[]", done.stderr
    assert all(verb in done.stdout for verb in ("serve", "demo", "doctor", "migrate", "--version"))


def test_an_unknown_verb_is_refused_with_the_verbs_there_are(tmp_path):
    done = bot(tmp_path, "dance")

    assert done.returncode == 2
    assert "serve" in done.stderr


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (ConfigurationError("PORT is wrong"), 2, "PORT is wrong\n"),
        (StoreError(), 1, "The database cannot be used right now.\n"),
        (StoreError("no file"), 1, "The database cannot be used right now. no file\n"),
        (ExceptionGroup("tasks", [StoreError("a"), ExceptionGroup("more", [StoreError("a"), LeaseLost()])]), 1,
         "The database cannot be used right now. a\nAnother process has taken this over.\n"),
        (ExceptionGroup("tasks", [LeaseLost(), ConfigurationError("PORT is wrong")]), 2,
         "Another process has taken this over.\nPORT is wrong\n"),
        (OSError(errno.EADDRINUSE, "address already in use"), 1,
         "Cannot listen there: address already in use. HOST, PORT and METRICS_PORT say where.\n"),
        (KeyboardInterrupt(), 130, ""),
        (BaseExceptionGroup("tasks", [KeyboardInterrupt()]), 130, ""),
    ],
)  # fmt: skip
def test_what_can_go_wrong_is_a_sentence_and_an_exit_code(monkeypatch, capsys, error, code, said):
    def fails(_: object) -> int:
        raise error

    monkeypatch.setattr(cli, "_serve", fails)

    assert cli.main([]) == code
    assert capsys.readouterr().err == said


@pytest.mark.parametrize(
    "error", [ZeroDivisionError(), OSError(errno.EIO, "disk"), ExceptionGroup("", [StoreError(), KeyError()])]
)
def test_what_nobody_expects_keeps_its_stack_trace(monkeypatch, error):
    def fails(_: object) -> int:
        raise error

    monkeypatch.setattr(cli, "_serve", fails)

    with pytest.raises(type(error)):
        cli.main(["serve"])
