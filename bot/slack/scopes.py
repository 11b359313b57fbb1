"""What the app may do in a workspace: the bot scopes, and what each is for."""

from __future__ import annotations

SCOPES = {
    "app_mentions:read": "questions that begin with the bot's name",
    "assistant:write": "Slack's own Stop button",
    "channels:history": "reading back what was posted in public channels after a crash, and threads that people send along",
    "channels:read": "seeing whether the bot is in a public channel",
    "chat:write": "posting at all",
    "commands": "/research and /research-status",
    "files:read": "seeing whether an attached report has arrived",
    "files:write": "attaching reports, charts and pictures",
    "groups:history": "the same in private channels",
    "groups:read": "seeing whether the bot is in a private channel",
    "im:history": "questions in direct messages, and reading back what was posted there after a crash",
    "im:read": "recognising a direct message",
    "im:write": "writing to people directly where it cannot post",
    "mpim:history": "the same in group messages",
    "mpim:read": "recognising a group message",
    "usergroups:read": "seeing who is in a user group that admins have allowed or denied",
    "users:read": "telling admins and guests apart from others",
}
"""What `manifest.yml` asks for, and what each is for."""
