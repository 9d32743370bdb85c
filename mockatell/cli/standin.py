"""What `--standin KEY=VALUE` says: any setting of the stand-in for the One API."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any, Final, get_origin

import msgspec

from mockatell.clickatell.standin import StandinSettings
from mockatell.core.scenario.near import quoted, suggestion
from mockatell.errors import ConfigurationError, InputError

if TYPE_CHECKING:
    from collections.abc import Iterable

_TYPES: Final = {field.name: field.type for field in msgspec.structs.fields(StandinSettings)}


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
        raise ConfigurationError(f"--standin: {error}") from None


def _read(text: str) -> tuple[str, Any]:
    key, equals, value = text.partition("=")
    if not equals:
        raise ConfigurationError(f"--standin: {quoted(key)} is not key=value (as in window=strict)")
    if key not in _TYPES:
        raise ConfigurationError(
            f"--standin: there is no setting {quoted(key)} ({suggestion(key, _TYPES)})"
        )
    return key, _value(key, value)


def _value(key: str, text: str) -> Any:
    is_list = get_origin(_TYPES[key]) is tuple
    raw = [each for each in map(str.strip, text.split(",")) if each] if is_list else text
    try:
        value = msgspec.convert(raw, _TYPES[key], strict=False)
    except msgspec.ValidationError as error:
        raise ConfigurationError(f"--standin {key}: {error}") from None
    if isinstance(value, float) and not isfinite(value):
        raise ConfigurationError(f"--standin {key}: {value} is not a number")
    return value
