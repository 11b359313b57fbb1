"""The simulated Slack in a process of its own: prints one line of JSON with its addresses and tokens, then serves."""

from __future__ import annotations

import argparse
import json
import sys

import anyio

from bot.sandbox.slack.server import SimulatedSlack


async def run(port: int, *, lenient: bool) -> None:
    """Serves until it is interrupted; `lenient` leaves the rate limits out."""
    async with SimulatedSlack.serve(port=port) as slack:
        slack.strict_limits = not lenient
        names = ("url", "api_url", "bot_token", "app_token", "signing_secret")
        sys.stdout.write(json.dumps({name: getattr(slack, name) for name in names}) + "\n")
        sys.stdout.flush()
        await anyio.sleep_forever()


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(prog="python -m bot.sandbox.slack", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--lenient", action="store_true", help="no rate limits")
    options = parser.parse_args()
    try:
        anyio.run(lambda: run(options.port, lenient=options.lenient))
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
