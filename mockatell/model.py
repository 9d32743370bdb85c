"""The words that every room shares: callbacks, deliveries, exchanges, attempts and how they end.

All of them are frozen structures (msgspec's, which are slotted, cost a tenth of a frozen dataclass
to make and encode themselves). Times are seconds since the epoch of the run unless a name says
otherwise; `due` is when a thing was planned, `sent_at` when its first byte left, `ended_at` when
its answer had been read.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Final

import msgspec


class Role(StrEnum):
    """Which of the customer's two URLs: Clickatell lets them be split (help.clickatell.com)."""

    STATUS = "status"
    REPLY = "reply"


class Cause(StrEnum):
    """Why a delivery is there: planned by the scenario, made by a fault, or asked for by hand."""

    ORIGINAL = "original"
    DUPLICATE = "duplicate"
    REDELIVERY = "redelivery"


class Outcome(StrEnum):
    """How an attempt ended."""

    ACKNOWLEDGED = "acknowledged"
    REDIRECTED = "redirected"
    REJECTED = "rejected"
    TIMED_OUT = "timed_out"
    UNREACHABLE = "unreachable"
    ACK_LOST = "ack_lost"


class Trouble(StrEnum):
    """Why no usable answer came; the first word of an attempt's `detail`."""

    REFUSED = "refused"  # nothing listens there, or the network said no
    DNS = "dns"  # the host's name has no address
    CONNECT = "connect"  # no connection in time
    TLS = "tls"  # the handshake or the certificate failed
    RESET = "reset"  # the connection was reset
    CLOSED = "closed"  # the connection was closed before a whole answer
    NOT_HTTP = "not_http"  # what came was not HTTP
    TIMEOUT = "timeout"  # no whole answer within the endpoint's timeout
    OUTAGE = "outage"  # the outage fault stood between; nothing was sent
    NO_SOCKET = "no_socket"  # this machine had no descriptor or port left for a connection

    @property
    def connected(self) -> bool:
        """Whether a connection to the endpoint had come about."""
        return self not in _NEVER_CONNECTED


_NEVER_CONNECTED: Final = frozenset({
    Trouble.REFUSED, Trouble.DNS, Trouble.CONNECT, Trouble.OUTAGE, Trouble.NO_SOCKET,
})  # fmt: skip
_TROUBLES: Final = {str(trouble): trouble for trouble in Trouble}


class Conduct(StrEnum):
    """How an exchange is to be carried out: plainly, or under a fault."""

    PLAIN = "plain"
    LOSE_ACK = "lose_ack"  # the endpoint's acknowledgement is thrown away
    OUTAGE = "outage"  # nothing is sent; the attempt is unreachable


class Frozen(msgspec.Struct, frozen=True, gc=False):
    """Base of the small immutable structures; they hold no cycles, so the collector skips them."""


# What a journal that is read may hold: sums and dates of these can be computed and written again.
Instant = Annotated[float, msgspec.Meta(ge=-1e300, le=1e300)]
Number = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
EpochMs = Annotated[int, msgspec.Meta(ge=0, le=253_402_300_799_999)]  # up to the year 9999


class Callback(Frozen, frozen=True):
    """One request body, the same bytes for the original, its duplicates and all their retries.

    Args:
        role: The endpoint it goes to.
        kind: The event kind, for example `moText`; a kind that does not exist (yet) is allowed.
        message_id: Id of the message that the (first) event is about; "" where it has none.
        body: Compact JSON in UTF-8.
    """

    role: Role
    kind: str
    message_id: str
    body: bytes


class Delivery(Frozen, frozen=True):
    """The planned sending of one callback.

    Args:
        seq: 1-based number in order of due time; 0 until the plan has numbered it.
        due: When it is to be sent first.
        cause: Planned by the scenario, or made by a fault.
        callback: What is sent.
        origin: Ordinal of the planned callback that it stems from, before any fault.
        copy: 0 for the original, 1 and up for its duplicates.
        race: Number shared by deliveries whose first attempts are released together, or None.
        conversation: Ordinal of the scenario's message that it belongs to, replies included.
        conducts: How its first attempts are carried out, whatever the faults say.
    """

    seq: int
    due: float
    cause: Cause
    callback: Callback
    origin: int
    copy: int = 0
    race: int | None = None
    conversation: int = 0
    conducts: tuple[Conduct, ...] = ()


class Exchange(Frozen, frozen=True):
    """One attempt that is due now: what a driver hands to a sender.

    Args:
        delivery: What it is an attempt of.
        number: 1 for the first attempt.
        due: When it was due.
        conduct: Which fault it is under.
        first_sent: When the delivery's first attempt was sent; None in the first attempt.
    """

    delivery: Delivery
    number: int
    due: float
    conduct: Conduct = Conduct.PLAIN
    first_sent: float | None = None

    @property
    def callback(self) -> Callback:
        """What to send."""
        return self.delivery.callback


