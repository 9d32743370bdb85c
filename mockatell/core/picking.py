"""JMESPath: which part of what was seen is compared. It needs the extra `explore`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockatell.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable


class PickError(Exception):
    """An expression that does not fit what was seen; says why."""


def picker(expression: str, what: str) -> Callable[[Any], Any]:
    """What an expression picks.

    Args:
        expression: JMESPath (https://jmespath.org).
        what: Whose it is, for errors.

    Returns:
        A function of what was seen; it raises `PickError` where the expression does not fit that.

    Raises:
        ConfigurationError: It is no expression, or jmespath is not installed.
    """
    try:
        import jmespath  # type: ignore[import-untyped]
    except ModuleNotFoundError:
        raise ConfigurationError(
            "a JMESPath expression needs jmespath, which is not installed: "
            "pip install 'mockatell[explore]'"
        ) from None
    try:
        compiled = jmespath.compile(expression)
    except (jmespath.exceptions.JMESPathError, RecursionError) as error:
        raise ConfigurationError(f"{what} is no JMESPath expression: {_line(error)}") from None

    def pick(seen: Any) -> Any:
        try:
            return compiled.search(seen)
        except (jmespath.exceptions.JMESPathError, RecursionError) as error:
            raise PickError(_line(error)) from None

    return pick


def _line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
