"""Every method of the simulated Web API by its name."""

from __future__ import annotations

from bot.sandbox.slack.methods import (
    assistant,
    chat,
    conversations,
    files,
    functions,
    people,
    reactions,
    streams,
    views,
)
from bot.sandbox.slack.methods.call import Method

METHODS: dict[str, Method] = {
    **assistant.METHODS,
    **chat.METHODS,
    **conversations.METHODS,
    **files.METHODS,
    **people.METHODS,
    **functions.METHODS,
    **reactions.METHODS,
    **streams.METHODS,
    **views.METHODS,
}
