"""The addresses besides the Web API: response URLs, upload addresses and file contents."""

from __future__ import annotations

import json
from time import perf_counter
from typing import Any

import anyio
from aiohttp import web

from bot.sandbox.slack import posting
from bot.sandbox.slack.content import read_content
from bot.sandbox.slack.message import Message
from bot.sandbox.slack.platform import Platform
from bot.sandbox.slack.refusal import Refusal
from bot.sandbox.slack.responses import ResponseUrl
from bot.sandbox.slack.web_api import cut

Json = dict[str, Any]


def _original(platform: Platform, url: ResponseUrl) -> Message | None:
    """The message that was clicked, if it is still there."""
    if url.ephemeral_id:
        return platform.workspace.ephemerals.get(url.person, {}).get(url.ephemeral_id)
    return platform.workspace.message(url.channel, url.message_ts) if url.message_ts else None


def respond(platform: Platform, url: ResponseUrl, body: Json) -> None:
    """Applies what an app answered, by response_url or in an ack (Slack docs: handling user interaction).

    Ephemeral by default; replace_original and delete_original concern the clicked message; a thread reply needs
    in_channel, thread_ts and no replace_original. Membership does not matter.
    """
    original = _original(platform, url)
    if body.get("delete_original") and not url.slash:
        if original is not None:
            posting.delete(platform, original)
        return
    content = read_content(body, platform.mint, platform.refuse_blocks, update=False)
    if body.get("replace_original") and original is not None:
        before = original.shape(platform.workspace.app)
        original.text, original.blocks = content.text, content.blocks
        posting.edit(platform, original, before)
        return
    channel = platform.workspace.channels[url.channel]
    fields: Json = {"text": content.text, "blocks": content.blocks}
    if body.get("response_type") == "in_channel":
        thread_ts = body.get("thread_ts") if not body.get("replace_original") else None
        posting.publish(platform, posting.bot_message(platform, channel, thread_ts=thread_ts, **fields))
        return
    fields["thread_ts"] = url.thread_ts
    posting.publish(platform, posting.ephemeral(platform, channel, url.person, **fields))


def _read_all(part: web.FileField) -> bytes:
    with part.file:
        return part.file.read()


class Hooks:
    """Answers `/hooks/…`, `/upload/…` and `/files/…`."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform

    async def response_url(self, request: web.Request) -> web.StreamResponse:
        """One use of a response_url: 200 `ok`, 404 used_url or expired_url, 400 for content that is refused."""
        started = perf_counter()
        text = await request.text()
        try:
            body = json.loads(text) if text else {}
        except ValueError:
            return web.Response(status=400, text="invalid_payload")
        fault = self.platform.faults.take("response_url", body)
        if fault is not None and fault.kind == "drop_before":
            return cut(request)
        if fault is not None and fault.kind in ("status", "rate_limited", "error"):
            status = {"status": fault.status_code, "rate_limited": 429}.get(fault.kind, 404)
            return web.json_response({"ok": False, "error": fault.code or fault.kind}, status=status)
        error, status = None, 200
        try:
            url = self.platform.permissions.use_url(request.match_info["path"])
        except Refusal as refusal:
            error, status = refusal.code, 404
        else:
            error, status = self._apply(url, body)
        self._note("response_url", str(body.get("response_type", "ephemeral")), body, error, started)
        if fault is not None and fault.kind == "drop_after":
            return cut(request)
        if fault is not None and fault.kind == "delay":
            await anyio.sleep(fault.seconds)
        if error:
            return web.json_response({"ok": False, "error": error}, status=status)
        return web.Response(text="ok")

    def _apply(self, url: ResponseUrl, body: Json) -> tuple[str | None, int]:
        try:
            respond(self.platform, url, body)
        except Refusal as refusal:
            return refusal.code, 400
        return None, 200

    def _note(self, kind: str, summary: str, body: Json, error: str | None, started: float) -> None:
        platform = self.platform
        platform.note_traffic(
            {
                "at": platform.clock.now(),
                "from": "app",
                "kind": kind,
                "name": "upload" if kind == "http" else kind,
                "ok": error is None,
                "ms": round((perf_counter() - started) * 1000, 1),
                "summary": error or summary,
                "request": body,
                "response": error or "ok",
            }
        )

    async def upload(self, request: web.Request) -> web.StreamResponse:
        """Takes a file's bytes, raw or multipart: 200 `OK - <n>` (Slack docs: working with files)."""
        started = perf_counter()
        file = self.platform.files.uploads.get(request.match_info["ticket"])
        if file is None:
            return web.Response(status=404, text="upload not found")
        fault = self.platform.faults.take("upload", {"filename": file.name})
        if fault is not None and fault.kind == "drop_before":
            return cut(request)
        if fault is not None and fault.kind in ("status", "rate_limited", "error"):
            return web.Response(
                status=fault.status_code if fault.kind == "status" else 500, text="upload failed"
            )
        if request.content_type == "multipart/form-data":
            fields = (await request.post()).values()
            part = next((one for one in fields if isinstance(one, web.FileField)), None)
            file.content = await anyio.to_thread.run_sync(_read_all, part) if part else b""
        else:
            file.content = await request.read()
        self._note("http", f"{file.name} · {len(file.content)} bytes", {"file": file.id}, None, started)
        if fault is not None and fault.kind == "drop_after":
            return cut(request)
        return web.Response(text=f"OK - {len(file.content)}")

    async def content(self, request: web.Request) -> web.StreamResponse:
        """A file's content; sandboxed, so that an uploaded page cannot act as the sandbox's own."""
        file = self.platform.files.by_id.get(request.match_info["id"])
        if file is None or file.content is None:
            return web.Response(status=404)
        headers = {"Content-Security-Policy": "sandbox", "X-Content-Type-Options": "nosniff"}
        kind = file.mimetype
        charset = "utf-8" if kind.startswith("text/") else None
        return web.Response(body=file.content, content_type=kind, charset=charset, headers=headers)
