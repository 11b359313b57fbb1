"""Every error of ours, drawn once. Each class's docstring is the sentence a person may read.

::

    BotError
    ├── OursError                     we, or whoever configured us
    │   ├── ConfigurationError        a setting is missing or wrong (exit 2)
    │   ├── StoreError                the database cannot be opened, read or written
    │   │   ├── SecretSealed          a stored token cannot be opened with the keys that are set
    │   │   └── DiskFull              its disk takes no more
    │   ├── NotMade                   a file that somebody asked for could not be made of a report
    │   ├── Impaired                  something works less well than it should; the rest does
    │   ├── LeaseLost                 another process took this over: stop, write nothing
    │   └── IllegalEvent              the table of states knows no such edge: nothing changed
    ├── GeminiError                   .may_have_started  .retry_after
    │   ├── GeminiUnreachable         no connection: nothing was started
    │   ├── GeminiBusy                429: nothing was started, try later
    │   ├── GeminiUncertain           5xx, time-out, cut answer: unknown
    │   ├── GeminiNotFound            no such interaction (404 on an id)
    │   └── GeminiRefused             other 4xx: nothing was started, asking again will not help
    │       ├── WrongKey              401
    │       ├── NoCredit              402
    │       ├── NoAccess              403
    │       ├── UnknownAgent          404 at create
    │       └── NotConfirmed          the demo: the person at the terminal did not say yes
    └── SlackError                    .method  .code
        ├── SlackUnreachable          no connection: nothing was sent
        ├── SlackBusy                 429: nothing was sent, .retry_after
        ├── SlackUncertain            5xx, time-out, dropped: it may have been applied
        └── SlackRefused              ok:false with a code: not applied, .remedy
"""

from __future__ import annotations

import inspect
from enum import StrEnum
from typing import ClassVar


class Remedy(StrEnum):
    """What helps against a refusal of Slack; `slack/remedies.py` has the table."""

    RETRY = "retry"  # passing: the same call later
    REFORMAT = "reformat"  # the content: smaller or plainer
    REDIRECT = "redirect"  # the place: a direct message to the asker instead
    RENEW = "renew"  # the thread, which is gone: a new one in a direct message to the asker
    PARK = "park"  # the workspace: kept until the way is open again
    FORGO = "forgo"  # the workspace does not have this at all: go on without it for a while
    GIVE_UP = "give up"  # this one message: go on without it


class BotError(Exception):
    """Something went wrong here. Nothing more is known."""

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or self.sentence)
        self.detail = detail

    @property
    def sentence(self) -> str:
        """What a person is told: the docstring of the class, in one line."""
        return " ".join(inspect.getdoc(type(self)).split())  # type: ignore[union-attr]  # every class here has one


class OursError(BotError):
    """The research bot itself has a problem."""


class ConfigurationError(OursError):
    """A setting is missing or wrong."""


class StoreError(OursError):
    """The database cannot be used right now."""


class SecretSealed(StoreError):
    """A token that is stored here cannot be opened: ENCRYPTION_KEYS lacks the key that it was sealed under."""


class DiskFull(StoreError):
    """The disk of the database takes no more. What was accepted is kept, nothing more is accepted, and everything
    goes on by itself once there is room.
    """


class NotMade(OursError):
    """The file could not be made. The report itself is whole, in the thread."""


class Impaired(OursError):
    """Something works less well than it should. Everything else goes on."""


class LeaseLost(OursError):
    """Another process has taken this over."""


class IllegalEvent(OursError):
    """That cannot happen in this state, so nothing was changed."""


class GeminiError(BotError):
    """Google's research service had a problem."""

    code: ClassVar[str] = "gemini_error"
    may_have_started: ClassVar[bool] = True

    def __init__(
        self, detail: str = "", *, status: int | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.retry_after = retry_after  # seconds, from Retry-After or RetryInfo


class GeminiUnreachable(GeminiError):
    """Google's research service could not be reached. Nothing was started and nothing was spent."""

    code = "gemini_unreachable"
    may_have_started = False


class GeminiBusy(GeminiError):
    """Google's research service takes no more requests right now. Nothing was started and nothing was spent."""

    code = "gemini_busy"
    may_have_started = False


class GeminiUncertain(GeminiError):
    """Google's research service gave no usable answer."""

    code = "gemini_uncertain"


class GeminiNotFound(GeminiError):
    """Google's research service does not know this research (any more)."""

    code = "gemini_not_found"
    may_have_started = False


class GeminiRefused(GeminiError):
    """Google's research service refused the question as it stands. Nothing was started and nothing was spent."""

    code = "gemini_refused"
    may_have_started = False


class WrongKey(GeminiRefused):
    """Google does not accept this bot's API key. Nothing was started and nothing was spent.
    Whoever runs the bot has to set a valid GEMINI_API_KEY.
    """

    code = "wrong_key"


class NoCredit(GeminiRefused):
    """The Google account of this bot has no credit left. Nothing was started and nothing was spent.
    Whoever runs the bot has to top it up in Google AI Studio.
    """

    code = "no_credit"


class NoAccess(GeminiRefused):
    """The Google project of this bot may not use the research agent. Nothing was started and nothing was spent.
    Whoever runs the bot has to enable a paid plan for it.
    """

    code = "no_access"


class UnknownAgent(GeminiRefused):
    """Google does not know (any more) the research agent or model this bot is set to. Nothing was started and nothing
    was spent. Whoever runs the bot has to set RESEARCH_AGENT, RESEARCH_AGENT_MAX or RESEARCH_MODEL to a current one.
    """

    code = "unknown_agent"


class NotConfirmed(GeminiRefused):
    """The paid run was not confirmed in the terminal of the demo. Nothing was started and nothing was spent."""

    code = "not_confirmed"


class SlackError(BotError):
    """Slack had a problem."""

    def __init__(self, method: str, code: str = "", *, retry_after: float = 0.0) -> None:
        super().__init__(f"{method}: {code or type(self).__name__}")
        self.method = method
        self.code = code
        self.retry_after = retry_after  # seconds


class SlackUnreachable(SlackError):
    """Slack could not be reached; nothing was sent."""


class SlackBusy(SlackError):
    """Slack asked us to wait; nothing was sent."""


class SlackUncertain(SlackError):
    """Slack gave no usable answer; the message may or may not have arrived."""


class SlackRefused(SlackError):
    """Slack refused this call."""

    def __init__(self, method: str, code: str, *, remedy: Remedy = Remedy.GIVE_UP) -> None:
        super().__init__(method, code)
        self.remedy = remedy
