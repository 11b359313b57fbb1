"""What the README promises is there."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

from bot import errors

ROOT = Path(__file__).parent.parent.parent
README = (ROOT / "README.md").read_text("utf-8")


def test_the_tables_of_settings_and_metrics_are_those_of_the_code():
    tables = runpy.run_path(str(ROOT / "scripts" / "readme-tables"))

    assert tables["filled"](README) == README, "run scripts/readme-tables --write"


@pytest.mark.parametrize("path", sorted(set(re.findall(r"\]\((?!https?:)([^)#]+)\)", README))))
def test_every_file_that_the_readme_links_to_exists(path: str):
    assert (ROOT / path).exists()


@pytest.mark.parametrize("script", sorted(set(re.findall(r"\bscripts/[a-z-]+", README))))
def test_every_script_that_the_readme_names_can_be_run(script: str):
    assert (ROOT / script).stat().st_mode & 0o111


@pytest.mark.parametrize("command", ["serve", "demo", "doctor", "migrate", "gemini"])
def test_the_command_line_has_the_commands_of_the_readme(command: str):
    source = (ROOT / "bot" / "__main__.py").read_text("utf-8")

    assert f'"{command}"' in source


@pytest.mark.parametrize(
    "error",
    [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, errors.BotError)],
)
def test_every_error_has_a_sentence_for_a_person(error: type[errors.BotError]):
    sentence = " ".join((error.__doc__ or "").split())

    assert sentence.endswith(".")
    assert sentence[0].isupper()
    assert error.__name__ in (errors.__doc__ or "")
