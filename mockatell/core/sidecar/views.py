"""What the sidecar shows and is told over its control API: the shapes of its JSON.

Plain dataclasses, because three parties read them: FastAPI makes the OpenAPI description of them,
msgspec the client's objects, and people the page. Times are Unix milliseconds of the sidecar's
clock, lengths of time are seconds, and secrets are masked before anything gets here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, Final, Literal

State = Literal["pending", "in_flight", "acknowledged", "redirected", "exhausted", "cancelled"]
"""How a delivery stands; the last four are final."""
STRICT: Final[dict[str, str]] = {"extra": "forbid"}
"""What tells FastAPI that a request may have no other keys than these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptView:
    """One HTTP exchange of a delivery, with what was sent and what came back.

    Args:
        outcome: One of the six outcomes.
        detail: The trouble in words, or the start of an answer that was no acknowledgement.
        request_headers: As sent, in order; secrets masked.
        response_headers: As received; empty where no answer came.
        response_body: The start of the answer's body, decoded for reading.
    """

    number: int
    due_ms: int
    sent_ms: int
    ended_ms: int
    outcome: str
    status_code: int | None = None
    detail: str | None = None
    request_headers: tuple[tuple[str, str], ...] = ()
    response_headers: tuple[tuple[str, str], ...] = ()
    response_body: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryView:
    """The planned sending of one callback, and how it stands.

    Args:
        seq: Its number; no two deliveries of a store share one.
        cause: `original`, `duplicate` or `redelivery`.
        kind: The event's kind, `""` for what holds none.
        message_id: Of the message that it is about; a scenario's statuses are about messages that
            were never sent here, so there may be none to look at.
        status: The status that it tells, by name, or None.
        run: The run that it belongs to, or None.
        origin: The `seq` of the delivery that it is a copy of, or None.
        next_due_ms: When it is tried (again), or None: never.
        last_outcome: Of its last attempt, or None.
    """

    seq: int
    state: State
    cause: str
    role: str
    kind: str
    message_id: str
    client_message_id: str | None = None
    status: str | None = None
    run: str | None = None
    origin: int | None = None
    due_ms: int = 0
    next_due_ms: int | None = None
    attempts: int = 0
    last_outcome: str | None = None
    last_status_code: int | None = None
    latency: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryDetail:
    """A delivery with everything that is known of it.

    Args:
        url: Where it goes; secrets masked.
        body: The callback as JSON, or as text where it is not JSON.
    """

    delivery: DeliveryView
    url: str
    body: Any
    tries: tuple[AttemptView, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageView:
    """A message: one that the app sent, or one that a user wrote.

    Args:
        id: The platform's id of it: what the app was given, and what its callbacks carry.
        direction: `sent` by the app through `/v1/message`, or `received` by the app as a callback.
        kind: `text`, `media`... of a sent one; the event kind of a received one.
        content: What it says, or the title of what its user chose, cut after 1,000 characters; None
            where it has no text.
        status: The last status that has happened to it, by name; None: none yet, or none ever.
        settled: Whether all that will happen to it has, and no delivery of it is pending.
        request: What the app sent of it, as it came, texts cut after 1,000 characters; None where
            that has more than 8 KB even so, and of what a user wrote.
    """

    id: str
    direction: Literal["sent", "received"]
    channel: str
    kind: str
    user: str
    business: str
    client_message_id: str | None = None
    content: str | None = None
    status: str | None = None
    at_ms: int = 0
    run: str | None = None
    settled: bool = False
    deliveries: int = 0
    acknowledged: int = 0
    request: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalView:
    """What the One API refused: a request, or one message of it.

    Args:
        path: Of the request, without its query.
        code: The vendor's.
        description: The vendor's, as the answer has it.
        why: What is wrong, where that does not say; no part of the answer.
        to: Its recipient, as given; None where there is none, or the whole request was refused.
    """

    at_ms: int
    method: str
    path: str
    code: int
    description: str
    why: str = ""
    to: str | None = None
    client_message_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunView:
    """A scenario that was started here.

    Args:
        id: Its own, for example `r1`.
        state: `running`, `finished`, `cancelled` or `failed`.
        verdict: As in a report, once it is over.
        exit_code: What `mockatell run` would exit with, once it is over.
        endpoints: Where its callbacks go, by role, secrets masked: to the sidecar's endpoints, and
            to the scenario's where the sidecar has none.
        notes: What of the scenario is not as it says, in sentences.
    """

    id: str
    scenario: str
    seed: int
    state: Literal["running", "finished", "cancelled", "failed"]
    started_ms: int
    ended_ms: int | None = None
    deliveries: int = 0
    attempts: int = 0
    acknowledged: int = 0
    redirected: int = 0
    exhausted: int = 0
    pending: int = 0
    verdict: str | None = None
    exit_code: int | None = None
    error: str | None = None
    endpoints: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest:
    """Start a scenario: one of those listed, or one given as YAML.

    Args:
        scenario: Name of a listed scenario.
        yaml: A scenario's text, instead of a name.
        seed: Replays a run.
        set: Overrides, as in `--set`: `{"messages.0.count": 5}`.
    """

    __pydantic_config__: ClassVar = STRICT

    scenario: str | None = None
    yaml: str | None = None
    seed: int | None = None
    set: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRequest:
    """Emit one event now, of any of the ten kinds.

    Args:
        kind: For example `moText`.
        fields: Its content by the names of `mockatell send` (`content=`, `status=`, `from=`...).
        channel: `sms` or `whatsapp`; the kind's usual one when None.
        message_id: Of the message that a status is about, or that a reply answers.
    """

    __pydantic_config__: ClassVar = STRICT

    kind: str
    fields: dict[str, Any] = field(default_factory=dict)
    channel: Literal["sms", "whatsapp"] | None = None
    message_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitResult:
    """Whether what was waited for has come.

    Args:
        reached: False when the timeout came first, or when it cannot come any more.
        pending: Deliveries that are not over.
        waited: Real seconds.
        detail: What is missing, in a sentence; empty when it was reached.
        missing: The first deliveries that are not over or, where that is waited for, that were not
            acknowledged.
    """

    reached: bool
    pending: int
    waited: float
    detail: str = ""
    missing: tuple[DeliveryView, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockView:
    """The sidecar's time.

    Args:
        speed: By how much waits are divided.
        paused: Whether nothing is sent for now.
    """

    now_ms: int
    speed: float
    paused: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioView:
    """A scenario that can be started by name.

    Args:
        summary: Its first comment line: which bug it finds.
        source: `shipped`, `directory` or `uploaded`.
    """

    name: str
    summary: str
    source: Literal["shipped", "directory", "uploaded"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """How the sidecar stands as a whole; what the page shows on top."""

    version: str
    seed: int
    clock: ClockView
    endpoints: dict[str, str]
    messages: int
    deliveries: int
    pending: int
    in_flight: int
    outcomes: dict[str, int]
    faults: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One entry of the live feed: something is new, or stands otherwise now.

    Args:
        id: Counts up; a reader that comes back names the last one it has.
        type: What `about` names: a delivery's `seq`, a message's or a run's id; of the others,
            nothing. A message is named only when it can be looked at.
    """

    id: int
    type: Literal["delivery", "message", "refusal", "run", "clock", "faults", "reset"]
    about: str = ""
