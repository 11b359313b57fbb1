"""A press of one of our buttons, as Slack tells of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Click:
    """A pressed button: by whom, where, and the opaque value it carried."""

    team_id: str
    person_id: str
    channel_id: str
    thread_ts: str | None
    value: str
    attempt: int
    """Which attempt the button stands below; 0 where that does not matter."""
    response_url: str
    is_private: bool
    """In a message that only its person sees, such as the list of `/research-status`."""
    trigger_id: str = ""
    """Opens one modal within 3 s (Slack docs: trigger_id)."""
    modal_id: str = ""
    """The modal that it stands in."""

    @property
    def is_in_view(self) -> bool:
        """In the Home tab or in a modal, where no message can be shown."""
        return not self.channel_id


def click_of(body: Body) -> Click:
    """The parts of a block_actions payload that we use (Slack docs: block_actions payload)."""
    container = body.get("container") or {}
    channel = body.get("channel") or {}
    view = body.get("view") or {}
    attempt = str(body["actions"][0].get("block_id") or "").rpartition(":")[2]
    return Click(
        team_id=(body.get("team") or {}).get("id") or body["user"].get("team_id", ""),
        person_id=body["user"]["id"],
        channel_id=channel.get("id") or container.get("channel_id", ""),
        thread_ts=container.get("thread_ts"),
        value=str(body["actions"][0].get("value") or ""),
        attempt=int(attempt) if attempt.isdecimal() else 0,
        response_url=body.get("response_url") or "",
        is_private=bool(container.get("is_ephemeral")),
        trigger_id=str(body.get("trigger_id") or ""),
        modal_id=str(view.get("id") or "") if view.get("type") == "modal" else "",
    )
