"""The append-only record of a run, as JSON lines: what other programs read and `report` folds.

First one `RunStarted`, then an `Attempt` a line, last one `RunEnded`. A journal whose writer was
killed lacks its end and may stop in the middle of a line; it stays readable up to there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, overload

import msgspec

from mockatell.errors import JournalError
from mockatell.model import Attempt, Callback, Outcome, RunEnded, RunStarted

Line = RunStarted | Attempt | RunEnded

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[Line] = msgspec.json.Decoder(Line)


def encode_line(line: Line) -> bytes:
    """One line of the journal, with its newline."""
    return _encoder.encode(line) + b"\n"


def decode_lines(lines: Iterable[bytes], name: str) -> Iterator[Line]:
    """The lines of a journal; a last line that was cut off is passed over.

    Args:
        lines: The raw lines, each with its newline.
        name: What to call the journal in an error, normally its path.

    Raises:
        JournalError: A line is not one of a journal's; names the line.
    """
    for number, raw in enumerate(lines, 1):
        try:
            yield _decoder.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            if not raw.endswith(b"\n"):
                return
            message = f"{name}:{number}: not a line of a mockatell journal: {error}"
            raise JournalError(message) from None


class Journal(Sequence[Attempt]):
    """A run's attempts in the order in which they ended, with the run's first and last line.

    Args:
        started: The first line.
        attempts: The attempts.
        ended: The last line; None while the run goes on, or when its writer was killed.
    """

    def __init__(
        self,
        started: RunStarted,
        attempts: Iterable[Attempt] = (),
        ended: RunEnded | None = None,
    ) -> None:
        self.started = started
        self.attempts = list(attempts)
        self.ended = ended

    @classmethod
    def from_lines(cls, lines: Iterable[bytes], name: str = "<journal>") -> Journal:
        """Read a journal.

        Raises:
            JournalError: It is empty, does not open with a run line, or holds something else.
        """
        decoded = decode_lines(lines, name)
        started = next(decoded, None)
        if not isinstance(started, RunStarted):
            raise JournalError(f"{name}:1: a journal opens with a line of type 'run'")
        journal = cls(started)
        for number, line in enumerate(decoded, 2):
            if isinstance(line, RunStarted):
                raise JournalError(f"{name}:{number}: a journal holds one run, this begins another")
            journal.add(line)
        return journal

    def add(self, line: Line) -> None:
        """Append an attempt, or set the end."""
        if isinstance(line, Attempt):
            self.attempts.append(line)
        elif isinstance(line, RunEnded):
            self.ended = line
        else:
            raise JournalError("a journal holds one run: a second 'run' line came")

    @overload
    def __getitem__(self, index: int) -> Attempt: ...
    @overload
    def __getitem__(self, index: slice) -> list[Attempt]: ...
    def __getitem__(self, index: int | slice) -> Attempt | list[Attempt]:
        return self.attempts[index]

    def __len__(self) -> int:
        return len(self.attempts)

    def __repr__(self) -> str:
        return f"<Journal {self.started.scenario!r}: {len(self)} attempts>"

    @property
    def redirected(self) -> list[Attempt]:
        """The attempts that were answered with a redirect: their deliveries are lost."""
        return [a for a in self.attempts if a.outcome is Outcome.REDIRECTED]

    @property
    def unacked(self) -> list[Attempt]:
        """The last attempt of every delivery that was not acknowledged in the end."""
        return [a for a in self._last() if a.outcome is not Outcome.ACKNOWLEDGED]

    @property
    def exhausted(self) -> list[Attempt]:
        """The last attempt of every delivery whose retry policy ran out."""
        ended = (a for a in self.unacked if a.next_due is None)
        return [a for a in ended if a.outcome is not Outcome.REDIRECTED]

    @property
    def by_message(self) -> dict[str, list[Attempt]]:
        """The attempts by the id of the message that they are about."""
        grouped: dict[str, list[Attempt]] = {}
        for attempt in self.attempts:
            grouped.setdefault(attempt.message_id, []).append(attempt)
        return grouped

    @property
    def bodies(self) -> list[Any]:
        """What was sent, attempt by attempt, decoded; nothing where bodies are not kept."""
        kept = (a.body for a in self.attempts)
        return [msgspec.json.decode(body) for body in kept if body is not msgspec.UNSET]

    def _last(self) -> Iterable[Attempt]:
        return {attempt.delivery: attempt for attempt in self.attempts}.values()


def embed(callback: Callback) -> msgspec.Raw:
    """A callback's body as it stands, for the journal's `body`."""
    return msgspec.Raw(callback.body)
