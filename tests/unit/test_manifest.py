"""The Slack app's manifest: within Slack's limits, and asking for exactly what the bot uses."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from bot.domain.letters import StepEnd, View
from bot.domain.policy import Depth
from bot.domain.research import State
from bot.sandbox.slack import installed
from bot.slack import asking, stepping
from bot.slack.completing import completion
from bot.slack.scopes import SCOPES

ROOT = Path(__file__).parents[2]

METHOD = re.compile(
    r'"((?:agents|assistant|auth|chat|conversations|files|functions|reactions|team|usergroups|users|views)\.[A-Za-z.]*[A-Za-z])"'
)

# Methods of the Web API that bot/slack calls, and what each needs (Slack's method reference).
NEEDED = {
    "agents.sessions.setStatus": {"chat:write"},
    "assistant.threads.setStatus": {"chat:write", "assistant:write"},
    "auth.test": set(),
    "chat.getPermalink": set(),
    "chat.postEphemeral": {"chat:write"},
    "chat.postMessage": {"chat:write"},
    "chat.update": {"chat:write"},
    "conversations.history": {"channels:history", "groups:history", "im:history", "mpim:history"},
    "conversations.info": {"channels:read", "groups:read", "im:read", "mpim:read"},
    "conversations.members": {"channels:read", "groups:read", "im:read", "mpim:read"},
    "conversations.open": {"im:write"},
    "conversations.replies": {"channels:history", "groups:history", "im:history", "mpim:history"},
    "files.completeUploadExternal": {"files:write"},
    "files.getUploadURLExternal": {"files:write"},
    "files.info": {"files:read"},
    "functions.completeError": set(),
    "functions.completeSuccess": set(),
    "usergroups.users.list": {"usergroups:read"},
    "users.info": {"users:read"},
    "views.open": set(),
    "views.publish": set(),
    "views.push": set(),
    "views.update": set(),
}


# Events that we listen to, and what each needs (Slack's event reference).
EVENTS = {
    "agent_session_stopped": {"assistant:write"},
    "app_home_opened": set(),
    "app_mention": {"app_mentions:read"},
    "message.im": {"im:history"},
    "function_executed": set(),
    "app_uninstalled": set(),
    "tokens_revoked": set(),
}


@pytest.fixture
def manifest() -> Any:
    return yaml.safe_load((ROOT / "manifest.yml").read_text("utf-8"))


def test_the_manifest_is_within_the_limits_of_slack(manifest):
    schema = json.loads((ROOT / "tests" / "manifest.schema.json").read_text("utf-8"))

    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(manifest)


def test_the_manifest_asks_for_exactly_the_scopes_that_the_calls_need(manifest):
    assert {"commands"}.union(*NEEDED.values(), *EVENTS.values()) == set(
        manifest["oauth_config"]["scopes"]["bot"]
    )


def test_the_doctor_looks_for_exactly_the_scopes_of_the_manifest(manifest):
    assert manifest["oauth_config"]["scopes"]["bot"] == list(SCOPES)


def test_every_call_in_the_code_is_one_whose_scopes_are_known():
    sources = [path for path in (ROOT / "bot" / "slack").rglob("*.py") if path.name != "remedies.py"]

    called = {name for path in sources for name in METHOD.findall(path.read_text("utf-8"))}

    assert set(NEEDED) == called


def test_both_commands_are_there_and_mentions_in_a_question_arrive_as_ids(manifest):
    commands = {one["command"]: one for one in manifest["features"]["slash_commands"]}

    assert {"/research", "/research-status"} == set(commands)
    assert commands["/research"]["should_escape"] is True


def test_the_native_stop_button_reaches_us(manifest):
    assert "agent_view" in manifest["features"]
    assert "agent_session_stopped" in manifest["settings"]["event_subscriptions"]["bot_events"]


def test_it_hears_its_name_and_what_is_written_to_it_and_no_other_message(manifest):
    assert manifest["settings"]["event_subscriptions"]["bot_events"] == list(EVENTS)


def test_every_shortcut_is_one_that_we_answer_and_that_the_sandbox_offers(manifest):
    shortcuts = {one["callback_id"]: one["type"] for one in manifest["features"]["shortcuts"]}

    assert shortcuts == {asking.NEW: "global", asking.ABOUT_MESSAGE: "message"}
    assert list(installed.SHORTCUTS) == manifest["features"]["shortcuts"]
    assert list(installed.PROMPTS) == manifest["features"]["agent_view"]["suggested_prompts"]


def test_the_step_of_workflows_is_one_that_we_run_and_that_the_sandbox_offers(manifest):
    (callback_id,) = manifest["functions"]
    outputs = manifest["functions"][callback_id]["output_parameters"]["properties"]
    view = View("r", "Why?", "T1", "U1", Depth.STANDARD, State.COMPLETED, datetime(2026, 1, 1, tzinfo=UTC))

    assert callback_id == stepping.CALLBACK
    assert manifest["functions"] == installed.STEPS
    assert set(outputs) == set(completion(StepEnd("Fx1", view), "")[1]["outputs"])
    assert manifest["settings"]["function_runtime"] == "remote"
    assert manifest["settings"]["org_deploy_enabled"] is True


def test_it_works_over_socket_mode_as_it_stands(manifest):
    assert manifest["settings"]["socket_mode_enabled"] is True
    assert manifest["settings"]["interactivity"] == {"is_enabled": True}
    assert manifest["features"]["app_home"]["home_tab_enabled"] is True
    assert manifest["features"]["app_home"]["messages_tab_enabled"] is True
