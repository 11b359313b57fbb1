"""The least that any program would have to do: two WebSockets that acknowledge each envelope, and nothing else."""

from __future__ import annotations

import json
import sys

import aiohttp
import anyio


async def run(api_url: str, app_token: str) -> None:
    """Connects twice and acknowledges until it is terminated."""
    async with aiohttp.ClientSession() as session, anyio.create_task_group() as tasks:
        for number in range(2):
            tasks.start_soon(_acknowledge, session, api_url, app_token, name=f"socket {number}")


async def _acknowledge(session: aiohttp.ClientSession, api_url: str, app_token: str) -> None:
    headers = {"Authorization": f"Bearer {app_token}"}
    async with session.post(f"{api_url}apps.connections.open", headers=headers) as response:
        url = (await response.json())["url"]
    payload = {"response_type": "ephemeral", "text": "Got it."}
    async with session.ws_connect(url) as socket:
        async for message in socket:
            envelope = json.loads(message.data)
            if "envelope_id" in envelope:
                await socket.send_json({"envelope_id": envelope["envelope_id"], "payload": payload})


if __name__ == "__main__":
    anyio.run(run, sys.argv[1], sys.argv[2])
