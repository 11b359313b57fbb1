"""How variables of the environment are read and explained; `bot/settings.py` says which there are.

All faults are told at once, in one `ConfigurationError` with a line for each variable: what is wrong, what to put there,
an example. Values of secrets are never shown.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self, TypeVar

from annotated_types import Ge, Le
from pydantic import ModelWrapValidatorHandler, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from bot.errors import ConfigurationError

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo
    from pydantic_core import ErrorDetails

V = TypeVar("V", bound="Variables")

HEADING = "The configuration is not complete or not right. Set these variables in the environment or in a file .env:"
_ALONE = "nothing_else_is_read"
_LONGEST_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Knob:
    """What a person must know about a variable. `put` may be empty for a number: its bounds say it."""

    meaning: str
    put: str = ""
    example: str = ""
    unit: str = ""
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Documented:
    """One row of the table of variables."""

    name: str
    meaning: str
    unit: str
    default: str


class Variables(BaseSettings):
    """Read from the environment, then from `.env`; an empty variable counts as not set."""

    model_config = SettingsConfigDict(
        env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True, validate_default=False
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003  # pydantic-settings names it
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003  # as above
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What `read` was given is all there is; otherwise the environment, then `.env`."""
        return (init_settings,) if _ALONE in init_settings() else (env_settings, dotenv_settings)

    @model_validator(mode="wrap")
    @classmethod
    def _tell_all_faults(cls, raw: dict[str, Any], handler: ModelWrapValidatorHandler[Self]) -> Self:
        faults = cls.absent(raw)
        try:
            variables = handler(raw)
        except ValidationError as error:
            for one in error.errors():
                name = str(one["loc"][0])
                faults[name] = _what_is_wrong(one, cls.model_fields[name])
        if not faults:
            return variables
        lines = (
            f"  {name.upper()} {_sentences(faults[name], field)}"
            for name, field in cls.model_fields.items()
            if name in faults
        )
        raise ConfigurationError("\n".join((HEADING, *lines)))

    @classmethod
    def absent(cls, raw: Mapping[str, Any]) -> dict[str, str]:  # noqa: ARG003  # for those who override it
        """Faults, by field, of what is needed only together with or instead of something else."""
        return {}

    def secrets(self) -> frozenset[str]:
        """The values that no log may show."""
        values = (getattr(self, name) for name in type(self).model_fields)
        return frozenset(value.get_secret_value() for value in values if isinstance(value, SecretStr))


def read(kind: type[V], environ: Mapping[str, str] | None) -> V:
    """Variables from the process's environment and `.env`, or from `environ` alone where that is given.

    Raises `ConfigurationError` with the one message about everything that is wrong.
    """
    given: dict[str, Any] = {}
    if environ is not None:
        given = {name.lower(): value for name, value in environ.items() if value} | {_ALONE: True}
    try:
        return kind(**given)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"The file .env cannot be read: {error}") from error


def table(kind: type[Variables]) -> tuple[Documented, ...]:
    """What the README says about each variable, in the order of declaration."""
    return tuple(
        Documented(name.upper(), knob_of(field).meaning, knob_of(field).unit, _default(field))
        for name, field in kind.model_fields.items()
    )


def knob_of(field: FieldInfo) -> Knob:
    """The explanation that a field carries."""
    return next(one for one in field.metadata if isinstance(one, Knob))


def shown(value: object) -> str:
    """A value in a message: quoted, in one line, not too long."""
    text = " ".join((value if isinstance(value, str) else repr(value)).splitlines())
    return json.dumps(
        text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…", ensure_ascii=False
    )


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    match field.default:
        case None:
            return "none"
        case bool() as flag:
            return str(flag).lower()
        case frozenset():
            return "empty"
        case value:
            return f"{value:g}" if isinstance(value, float) else str(value)


def _what_is_wrong(error: ErrorDetails, field: FieldInfo) -> str:
    if error["type"] == "missing":
        return "is missing"
    cause = error.get("ctx", {}).get("error")
    if isinstance(cause, ValueError):
        return str(cause)
    return "has a value that does not fit" if knob_of(field).secret else f"is {shown(error['input'])}"


def _sentences(fault: str, field: FieldInfo) -> str:
    """What is wrong and what to put there; a fault that ends in a stop says the second itself."""
    return fault if fault.endswith(".") else f"{fault}. {_remedy(field)}"


def _remedy(field: FieldInfo) -> str:
    knob = knob_of(field)
    put = knob.put or _bounds(field)
    example = f", for example {knob.example}" if knob.example else ""
    return f"{put if knob.put.endswith('.') else f'Put {put}{example}'}"


def _bounds(field: FieldInfo) -> str:
    least = next((one.ge for one in field.metadata if isinstance(one, Ge)), None)
    most = next((one.le for one in field.metadata if isinstance(one, Le)), None)
    kind = "a whole number" if field.annotation is int else "a number"
    unit = f" of {knob_of(field).unit}" if knob_of(field).unit else ""
    return f"{kind}{unit} from {least:.12g} to {most:.12g}"