class Answer(Frozen, frozen=True):
    """What a sender brings back: an HTTP status, or the trouble that stood in its way.

    Args:
        status_code: The final status, or None when `trouble` is set.
        trouble: Why there is no status.
        detail: The start of the answer's body (never trusted), or the trouble in words.
        waited: Seconds from hand-over to the first byte sent (connecting).
        took: Seconds from the first byte sent to the end of the answer.
        traceback: Where an app in process raised, as Python prints it; None where none did.
        headers: The answer's, where whoever sends is to keep them.
        body: The start of the answer's body, likewise.
    """

    status_code: int | None = None
    trouble: Trouble | None = None
    detail: str | None = None
    waited: float = 0.0
    took: float = 0.0
    traceback: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


class Attempt(Frozen, frozen=True, tag="attempt", tag_field="type", omit_defaults=False):
    """One HTTP exchange of a delivery, as the journal records it.

    `lag = sent_at - due`, `service = ended_at - sent_at`, `latency = ended_at - due`.
    `detail` begins with a `Trouble` and a colon when no usable answer came.
    `next_due` is when the delivery is tried again, or None. `origin` is the ordinal of the planned
    callback: an original and its duplicates share it, as copies that race share `race`.
    """

    delivery: Number
    cause: Cause
    role: Role
    kind: str
    message_id: str
    number: Number
    due: Instant
    sent_at: Instant
    ended_at: Instant
    outcome: Outcome
    status_code: Number | None
    detail: str | None
    next_due: Instant | None
    race: Number | msgspec.UnsetType = msgspec.UNSET
    origin: Number | msgspec.UnsetType = msgspec.UNSET
    body: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET

    @property
    def lag(self) -> float:
        """Seconds that the sender was late."""
        return self.sent_at - self.due

    @property
    def service(self) -> float:
        """Seconds that the endpoint took."""
        return self.ended_at - self.sent_at

    @property
    def latency(self) -> float:
        """Seconds from due to answered: what the platform's user would have waited."""
        return self.ended_at - self.due

    @property
    def trouble(self) -> Trouble | None:
        """Why no usable answer came; None when one came, or where `detail` names no trouble."""
        if self.outcome not in (Outcome.UNREACHABLE, Outcome.TIMED_OUT) or self.detail is None:
            return None
        return _TROUBLES.get(self.detail.partition(":")[0])


class Expectation(Frozen, frozen=True):
    """One clause of `expect`, judged.

    Args:
        clause: The clause in words, for example `acknowledged: all`.
        held: True, False, or None when it could not be evaluated (missing evidence).
        evidence: What was seen, one line each.
    """

    clause: str
    held: bool | None
    evidence: tuple[str, ...] = ()


class RunStarted(Frozen, frozen=True, tag="run", tag_field="type"):
    """The journal's first line.

    Args:
        version: mockatell's.
        scenario: The scenario's name.
        seed: What replays the run.
        epoch_ms: Unix time in milliseconds of the run's time 0.
        assumed: Ids of the fidelity ledger's assumed rows that the run rests on.
        clock: `real` or `virtual`.
        speed: By how much waits were divided.
        endpoints: URL by role, secrets masked.
        replay: The command, or the Python call, that does it all again; secrets masked.
    """

    version: str
    scenario: str
    seed: Number
    epoch_ms: EpochMs
    assumed: tuple[str, ...] = ()
    clock: str = "real"
    speed: Instant = 1.0
    endpoints: dict[str, str] = {}
    replay: str = ""


class RunEnded(Frozen, frozen=True, tag="end", tag_field="type"):
    """The journal's last line; all but `attempts` count deliveries.

    `deliveries = acknowledged + redirected + exhausted + pending`; with `uncounted`, the plan of an
    interrupted run held more than were counted as pending.
    """

    deliveries: Number
    attempts: Number
    acknowledged: Number
    redirected: Number
    exhausted: Number
    pending: Number
    interrupted: bool = False
    uncounted: bool = False
    expectations: tuple[Expectation, ...] = ()


class Tls(Frozen, frozen=True):
    """How to trust and be trusted: file paths of PEM certificates."""

    ca: str | None = None
    cert: str | None = None
    key: str | None = None
    insecure: bool = False


class Endpoint(msgspec.Struct, frozen=True):
    """The customer's URL in one role, with all that a sender needs to know of it.

    Args:
        url: As given; the query string goes on the wire byte for byte.
        headers: Sent on every request after Clickatell's own.
        basic_auth: User name and password, or None.
        timeout: Seconds for a whole exchange, first byte sent to answer read.
        connect_timeout: Seconds for a connection, TLS included, to come about.
        max_in_flight: Most exchanges at once; one is also one connection.
    """

    role: Role
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    basic_auth: tuple[str, str] | None = None
    timeout: float = 5.0
    connect_timeout: float = 5.0
    max_in_flight: int = 64
    tls: Tls = Tls()

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in self.__rich_repr__())
        return f"Endpoint({shown})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        """Role and place, without userinfo, query, headers and password."""
        scheme, separator, rest = self.url.partition("?")[0].partition("://")
        netloc, slash, path = rest.partition("/")
        place = f"{scheme}{separator}{netloc.rpartition('@')[2]}{slash}{path}"
        return [("role", str(self.role)), ("url", place)]
