"""What a test leaves in the folder of reports: its journal, from first line to last, and a page."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from mockatell.core.journal import Journal, encode_line
from mockatell.core.render import FORMATS
from mockatell.core.report import report
from mockatell.errors import OutputError
from mockatell.model import Attempt, Outcome, RunEnded

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mockatell.rooms.fixture import Mockatell

_LONGEST_NAME = 120  # characters of a test's name in a file's
_ENDS = (Outcome.ACKNOWLEDGED, Outcome.REDIRECTED)


def write_reports(folder: str, test: str, fixture: Mockatell) -> None:
    """Write a test's journal and its report as HTML.

    Args:
        folder: Where to.
        test: The test's node id.
        fixture: The test's own.

    Raises:
        OutputError: They cannot be written.
    """
    place = Path(folder)
    name = file_name(test)
    journal = whole(fixture)
    assert journal.ended is not None
    try:
        place.mkdir(parents=True, exist_ok=True)
        lines = [encode_line(journal.started), *map(encode_line, journal.attempts)]
        (place / f"{name}.jsonl").write_bytes(b"".join([*lines, encode_line(journal.ended)]))
        html = FORMATS["html"](report(journal), journal)
        (place / f"{name}.html").write_text(html, encoding="utf-8")
    except OSError as error:
        raise OutputError(f"cannot write a report to {folder}: {error.strerror}") from None


def whole(fixture: Mockatell) -> Journal:
    """A test's journal with the first and the last line of a run: the test is over."""
    rehearsal = fixture.rehearsal
    assumed = dict.fromkeys((*rehearsal.assumed(), *fixture.assumed))
    started = replace(rehearsal.journal.started, assumed=tuple(assumed))
    ended = ending(rehearsal.journal, len(rehearsal.unsent()))
    return Journal(started, rehearsal.journal, replace(ended, expectations=fixture.judged))


def ending(attempts: Iterable[Attempt], unsent: int) -> RunEnded:
    """The last line of a journal that has these attempts.

    Args:
        attempts: All there were.
        unsent: Deliveries of which there was none.
    """
    several = tuple(attempts)
    last = {attempt.delivery: attempt for attempt in several}.values()
    ends = Counter(attempt.outcome for attempt in last if attempt.outcome in _ENDS)
    waiting = sum(attempt.next_due is not None for attempt in last)
    return RunEnded(
        deliveries=len(last) + unsent,
        attempts=len(several),
        acknowledged=ends[Outcome.ACKNOWLEDGED],
        redirected=ends[Outcome.REDIRECTED],
        exhausted=len(last) - ends.total() - waiting,
        pending=waiting + unsent,
    )


def file_name(test: str) -> str:
    """What a test's reports are called: its node id as far as a file's name can hold it.

    The digest at its end tells apart what reads the same, and is the same in every run and worker.
    """
    readable = re.sub(r"[^A-Za-z0-9_.]+", "-", test)[-_LONGEST_NAME:].strip("-.")
    digest = hashlib.sha256(test.encode(errors="surrogatepass")).hexdigest()
    return f"{readable}-{digest[:10]}"
