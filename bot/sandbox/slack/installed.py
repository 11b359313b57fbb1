"""What the app declared in its manifest and Slack's client shows: shortcuts, steps of workflows, and the prompts of its
Messages tab.

A test holds both against `manifest.yml`, which is not part of the installed package.
"""

from __future__ import annotations

from typing import Any

SHORTCUTS = (
    {
        "name": "Research this message",
        "type": "message",
        "callback_id": "research_message",
        "description": "Ask what a message makes you want to know",
    },
    {
        "name": "New research",
        "type": "global",
        "callback_id": "research_new",
        "description": "Open the form: one question or up to ten",
    },
)
PROMPTS = (
    {
        "title": "Compare options",
        "message": "Compare the leading open-source vector databases for a corpus of 50 million documents.",
    },
    {
        "title": "Check a claim",
        "message": "How much do heat pumps really save in old, badly insulated houses? What do field studies say?",
    },
    {
        "title": "Get an overview",
        "message": "What are the most promising solid-state battery chemistries, and when could they reach cars?",
    },
)
STEPS: dict[str, dict[str, Any]] = {
    "deep_research": {
        "title": "Run deep research",
        "description": "Researches a question on the web and gives a cited report",
        "input_parameters": {
            "properties": {
                "question": {
                    "type": "string",
                    "title": "Question",
                    "description": "What to research",
                },
                "requester": {
                    "type": "slack#/types/user_id",
                    "title": "Requested by",
                    "description": "In whose name it runs. Their limits count, and they may stop it",
                },
                "channel": {
                    "type": "slack#/types/channel_id",
                    "title": "Channel",
                    "description": "Where its thread is. The app and the requester have to be in it",
                },
            },
            "required": ["question", "requester", "channel"],
        },
        "output_parameters": {
            "properties": {
                "report_summary": {
                    "type": "string",
                    "title": "Summary",
                    "description": "What the report says, in short",
                },
                "report_url": {
                    "type": "string",
                    "title": "Link to the report",
                    "description": "Where the report is in Slack",
                },
            },
            "required": ["report_summary", "report_url"],
        },
    }
}
