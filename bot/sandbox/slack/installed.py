"""What the app declared in its manifest and Slack's client shows: shortcuts, and the prompts of its Messages tab.

A test holds both against `manifest.yml`, which is not part of the installed package.
"""

from __future__ import annotations

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
