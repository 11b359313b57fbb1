"""Every setting of the bot: its variable, type, unit, default and range. `bot/variables.py` reads and explains them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import NoDecode

from bot import formats
from bot.domain.policy import Depth, Policy
from bot.variables import Knob, Variables, read, table

Url = Annotated[str, AfterValidator(formats.url)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,199}$")]
Secret = Annotated[SecretStr, AfterValidator(formats.printable)]
Seconds = Annotated[float, Field(ge=0.05, le=86_400, allow_inf_nan=False)]
Limit = Annotated[int, Field(ge=0, le=1_000_000)]
Port = Annotated[
    int,
    Field(ge=0, le=65_535),
    Knob("port of the HTTP server: `/healthz`, `/readyz`, and `/slack/events` in HTTP mode", example="3000"),
]
LogLevel = Annotated[
    Literal["debug", "info", "warning", "error"],
    BeforeValidator(formats.lower),
    Knob("least important lines that are logged, to stderr", "debug, info, warning or error", "info"),
]
LogFormat = Annotated[
    Literal["console", "json"],
    BeforeValidator(formats.lower),
    Knob("how the log is written: for people or for machines", "console or json", "json"),
]
GeminiKey = Annotated[
    Secret,
    Knob(
        "key of the Gemini API; sent in a header, never in an address",
        "an API key of Google AI Studio, of a project with a paid plan",
        "AIzaSy…",
        secret=True,
    ),
]
GeminiBase = Annotated[
    Url,
    Knob("base address of the Interactions API", "an address", "https://generativelanguage.googleapis.com"),
]
Agent = Annotated[
    Name, Knob("agent of a standard research", "the name of an agent", "deep-research-preview-04-2026")
]
GeminiVersion = Annotated[Name, Knob("path segment after that base", "a version", "v1beta")]


DatabaseUrl = Annotated[
    str,
    Field(repr=False),
    AfterValidator(formats.database),
    Knob(
        "SQLAlchemy URL of the database, `sqlite+aiosqlite:///…` or `postgresql://…` (also `postgres://…`)",
        "the address of a database",
        "sqlite+aiosqlite:///research.db or postgresql://user:password@host/name",
        secret=True,
    ),
]


class Settings(Variables):
    """What `serve` and `doctor` run with. Field names are the variables' names in lower case."""

    slack_bot_token: Annotated[
        SecretStr | None,
        AfterValidator(formats.bot_token),
        Knob(
            "bot token of the one workspace; required unless OAuth is configured",
            'the "Bot User OAuth Token" of the Slack app\'s page "OAuth & Permissions"',
            "xoxb-1234567890-1234567890-AbCdEf",
            secret=True,
        ),
    ] = None
    slack_app_token: Annotated[
        SecretStr | None,
        AfterValidator(formats.app_token),
        Knob(
            "app-level token; its presence selects Socket Mode",
            'an app-level token with the scope connections:write, of the page "Basic Information"',
            "xapp-1-A0123456789-1234567890-abcdef",
            secret=True,
        ),
    ] = None
    slack_signing_secret: Annotated[
        SecretStr | None,
        AfterValidator(formats.printable),
        Knob(
            "HTTP mode: verifies what arrives at `POST /slack/events`",
            'the "Signing Secret" of the page "Basic Information"',
            "0123456789abcdef0123456789abcdef",
            secret=True,
        ),
    ] = None
    slack_client_id: Annotated[
        Name | None,
        Knob(
            "many workspaces by OAuth, over HTTP only: people install the app at `/slack/install`",
            'the "Client ID" of the page "Basic Information"',
            "1234567890.1234567890",
        ),
    ] = None
    slack_client_secret: Annotated[
        Secret | None,
        Knob(
            "goes with `SLACK_CLIENT_ID`",
            'the "Client Secret" of the page "Basic Information"',
            "0123456789abcdef0123456789abcdef",
            secret=True,
        ),
    ] = None
    slack_api_url: Annotated[
        Url,
        AfterValidator(formats.slash_at_the_end),
        Knob("Slack Web API base", "an address", "https://slack.com/api/"),
    ] = "https://slack.com/api/"
    gemini_api_key: GeminiKey
    google_gemini_base_url: GeminiBase = "https://generativelanguage.googleapis.com"
    gemini_api_version: GeminiVersion = "v1beta"
    gemini_webhook_secret: Annotated[
        SecretStr | None,
        AfterValidator(formats.webhook_secret),
        Knob(
            "secret of a static webhook at Gemini; enables `POST /gemini/webhook`, which only wakes the poller",
            "the signing secret that Gemini gave once (several, after a rotation, with commas)",
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            secret=True,
        ),
    ] = None
    database_url: DatabaseUrl = "sqlite+aiosqlite:///research.db"
    encryption_keys: Annotated[
        SecretStr | None,
        AfterValidator(formats.encryption_keys),
        Knob(
            "keys for the tokens of many workspaces at rest, with commas: the first seals, all open; needed for OAuth",
            "32 random bytes in base64, as `openssl rand -base64 32` gives them",
            "kVbNd1p5V0e0pGQz1mJmRkZtTzq3m0mZpM5b9iT0b8o=",
            secret=True,
        ),
    ] = None
    host: Annotated[
        str,
        Field(pattern=r"^[A-Za-z0-9.:_-]+$"),
        Knob(
            "address the HTTP server listens on (containers: `0.0.0.0`)",
            "a host name or address",
            "127.0.0.1",
        ),
    ] = "127.0.0.1"
    port: Port = 3000
    metrics_port: Annotated[
        int,
        Field(ge=0, le=65_535),
        Knob("port of `/metrics`, a listener of its own on `HOST`; `0` = off", example="9100"),
    ] = 0
    research_agent: Agent = "deep-research-preview-04-2026"
    research_agent_max: Annotated[
        Name,
        Knob("agent of a thorough research", "the name of an agent", "deep-research-max-preview-04-2026"),
    ] = "deep-research-max-preview-04-2026"
    research_model: Annotated[
        Name,
        Knob(
            "model for quick answers and follow-ups",
            "the name of a model",
            "gemini-3.8-flash",
        ),
    ] = "gemini-3.8-flash"
    research_admins: Annotated[
        frozenset[str],
        NoDecode,
        BeforeValidator(formats.people),
        AfterValidator(formats.known_ids),
        Knob(
            "who is an admin besides the workspace's admins and owners: Slack user ids (`U…`, or `T…:U…`), with commas",
            "Slack user ids with commas between them",
            "U024BE7LH,T0G9PQBBK:W012A3CDE",
        ),
    ] = frozenset()
    research_stream: Annotated[
        bool,
        Knob(
            "follow by server-sent events while they last; polling is always the fallback",
            "true or false",
            "true",
        ),
    ] = True
    research_poll_initial_seconds: Annotated[
        Seconds, Knob("first wait of the polling backoff, which doubles", unit="seconds", example="2")
    ] = 2.0
    research_poll_max_seconds: Annotated[
        Seconds,
        Knob("longest wait of the polling backoff, not below the first", unit="seconds", example="10"),
    ] = 10.0
    research_deadline_seconds: Annotated[
        float,
        Field(ge=1, le=604_800, allow_inf_nan=False),
        Knob("own deadline of one research, from its start at Gemini", unit="seconds", example="3900"),
    ] = 3900.0
    research_progress_seconds: Annotated[
        Seconds, Knob("least time between two edits of one progress card", unit="seconds", example="3")
    ] = 3.0
    research_max_active_per_user: Annotated[
        Limit,
        Knob(
            "how many researches of one person may run at once; `0` = no limit",
            unit="researches",
            example="3",
        ),
    ] = 3
    research_max_active: Annotated[
        Limit, Knob("how many researches may run at once; `0` = no limit", unit="researches", example="20")
    ] = 0
    research_daily_per_user: Annotated[
        Limit,
        Knob(
            "how many researches one person may ask for in a day; `0` = no limit",
            unit="researches",
            example="10",
        ),
    ] = 0
    research_monthly_budget_usd: Annotated[
        float,
        Field(ge=0, le=10_000_000, allow_inf_nan=False),
        Knob("what the researches of a month may cost; `0` = no limit", unit="US dollars", example="500"),
    ] = 0.0
    research_retention_days: Annotated[
        int,
        Field(ge=1, le=36_500),
        Knob("how long questions and reports are kept here", unit="days", example="90"),
    ] = 90
    research_whole_parts: Annotated[
        Limit,
        Knob(
            "up to how many messages long a report is shown whole in its thread; a longer one comes as summary, contents "
            "and attached files, with a button that shows all of it; `0` = always whole",
            unit="messages",
            example="4",
        ),
    ] = 4
    log_level: LogLevel = "info"
    log_format: LogFormat = "console"
    otel_exporter_otlp_endpoint: Annotated[
        Url | None,
        Knob(
            "where traces go, a collector of OpenTelemetry over HTTP (`/v1/traces` is added); needs the extra `tracing`",
            "an address",
            "http://localhost:4318",
        ),
    ] = None

    @classmethod
    def absent(cls, raw: Mapping[str, Any]) -> dict[str, str]:
        """One workspace by its token, or many by OAuth; either way to hear from Slack is enough for one."""
        if raw.get("slack_client_id") or raw.get("slack_client_secret"):
            together = ("slack_client_id", "slack_client_secret", "slack_signing_secret", "encryption_keys")
            missing = {name: "is missing, which OAuth needs" for name in together if not raw.get(name)}
            alone = ("slack_bot_token", "slack_app_token")
            return missing | {
                name: "is set, but with OAuth each workspace has a token of its own, and is heard over HTTP. Remove it."
                for name in alone
                if raw.get(name)
            }
        needed = {
            "slack_bot_token": ("is missing", raw.get("slack_bot_token")),
            "slack_app_token": (
                "or, for HTTP mode, SLACK_SIGNING_SECRET is missing",
                raw.get("slack_app_token") or raw.get("slack_signing_secret"),
            ),
        }
        return {name: fault for name, (fault, given) in needed.items() if not given}

    @field_validator("research_poll_max_seconds")
    @classmethod
    def _not_below_the_first(cls, value: float, info: ValidationInfo) -> float:
        first = info.data.get("research_poll_initial_seconds", value)
        if value < first:
            raise ValueError(f"is {value:g}, which is less than RESEARCH_POLL_INITIAL_SECONDS ({first:g})")
        return value

    @field_validator("metrics_port")
    @classmethod
    def _not_the_same(cls, value: int, info: ValidationInfo) -> int:
        if value and value == info.data.get("port"):
            raise ValueError(f"is {value}, as is PORT")
        return value

    @property
    def credentials(self) -> tuple[str, str] | None:
        """The app's client id and secret, where many workspaces install it by OAuth."""
        if self.slack_client_id is None or self.slack_client_secret is None:
            return None
        return self.slack_client_id, self.slack_client_secret.get_secret_value()

    @property
    def keys(self) -> tuple[bytes, ...]:
        """The keys for secrets at rest."""
        return () if self.encryption_keys is None else formats.keys(self.encryption_keys)

    @property
    def socket_mode(self) -> bool:
        """Whether Slack is heard over Socket Mode; over HTTP otherwise."""
        return self.slack_app_token is not None

    def policy(self) -> Policy:
        """The knobs of the work."""
        return Policy(
            agents={
                Depth.QUICK: self.research_model,
                Depth.STANDARD: self.research_agent,
                Depth.MAX: self.research_agent_max,
            },
            stream=self.research_stream,
            poll_initial=self.research_poll_initial_seconds,
            poll_max=self.research_poll_max_seconds,
            deadline=self.research_deadline_seconds,
            card_interval=self.research_progress_seconds,
            max_active_per_user=self.research_max_active_per_user,
            max_active=self.research_max_active,
            daily_per_user=self.research_daily_per_user,
            monthly_budget_usd=self.research_monthly_budget_usd,
            retention_days=self.research_retention_days,
            whole_parts=self.research_whole_parts,
            admins=self.research_admins,
        )


class MigrationSettings(Variables):
    """What `migrate` runs with: it talks to nobody but the database."""

    database_url: DatabaseUrl = "sqlite+aiosqlite:///research.db"
    log_level: LogLevel = "info"
    log_format: LogFormat = "console"


class DemoSettings(Variables):
    """The variables that the demo looks at; all others, Slack, Gemini and database, are nothing to it."""

    port: Port = 3000
    log_level: LogLevel = "info"
    log_format: LogFormat = "console"


class RealGeminiSettings(Variables):
    """What talks to the real Gemini and to nobody else: `gemini`, and the demo when it is asked for the real agent."""

    gemini_api_key: GeminiKey
    google_gemini_base_url: GeminiBase = "https://generativelanguage.googleapis.com"
    gemini_api_version: GeminiVersion = "v1beta"
    research_agent: Agent = "deep-research-preview-04-2026"


DOCS = table(Settings)


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """The settings of this process, or those in `environ` alone.

    Raises `ConfigurationError`, whose one message names every variable at fault and what to put there.
    """
    return read(Settings, environ)
