"""Files of the simulated workspace: upload tickets, contents, and where a file was shared."""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from bot.sandbox.slack.channel import Channel
from bot.sandbox.slack.mint import Mint

Json = dict[str, Any]
mimetypes.init()


@dataclass
class File:
    """One file: `content` is None until its bytes were uploaded, `complete` once it was completed."""

    id: str
    name: str
    length: int
    alt: str = ""
    title: str = ""
    content: bytes | None = None
    complete: bool = False
    created: int = 0
    shares: Json = field(default_factory=dict)

    @property
    def mimetype(self) -> str:
        """Guessed from the name."""
        if self.name.endswith(".md"):
            return "text/markdown"
        return mimetypes.guess_type(self.name)[0] or "application/octet-stream"

    def path(self) -> str:
        """Where its content is served."""
        return f"/files/{self.id}/{quote(self.name)}"

    def shape(self, base: str, owner: str) -> Json:
        """The file object (Slack docs: files.info)."""
        url = base + self.path()
        return {
            "id": self.id,
            "created": self.created,
            "timestamp": self.created,
            "name": self.name,
            "title": self.title or self.name,
            "mimetype": self.mimetype,
            "filetype": self.name.rpartition(".")[2],
            "user": owner,
            "size": len(self.content or b""),
            "mode": "hosted",
            "alt_txt": self.alt,
            "is_public": "public" in self.shares,
            "url_private": url,
            "url_private_download": url,
            "permalink": url,
            "shares": self.shares,
            "channels": list(self.shares.get("public", {})),
            "groups": list(self.shares.get("private", {})),
        }

    def shared(self, channel: Channel, ts: str, thread_ts: str | None) -> None:
        """Notes the message that shares it."""
        kind = "public" if channel.kind == "public" else "private"
        share: Json = {"ts": ts, "channel_name": channel.name, "share_user_id": ""}
        if thread_ts:
            share["thread_ts"] = thread_ts
        self.shares.setdefault(kind, {}).setdefault(channel.id, []).append(share)


class FileShelf:
    """All files by id, and the upload addresses that are still open."""

    def __init__(self, mint: Mint) -> None:
        self._mint = mint
        self.by_id: dict[str, File] = {}
        self.uploads: dict[str, File] = {}

    def expect(self, name: str, length: int, alt: str, created: int) -> tuple[str, File]:
        """A new file without content, and the ticket of its upload address."""
        file = File(self._mint.id("F"), name, length, alt, created=created)
        ticket = self._mint.secret()
        self.by_id[file.id] = file
        self.uploads[ticket] = file
        return ticket, file
