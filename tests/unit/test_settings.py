"""Settings: what is read, what is refused, and that one message says everything about it."""

from __future__ import annotations

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.policy import Depth, Policy
from bot.errors import ConfigurationError
from bot.settings import DOCS, DemoSettings, MigrationSettings, load
from bot.variables import HEADING, read

GOOD = {"SLACK_BOT_TOKEN": "xoxb-1-abc", "SLACK_APP_TOKEN": "xapp-1-abc", "GEMINI_API_KEY": "AIzaSyExample"}

KEY = b64encode(bytes(range(32))).decode()
OAUTH = {
    "SLACK_CLIENT_ID": "12.34",
    "SLACK_CLIENT_SECRET": "abc",
    "SLACK_SIGNING_SECRET": "abc",
    "ENCRYPTION_KEYS": f"{KEY}, {b64encode(bytes(32)).decode()}",
    "GEMINI_API_KEY": "AIzaSyExample",
}


def refusal(**changes: str) -> list[str]:
    """The lines of the message about these variables, without its heading."""
    return faults(GOOD | changes)


def faults(environ: dict[str, str]) -> list[str]:
    """The same for all that is set."""
    with pytest.raises(ConfigurationError) as caught:
        load(environ)
    heading, *lines = str(caught.value).splitlines()

    assert heading == HEADING
    return lines


def test_the_defaults_are_those_of_the_contract():
    settings = load(GOOD)

    assert settings.policy() == Policy(
        agents={
            Depth.QUICK: "gemini-3.8-flash",
            Depth.STANDARD: "deep-research-preview-04-2026",
            Depth.MAX: "deep-research-max-preview-04-2026",
        }
    )
    assert (settings.host, settings.port, settings.metrics_port) == ("127.0.0.1", 3000, 0)
    assert settings.slack_api_url == "https://slack.com/api/"
    assert settings.google_gemini_base_url == "https://generativelanguage.googleapis.com"
    assert settings.gemini_api_version == "v1beta"
    assert settings.database_url == "sqlite+aiosqlite:///research.db"
    assert settings.research_model == "gemini-3.8-flash"
    assert settings.research_retention_days == 90
    assert (settings.log_level, settings.log_format) == ("info", "console")


def test_everything_missing_is_told_in_one_message():
    with pytest.raises(ConfigurationError) as caught:
        load({})

    lines = str(caught.value).splitlines()
    assert len(lines) == 4
    assert "SLACK_BOT_TOKEN is missing. Put " in lines[1]
    assert "SLACK_APP_TOKEN or, for HTTP mode, SLACK_SIGNING_SECRET is missing. Put " in lines[2]
    assert "GEMINI_API_KEY is missing. Put " in lines[3]


def test_an_empty_variable_is_a_missing_one():
    assert "GEMINI_API_KEY is missing" in refusal(GEMINI_API_KEY="")[0]


