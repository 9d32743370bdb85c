"""What `--standin KEY=VALUE` says: any setting of the stand-in for the One API."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, get_args, get_origin

import click
import msgspec
from click.core import ParameterSource

from mockatell.clickatell.standin import StandinSettings
from mockatell.core.scenario.near import quoted, suggestion
from mockatell.errors import ConfigurationError, InputError

if TYPE_CHECKING:
    from collections.abc import Iterable

_TYPES: Final = {field.name: field.type for field in msgspec.structs.fields(StandinSettings)}
_CALLED: Final = {float: "a number", bool: "true or false"}
_RUNNING_ON: Final = re.compile(r",\s*(\w+)=")


def standin_settings(given: Iterable[str], **flags: Any) -> StandinSettings:
    """The stand-in's settings.

    Args:
        given: `key=value` each; of two of one key, the last. Lists are separated by commas.
        flags: Those that have flags of their own, which a `given` key goes before.

    Raises:
        ConfigurationError: There is no such key, or its value cannot be one.
    """
    values = dict(map(_read, given))
    try:
        return StandinSettings(**(flags | values))
    except InputError as error:
        raise ConfigurationError(f"{_flag()}: {error}") from None


def _flag() -> str:
    """Where the settings come from, by the name that their author knows."""
    context = click.get_current_context(silent=True)
    source = None if context is None else context.get_parameter_source("standin")
    return "MOCKATELL_STANDIN" if source is ParameterSource.ENVIRONMENT else "--standin"


def _read(text: str) -> tuple[str, Any]:
    key, equals, value = text.partition("=")
    if not equals:
        raise ConfigurationError(f"{_flag()}: {quoted(key)} is not key=value (as in window=strict)")
    if key not in _TYPES:
        raise ConfigurationError(
            f"{_flag()}: there is no setting {quoted(key)} ({suggestion(key, _TYPES)})"
        )
    return key, _value(key, value)


def _value(key: str, text: str) -> Any:
    running_on = _RUNNING_ON.search(text)
    if running_on is not None and running_on[1] in _TYPES:
        raise ConfigurationError(
            f"{_flag()} {key}: {running_on[1]}= comes after a comma, which separates the items of a"
            " list (separate settings by blanks in MOCKATELL_STANDIN, or give --standin for each)"
        )
    is_list = get_origin(_TYPES[key]) is tuple
    raw = [each for each in map(str.strip, text.split(",")) if each] if is_list else text
    try:
        return msgspec.convert(raw, _TYPES[key], strict=False)
    except msgspec.ValidationError:
        expected = _expected(_TYPES[key])
        raise ConfigurationError(f"{_flag()} {key}: {quoted(text)} is not {expected}") from None


def _expected(hint: Any) -> str:
    """What a setting of this type is, in words."""
    if get_origin(hint) is Annotated:
        base, bound = get_args(hint)
        return f"{_expected(base)} of at least {bound.ge}"
    if get_origin(hint) is Literal:
        return f"one of {', '.join(get_args(hint))}"
    return _CALLED.get(hint, "a whole number")
