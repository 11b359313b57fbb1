"""The workspace as it is when the simulated Slack starts: who is there, and which channels."""

from __future__ import annotations

from bot.sandbox.slack.message import AppIdentity
from bot.sandbox.slack.mint import Mint
from bot.sandbox.slack.workspace import Workspace

TEAM_ID, TEAM_NAME = "T0SANDBOX", "Sandbox"
ADA, BEN, CLEO, GUS, BOT = "U0ADA", "U0BEN", "U0CLEO", "U0GUS", "U0BOT"
RESEARCH, GENERAL, RANDOM = "C0RESEARCH", "C0GENERAL", "C0RANDOM"
SECRET, VAULT, MUSEUM = "C0SECRET", "C0VAULT", "C0MUSEUM"


def furnished(mint: Mint, team_id: str = TEAM_ID, team_name: str = TEAM_NAME) -> Workspace:
    """A team with Ada, Ben, Cleo (admin), Gus (guest), the bot, six channels and the DMs."""
    app = AppIdentity("A0SANDBOX", "B0BOT", BOT, "Deep Research", team_id)
    workspace = Workspace(app, team_name, team_name.lower().replace(" ", "-"), mint)
    workspace.add_person("ada", person_id=ADA, real_name="Ada", title="Asks the questions")
    workspace.add_person("ben", person_id=BEN, real_name="Ben", title="Colleague")
    workspace.add_person("cleo", person_id=CLEO, real_name="Cleo", title="Workspace admin", admin=True)
    workspace.add_person("gus", person_id=GUS, real_name="Gus", title="Guest", guest=True)
    workspace.add_person("deepresearch", person_id=BOT, real_name="Deep Research", bot=True)
    staff = {ADA, BEN, CLEO}
    workspace.add_channel("research", "public", staff | {GUS, BOT}, channel_id=RESEARCH)
    workspace.add_channel("general", "public", staff | {BOT}, channel_id=GENERAL)
    workspace.add_channel("random", "public", staff, channel_id=RANDOM)
    workspace.add_channel("secret", "private", {ADA, BOT}, channel_id=SECRET)
    workspace.add_channel("vault", "private", {ADA}, channel_id=VAULT)
    workspace.add_channel("museum", "public", staff | {BOT}, channel_id=MUSEUM).archived = True
    for person in (ADA, BEN, CLEO, GUS):
        name = "dm-" + "-".join(sorted((person, BOT)))
        workspace.add_channel(name, "im", {person, BOT}, channel_id=f"D0{person[2:]}")
    return workspace