def test_several_faults_of_all_kinds_are_told_together_in_the_order_of_the_table():
    lines = refusal(
        SLACK_BOT_TOKEN="nonsense",
        ENCRYPTION_KEYS="abc",
        PORT="70000",
        RESEARCH_POLL_INITIAL_SECONDS="20",
        RESEARCH_POLL_MAX_SECONDS="10",
        LOG_FORMAT="xml",
    )

    assert [line.split()[0] for line in lines] == [
        "SLACK_BOT_TOKEN",
        "ENCRYPTION_KEYS",
        "PORT",
        "RESEARCH_POLL_MAX_SECONDS",
        "LOG_FORMAT",
    ]


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("SLACK_BOT_TOKEN", "xapp-1-abc", "belongs in SLACK_APP_TOKEN"),
        ("SLACK_BOT_TOKEN", "xoxe.xoxb-1-abc", "rotating token"),
        ("SLACK_BOT_TOKEN", "xoxp-1-abc", "starts with xoxb-"),
        ("SLACK_APP_TOKEN", "xoxb-1-abc", "starts with xapp-"),
        ("SLACK_SIGNING_SECRET", "two words", "has blanks"),
        ("SLACK_API_URL", "slack.com/api", '"slack.com/api", which is no http(s) address'),
        ("SLACK_API_URL", "https://me:pw@slack.com/", "more in it than scheme, host, port and path"),
        ("GEMINI_API_KEY", "a key", "has blanks"),
        ("GOOGLE_GEMINI_BASE_URL", "ftp://x", "no http(s) address"),
        ("GEMINI_API_VERSION", "../v1", 'is "../v1"'),
        ("DATABASE_URL", "mysql://u:pw@h/d", "not the address of a SQLite or PostgreSQL database"),
        ("DATABASE_URL", "research.db", "not the address of a SQLite or PostgreSQL database"),
        ("HOST", "a b", 'is "a b"'),
        ("PORT", "-1", "a whole number from 0 to 65535, for example 3000"),
        ("PORT", "http", "a whole number from 0 to 65535, for example 3000"),
        ("METRICS_PORT", "3000", "as is PORT"),
        ("RESEARCH_AGENT", "deep research", 'is "deep research"'),
        ("RESEARCH_ADMINS", "U1,bob", 'has "bob" in it'),
        ("RESEARCH_STREAM", "maybe", "Put true or false"),
        ("RESEARCH_POLL_INITIAL_SECONDS", "0", "a number of seconds from 0.05 to 86400"),
        ("RESEARCH_POLL_MAX_SECONDS", "1", "less than RESEARCH_POLL_INITIAL_SECONDS (2)"),
        ("RESEARCH_DEADLINE_SECONDS", "0", "a number of seconds from 1 to 604800"),
        ("RESEARCH_PROGRESS_SECONDS", "inf", "a number of seconds from 0.05 to 86400"),
        ("RESEARCH_MAX_ACTIVE", "1.5", "a whole number of researches from 0 to 1000000"),
        ("RESEARCH_MAX_ACTIVE_PER_USER", "-1", "a whole number of researches from 0 to 1000000"),
        ("RESEARCH_DAILY_PER_USER", "many", "a whole number of researches from 0 to 1000000"),
        ("RESEARCH_MONTHLY_BUDGET_USD", "nan", "a number of US dollars from 0 to 10000000"),
        ("RESEARCH_RETENTION_DAYS", "0", "a whole number of days from 1 to 36500"),
        ("LOG_LEVEL", "loud", "Put debug, info, warning or error"),
        ("LOG_FORMAT", "xml", "Put console or json"),
        ("ENCRYPTION_KEYS", "a key", "not written in base64"),
        ("ENCRYPTION_KEYS", f"{KEY},YWJj", "has a key of 3 bytes in it, where 32 are needed"),
        ("GEMINI_WEBHOOK_SECRET", "abc", "does not look like a webhook's secret"),
    ],
)
def test_a_wrong_value_is_refused_with_its_name_and_what_to_put(name, value, says):
    (line,) = refusal(**{name: value})

    assert line.split()[0] == name
    assert says in line
    assert "Put " in line or "Remove it" in line


def test_no_message_shows_a_secret():
    secrets = {
        "SLACK_BOT_TOKEN": "xoxp-hidden-value",
        "SLACK_APP_TOKEN": "hidden-value",
        "SLACK_SIGNING_SECRET": "hidden value",
        "GEMINI_API_KEY": "hidden value",
        "GEMINI_WEBHOOK_SECRET": "hidden-value",
        "ENCRYPTION_KEYS": "hidden-value",
        "DATABASE_URL": "mysql://me:hidden-value@host/x",
    }

    lines = refusal(**secrets)

    assert len(lines) == len(secrets)
    assert "hidden" not in "\n".join(lines)


def test_neither_repr_nor_str_shows_a_secret():
    settings = load(GOOD | {"DATABASE_URL": "postgres://me:hidden-value@host/x"})

    for shown in (repr(settings), str(settings)):
        assert "hidden" not in shown
        assert not [value for value in GOOD.values() if value in shown]


def test_oauth_takes_the_place_of_the_token():
    settings = load(OAUTH)

    assert settings.credentials == ("12.34", "abc")
    assert settings.keys == (bytes(range(32)), bytes(32))
    assert not settings.socket_mode


