"""Where two states differ, path by path."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from mockatell.model import Frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

ABSENT: Final = "(absent)"
_LONGEST: Final = 200


class Difference(Frozen, frozen=True):
    """One place, and what stands there in either state, as Python writes it."""

    path: str
    expected: str
    got: str

    def __str__(self) -> str:
        return f"{self.path or 'the state'}: expected {self.expected}, got {self.got}"


def differences(expected: Any, got: Any, path: str = "") -> Iterator[Difference]:
    """The places in which two plain values differ, in order of the first."""
    if isinstance(expected, dict) and isinstance(got, dict):
        for key in dict.fromkeys((*expected, *got)):
            yield from _at(
                f"{path}.{key}".lstrip("."), key in expected, key in got, key, expected, got
            )
    elif isinstance(expected, list) and isinstance(got, list):
        for at in range(max(len(expected), len(got))):
            yield from _at(f"{path}[{at}]", at < len(expected), at < len(got), at, expected, got)
    elif type(expected) is not type(got) or expected != got:
        yield Difference(path, shown(expected), shown(got))


def _at(
    path: str, is_expected: bool, is_got: bool, key: Any, expected: Any, got: Any
) -> Iterator[Difference]:
    if is_expected and is_got:
        yield from differences(expected[key], got[key], path)
    elif is_expected:
        yield Difference(path, shown(expected[key]), ABSENT)
    else:
        yield Difference(path, ABSENT, shown(got[key]))


def shown(value: Any) -> str:
    """A value as Python writes it, cut off where it is long."""
    text = repr(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
