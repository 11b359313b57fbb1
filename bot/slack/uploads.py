"""Files of a report on their way into a thread: the bytes, the completion, and where Slack shows them.

Files carry no metadata: `files.info` tells where one is shared, and that is how a completed one is found again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.errors import SlackBusy, SlackError, SlackRefused, SlackUncertain
from bot.slack.web import text_at

if TYPE_CHECKING:
    from bot.domain.letters import Address, File
    from bot.ports import Clock
    from bot.slack.web import SlackWeb

SHARE_SECONDS = 20.0
FIRST_LOOK, SLOWEST_LOOK = 0.3, 1.0
TICKET = "files.getUploadURLExternal"
COMPLETE = "files.completeUploadExternal"
_GONE_OR_DONE = ("file_not_found", "file_update_failed")


class Uploads:
    """The three steps of an upload, each of which may be the last one before a crash."""

    def __init__(self, web: SlackWeb, clock: Clock) -> None:
        self._web = web
        self._clock = clock

    async def store(self, team_id: str, file: File) -> str:
        """Brings the bytes to Slack, not yet visible to anybody; gives the file id. Safe to repeat.

        Slack docs: files.getUploadURLExternal, Tier 4; descriptions are for pictures.
        """
        alt = file.alt[:1000] if file.mime_type.startswith("image/") and file.alt else None
        answer = await self._web.call(
            team_id,
            TICKET,
            filename=file.name,
            length=len(file.content),
            alt_txt=alt,
        )
        file_id = text_at(answer, TICKET, "file_id")
        await self._web.upload(text_at(answer, TICKET, "upload_url"), file.content)
        return file_id

    async def share(self, address: Address, file: File) -> str:
        """Completes a stored file into a thread and waits until it is there (at most 20 s); gives its `ts`.

        Slack docs: files.completeUploadExternal, Tier 4; the message appears some time after the answer. Once the
        call was made, whatever hides its message is SlackUncertain.
        """
        try:
            await self._web.call(
                address.team_id,
                COMPLETE,
                files=[{"id": file.file_id, "title": file.title}],
                channel_id=address.channel_id,
                thread_ts=address.thread_ts,
            )
        except SlackRefused as refused:
            if refused.code in _GONE_OR_DONE and (ts := await self.find(address, file)):
                return ts
            raise
        return await self._wait_for_share(address, file)

    async def find(self, address: Address, file: File) -> str | None:
        """The `ts` of the message that shows the file at this address, if there is one (Slack docs: files.info)."""
        if not file.file_id:
            return None
        try:
            answer = await self._web.call(address.team_id, "files.info", file=file.file_id)
        except SlackRefused as refused:
            if refused.code == "file_not_found":
                return None
            raise
        return _share_at(address, answer.get("file") or {})

    async def _wait_for_share(self, address: Address, file: File) -> str:
        until = self._clock.monotonic() + SHARE_SECONDS
        pause = FIRST_LOOK
        while self._clock.monotonic() + pause < until:
            await self._clock.sleep(pause)
            pause = min(SLOWEST_LOOK, pause * 1.5)
            try:
                if ts := await self.find(address, file):
                    return ts
            except SlackRefused as refused:
                raise SlackUncertain(COMPLETE, refused.code) from None
            except SlackBusy as busy:
                pause = max(pause, busy.retry_after)
            except SlackError:
                continue  # unreachable or unclear: looking is safe to repeat
        raise SlackUncertain(COMPLETE, "not_shared_yet")


def _share_at(address: Address, file: dict[str, Any]) -> str | None:
    for channels in (file.get("shares") or {}).values():
        for share in channels.get(address.channel_id, ()):
            ts, thread_ts = str(share["ts"]), share.get("thread_ts")
            if thread_ts == address.thread_ts or (address.thread_ts is None and thread_ts == ts):
                return ts
    return None
