"""What one torture does: how long, how hard, and in which hurried time the bots live. Values only."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field


@dataclass(frozen=True, slots=True)
class Hurry:
    """The bots' own waits, in seconds, shortened alike so that what must be longer than something else stays so."""

    lease: float = 6.0
    renew_every: float = 2.0
    settle_pause: float = 4.0
    call: float = 2.0
    margin: float = 3.0
    share: float = 3.0
    idle: float = 2.0
    slow_poll: float = 2.0
    poll_initial: float = 0.3
    poll_max: float = 1.5
    card_interval: float = 0.5
    busy_milliseconds: int = 1500
    parked: float = 1.5
    slack_pause: float = 0.5

    def __post_init__(self) -> None:
        assert self.call < self.margin < self.lease, "a call must end before its lease does"
        assert self.call < self.settle_pause < self.lease, "what is read back must be over"

    def as_dict(self) -> dict[str, float]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that a run is made from; the same plan makes the same choices."""

    seed: int
    kills: int = 200
    processes: int = 1
    database_url: str = ""
    at_once: int = 8
    """Researches under way that the people see to."""
    most: int = 400
    longest: float = 1200.0
    """Seconds after which the torment ends, whatever is left of the kills."""
    calm: float = 600.0
    """Seconds that everything has to settle in when the faults have stopped."""
    pace: float = 0.2
    slack_faults: float = 0.12
    gemini_faults: float = 0.12
    kills_at_calls: float = 0.012
    """How likely a single call to Slack or Gemini kills a process the moment it is taken in."""
    gap: tuple[float, float] = (0.3, 3.0)
    hurry: Hurry = field(default_factory=Hurry)

    @property
    def on_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")
