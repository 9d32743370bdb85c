"""Checks that many parts of a scenario share: how much, how many, which of several."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mockatell.core.scenario.place import Place

MOST_TEXT = 200


def check_positive(seconds: float | None, place: Place) -> None:
    """A length of time that must be one."""
    if seconds is not None and seconds <= 0:
        raise place.error("must be more than 0s")


def check_between(least: float, number: float | None, most: float, place: Place) -> None:
    """A number with limits; None is not checked."""
    if number is not None and not least <= number <= most:
        raise place.error(f"must be {least} to {most}")


def check_printable(text: str | None, place: Place) -> None:
    """A name or an id: printed in reports, so it is one line that can be seen."""
    if text is None:
        return
    if not text:
        raise place.error("is empty", "leave the key out, or give it text")
    if not text.isprintable():
        raise place.error("holds characters that cannot be printed")
    if len(text) > MOST_TEXT:
        raise place.error(f"is longer than {MOST_TEXT} characters")


def check_at_most_one(place: Place, keys: Sequence[str]) -> None:
    """Keys that exclude each other."""
    given = [key for key in keys if place.gives(key)]
    if len(given) > 1:
        raise (place / given[1]).error(
            f"{given[1]!r} and {given[0]!r} exclude each other", "keep one"
        )


def check_exactly_one(place: Place, keys: Sequence[str]) -> None:
    """Keys of which one must be given."""
    check_at_most_one(place, keys)
    if any(place.gives(key) for key in keys):
        return
    for key in keys:
        if key in place.keys:
            raise (place / key).error("is empty", f"write {key}: {{}}")
    raise place.error(f"needs one of {', '.join(keys)}")


def check_together(place: Place, key: str, partner: str) -> None:
    """A key that means nothing without its partner."""
    if place.gives(key) and not place.gives(partner):
        raise (place / key).error(f"{key!r} needs {partner!r}")