@pytest.mark.parametrize(
    "name", ["SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "SLACK_SIGNING_SECRET", "ENCRYPTION_KEYS"]
)
def test_oauth_needs_all_of_its_variables(name):
    (line,) = faults(OAUTH | {name: ""})

    assert line.split()[0] == name
    assert "is missing, which OAuth needs. Put " in line


@pytest.mark.parametrize("name", ["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"])
def test_oauth_and_the_tokens_of_one_workspace_are_not_set_together(name):
    (line,) = faults(OAUTH | {name: GOOD[name]})

    assert line.split()[0] == name
    assert line.endswith("Remove it.")


def test_the_signing_secret_alone_selects_http():
    without_socket = {name: value for name, value in GOOD.items() if name != "SLACK_APP_TOKEN"}

    assert load(GOOD).socket_mode
    assert not load(without_socket | {"SLACK_SIGNING_SECRET": "abc"}).socket_mode


def test_the_base_of_slack_ends_with_a_slash():
    assert load(GOOD | {"SLACK_API_URL": "http://127.0.0.1:1/api"}).slack_api_url == "http://127.0.0.1:1/api/"


@pytest.mark.parametrize(
    ("value", "admins"),
    [("U1", {"U1"}), (" U1 , W2,", {"U1", "W2"}), ("T1:U1,U2", {"T1:U1", "U2"}), ("", set())],
)
def test_admins_are_ids_with_commas_between_them(value, admins):
    assert load(GOOD | {"RESEARCH_ADMINS": value}).policy().admins == admins


def test_what_is_set_arrives_in_the_policy():
    policy = load(
        GOOD
        | {
            "RESEARCH_AGENT": "a",
            "RESEARCH_AGENT_MAX": "b",
            "RESEARCH_STREAM": "false",
            "RESEARCH_POLL_INITIAL_SECONDS": "0.5",
            "RESEARCH_POLL_MAX_SECONDS": "5",
            "RESEARCH_DEADLINE_SECONDS": "60",
            "RESEARCH_PROGRESS_SECONDS": "4",
            "RESEARCH_MAX_ACTIVE_PER_USER": "0",
            "RESEARCH_MAX_ACTIVE": "7",
            "RESEARCH_DAILY_PER_USER": "8",
            "RESEARCH_MONTHLY_BUDGET_USD": "9.5",
        }
    ).policy()

    assert policy == Policy(
        agents={Depth.QUICK: "gemini-3.8-flash", Depth.STANDARD: "a", Depth.MAX: "b"},
        stream=False,
        poll_initial=0.5,
        poll_max=5,
        deadline=60,
        card_interval=4,
        max_active_per_user=0,
        max_active=7,
        daily_per_user=8,
        monthly_budget_usd=9.5,
    )


def test_the_environment_comes_before_the_file(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    lines = [f"{name}={value}" for name, value in GOOD.items()]
    (tmp_path / ".env").write_text("\n".join([*lines, "PORT=4000", "HOST=::1", "UNRELATED=1"]), "utf-8")
    monkeypatch.setenv("PORT", "5000")
    monkeypatch.setenv("HOST", "")

    settings = load()

    assert (settings.port, settings.host) == (5000, "::1")


def test_a_file_that_cannot_be_read_is_told(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_bytes(b"PORT=\xff\xfe")

    with pytest.raises(ConfigurationError, match=r"\.env cannot be read"):
        load()


def test_what_is_given_is_all_that_is_read(monkeypatch):
    monkeypatch.setenv("PORT", "5000")

    assert load(GOOD).port == 3000


def test_the_demo_and_migrate_ask_for_no_tokens():
    assert read(DemoSettings, {"PORT": "4000", "SLACK_BOT_TOKEN": "nonsense"}).port == 4000
    assert read(MigrationSettings, {}).database_url == "sqlite+aiosqlite:///research.db"
    with pytest.raises(ConfigurationError, match="PORT"):
        read(DemoSettings, {"PORT": "x"})


def test_every_variable_is_documented_with_its_unit_and_default():
    rows = {row.name: row for row in DOCS}

    assert all(row.meaning and row.default for row in DOCS)
    assert all(row.unit == "seconds" for name, row in rows.items() if name.endswith("_SECONDS"))
    assert rows["RESEARCH_DEADLINE_SECONDS"].default == "3900"
    assert rows["RESEARCH_STREAM"].default == "true"
    assert rows["RESEARCH_ADMINS"].default == "empty"
    assert rows["GEMINI_API_KEY"].default == "required"
    assert rows["SLACK_BOT_TOKEN"].default == "none"
    assert rows["SLACK_APP_TOKEN"].default == "none"


@given(
    # A client's id or secret changes what the others mean, so that the message is about these.
    st.sampled_from([row.name for row in DOCS if not row.name.startswith("SLACK_CLIENT_")]),
    st.text(max_size=80),
)
def test_any_text_in_any_variable_is_taken_or_refused_by_its_name(name, text):
    said = complaint(GOOD | {name: text})

    assert not said or name in said
    assert len(said.splitlines()) <= 3


def complaint(environ: dict[str, str]) -> str:
    try:
        load(environ)
    except ConfigurationError as error:
        return str(error)
    return ""
