"""Files of reports, made by a process of its own: it is bounded, gone afterwards, and knows nothing of ours."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import pytest

from bot.domain.letters import Form
from bot.domain.report import Report
from bot.errors import NotMade
from bot.slack import press
from bot.slack.printing import Job

JOB = Job(Form.WORD, Report("# Found\n\nThe answer."), "Why?", "today", datetime(2026, 11, 22, tzinfo=UTC))


@pytest.fixture
def python(tmp_path, monkeypatch):
    """Has a shell script run in the place of Python."""

    def replace(script: str) -> None:
        path = tmp_path / "python"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o700)
        monkeypatch.setattr(sys, "executable", str(path))

    return replace


@pytest.mark.skipif(Form.WORD not in press.forms(), reason="python-docx is not installed")
async def test_a_file_is_made_in_a_process_of_its_own():
    assert (await press.make(JOB))[:2] == b"PK"


async def test_the_process_knows_none_of_our_secrets(python, monkeypatch):
    for name in ("SLACK_BOT_TOKEN", "GEMINI_API_KEY", "DATABASE_URL", "ENCRYPTION_KEYS"):
        monkeypatch.setenv(name, "a-secret")
    python("cat >/dev/null; env")
    shown = (await press.make(JOB)).decode()

    assert "PYTHONPATH=" in shown
    assert "a-secret" not in shown


async def test_what_takes_too_long_is_ended(python, tmp_path):
    python(f"echo $$ >{tmp_path}/pid; exec sleep 60")
    with pytest.raises(NotMade, match="too long"):
        await press.make(JOB, seconds=0.5)

    pid = (tmp_path / "pid").read_text().strip()
    assert not (tmp_path.__class__("/proc") / pid / "exe").exists()


@pytest.mark.parametrize("script", ["exit 3", "cat >/dev/null; exit 0", "cat >/dev/null; kill -9 $$"])
async def test_whatever_becomes_of_the_process_is_a_file_that_was_not_made(python, script):
    python(script)
    with pytest.raises(NotMade) as failed:
        await press.make(JOB)

    assert "The report itself is whole" in failed.value.sentence


async def test_a_python_that_cannot_be_started_is_a_file_that_was_not_made(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(NotMade):
        await press.make(JOB)
