"""The room for the fixture's verbs without the fixture, as a Hypothesis test needs them."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from mockatell.rooms.fixture_setup import made

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mockatell.rooms.fixture import Mockatell


@contextmanager
def rehearse(
    target: Any, config: Mapping[str, Any] | None = None, *, seed: int = 0
) -> Iterator[Mockatell]:
    """What the fixture `mockatell` hands out, from its beginning to its end in one block.

    Each has a clock and a journal of its own, so examples of a Hypothesis test know nothing of each
    other. What is raised in the block is told what was sent in it, and, where that followed a
    schedule, the scenario that plays it.

    Args:
        target: An ASGI app, a WSGI app, or a URL.
        config: Keys of a scenario, as the fixture `mockatell_config` gives them.
        seed: What everything that is left out is drawn from.

    Raises:
        InputError: One of these cannot be used.
    """
    test = os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" ")[0] or "<the test>"
    rehearsed = made(target, dict(config or {}), seed=seed, marked={"seed": seed}, test=test)
    try:
        yield rehearsed
    except BaseException as error:
        for note in _notes(rehearsed, str(error)):
            error.add_note(note)
        raise
    finally:
        rehearsed.close()


def _notes(rehearsed: Mockatell, shown: str) -> Iterator[str]:
    for title, text in rehearsed.sections(shown):
        yield f"{title}: {text}"
    if scenario := rehearsed.rehearsal.as_scenario():
        yield f"as a scenario:\n{scenario}"
