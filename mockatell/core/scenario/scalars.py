"""What a YAML scalar stands for: environment variables filled in, then the YAML 1.2 core rules.

Narrower than the core schema where a telephone number could be taken for an amount: digits that
begin with `0` or `+` stay text. `yes`, `on`, dates and `1:30` are text in YAML 1.2 already.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

Value = str | int | float | bool | None

_WORDS: Final[Mapping[str, Value]] = {
    spelt: value
    for word, value in (("null", None), ("true", True), ("false", False))
    for spelt in (word, word.capitalize(), word.upper())
} | {"": None, "~": None}
_INT = re.compile(r"-?(?:0|[1-9][0-9]*)")
_RADIX = re.compile(r"0x[0-9a-fA-F]+|0o[0-7]+")
_FLOAT = re.compile(r"-?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?")
_NOT_A_NUMBER = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_LONGEST_INT: Final = 20
_INT_LIMIT: Final = 2**63
_VARIABLE = re.compile(r"\$(?:(\$)|\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}|(\{))")


class ScalarError(ValueError):
    """A scalar that cannot be used; `problem` and `remedy` hold no value of the environment."""

    def __init__(self, problem: str, remedy: str) -> None:
        self.problem = problem
        self.remedy = remedy
        super().__init__(f"{problem} ({remedy})")


def interpolate(text: str, env: Mapping[str, str]) -> str:
    """Fill in `${VAR}` and `${VAR:-default}`; `$$` is a dollar sign.

    As in a shell, the default also stands in for a variable that is set to nothing.

    Raises:
        ScalarError: A variable is not set and has no default, or `${` opens none.
    """
    if "$" not in text:
        return text

    def fill(match: re.Match[str]) -> str:
        dollar, name, default, stray = match.groups()
        if dollar:
            return "$"
        if stray:
            raise ScalarError(
                "'${' opens no variable", "write ${NAME} or ${NAME:-default}; $$ is a dollar sign"
            )
        if default is not None:
            return env.get(name) or str(default)
        if name not in env:
            raise ScalarError(
                f"environment variable {name} is not set",
                f"set it, or write ${{{name}:-default}}",
            )
        return env[name]

    return _VARIABLE.sub(fill, text)


def resolve(text: str) -> Value:
    """What an unquoted scalar stands for.

    Raises:
        ScalarError: It is infinite, not a number, or a whole number of more than 64 bits.
    """
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text) or _RADIX.fullmatch(text):
        return _whole(text)
    if _FLOAT.fullmatch(text):
        return _finite(text)
    if _NOT_A_NUMBER.fullmatch(text):
        raise ScalarError("infinite and undefined numbers have no use here", "write a number")
    return text


def _whole(text: str) -> int:
    # Measured before it is converted: Python refuses thousands of digits with an error of its own.
    number = int(text, 0) if len(text) <= _LONGEST_INT else _INT_LIMIT
    if not -_INT_LIMIT <= number < _INT_LIMIT:
        raise ScalarError("a number of more than 64 bits", "if it is text, put it in quotes")
    return number


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ScalarError("a number that is too large", "if it is text, put it in quotes")
    return number
