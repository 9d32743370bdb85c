"""What a sidecar keeps over a restart: its rows, and what is to become of them in a store.

Times are seconds since the store's epoch, unless a name ends in `_ms`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from mockatell.model import (
    Callback,
    Cause,
    Conduct,
    Delivery,
    Expectation,
    Frozen,
    Outcome,
    Role,
)

if TYPE_CHECKING:
    from mockatell.model import Answer, Attempt

KEPT: Final = 2_000
"""Bytes of an answer's body that are kept."""
MOST_HEADERS: Final = 32
"""Headers of an answer that are kept."""

RunState = Literal["running", "finished", "cancelled", "failed"]


class MessageRow(Frozen, frozen=True, array_like=True):
    """A message that the app sent, or that a user wrote.

    Args:
        number: Counts messages in the order in which they came to be.
        initial: Its status before anything has happened to it; "" for a user's.
        happenings: What happens to it, in order of time.
        request: What the app sent of it, by `requests.kept`.
    """

    id: str
    number: int
    direction: str
    channel: str
    kind: str
    user: str
    business: str
    client_message_id: str | None
    content: str | None
    at: float
    run: str | None = None
    initial: str = ""
    happenings: tuple[Happening, ...] = ()
    request: bytes | None = None


class Happening(Frozen, frozen=True, array_like=True):
    """A status that a message gets, or a reply to it.

    Args:
        channel: Of the status, where that is not the message's own.
        reply: What the user writes; None for a status.
    """

    at: float
    status: str = ""
    channel: str | None = None
    reply: MessageRow | None = None


class DeliveryRow(Frozen, frozen=True, array_like=True):
    """A delivery, as it was planned.

    Args:
        origin: Ordinal of the planned callback, for the faults' chance.
        about: Id of the message in whose life it is; "" where there is none.
        twin: The `seq` of the delivery that it is a copy of, or None.
        number: Its number in the plan of its run; 0 where it is of no run.
        cancelled: Whether it was called off.
    """

    seq: int
    due: float
    cause: Cause
    role: Role
    kind: str
    message_id: str
    body: bytes
    origin: int
    copy: int
    race: int | None
    conversation: int
    conducts: tuple[Conduct, ...]
    about: str
    run: str | None = None
    twin: int | None = None
    number: int = 0
    cancelled: bool = False

    @classmethod
    def of(
        cls, delivery: Delivery, about: str, run: str | None, twin: int | None, number: int
    ) -> DeliveryRow:
        """The row of a delivery."""
        callback = delivery.callback
        return cls(
            delivery.seq,
            delivery.due,
            delivery.cause,
            callback.role,
            callback.kind,
            callback.message_id,
            callback.body,
            delivery.origin,
            delivery.copy,
            delivery.race,
            delivery.conversation,
            delivery.conducts,
            about,
            run,
            twin,
            number,
        )

    @property
    def delivery(self) -> Delivery:
        """The delivery again."""
        return Delivery(
            self.seq,
            self.due,
            self.cause,
            Callback(self.role, self.kind, self.message_id, self.body),
            self.origin,
            self.copy,
            self.race,
            self.conversation,
            self.conducts,
        )


class AttemptRow(Frozen, frozen=True, array_like=True):
    """One exchange of a delivery; `headers` and `body` are the start of what was answered."""

    seq: int
    number: int
    due: float
    sent_at: float
    ended_at: float
    outcome: Outcome
    status_code: int | None
    detail: str | None
    next_due: float | None
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    @classmethod
    def of(cls, attempt: Attempt, answer: Answer) -> AttemptRow:
        """The row of an attempt."""
        return cls(
            attempt.delivery,
            attempt.number,
            attempt.due,
            attempt.sent_at,
            attempt.ended_at,
            attempt.outcome,
            attempt.status_code,
            attempt.detail,
            attempt.next_due,
            answer.headers[:MOST_HEADERS],
            answer.body[:KEPT],
        )


class UploadRow(Frozen, frozen=True, array_like=True):
    """A file that the app uploaded."""

    file_id: str
    file_name: str
    content_type: str
    to: str | None
    uploaded_ms: int
    sha256: str
    body: bytes


class PersonRow(Frozen, frozen=True, array_like=True):
    """A user: when they last wrote, and whether they want no messages."""

    number: str
    heard_ms: int
    opted_out: bool


class RunRow(Frozen, frozen=True, array_like=True):
    """A run, as it was started.

    Args:
        number: Counts runs.
        name: What errors call its scenario.
        text: The scenario's YAML.
        overrides: `path=value` each.
        trusted: Whether it may read the environment.
        start: When it began.
        base_url: What its links begin with; "" in a store of before they were kept.
    """

    id: str
    number: int
    name: str
    text: str
    overrides: tuple[str, ...]
    trusted: bool
    seed: int
    start: float
    base_url: str = ""


class ProgressRow(Frozen, frozen=True, array_like=True):
    """How far a run has come.

    Args:
        drawn: Deliveries of its plan that are there, or were.
        gone: Those that were dropped since, by how they ended, and their attempts.
        ended: When it ended, or None.
    """

    id: str
    drawn: int
    gone: Tally
    state: RunState = "running"
    ended: float | None = None
    verdict: str | None = None
    exit_code: int | None = None
    error: str | None = None
    expectations: tuple[Expectation, ...] = ()


class Tally(Frozen, frozen=True, array_like=True):
    """Deliveries by how they ended, and their attempts."""

    deliveries: int = 0
    attempts: int = 0
    acknowledged: int = 0
    redirected: int = 0
    exhausted: int = 0
    cancelled: int = 0


class ScenarioRow(Frozen, frozen=True, array_like=True):
    """A scenario that was uploaded."""

    name: str
    text: str


class NoteRow(Frozen, frozen=True, array_like=True):
    """A fact of the sidecar as a whole, by name; its value is JSON."""

    name: str
    value: bytes


class CountersRow(Frozen, frozen=True, array_like=True):
    """The numbers that were given out so far; there is one such row, of id 1."""

    id: int = 1
    ids: int = 0
    messages: int = 0
    callbacks: int = 0
    deliveries: int = 0
    runs: int = 0


Row: TypeAlias = (
    MessageRow
    | DeliveryRow
    | AttemptRow
    | UploadRow
    | PersonRow
    | RunRow
    | ProgressRow
    | ScenarioRow
    | NoteRow
    | CountersRow
)


class Drop(Frozen, frozen=True):
    """Keep this row no longer; a delivery's attempts go with it."""

    table: type[Row]
    key: str | int


class Forget(Frozen, frozen=True):
    """Keep nothing of what was kept so far."""


Keep: TypeAlias = Row | Drop | Forget
"""What a store is told, to be carried out in the order in which it is told."""
