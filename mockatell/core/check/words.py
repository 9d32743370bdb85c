"""What a check is made of: clauses, the steps that they ask for, what is seen, how it is ruled."""

from __future__ import annotations

from collections.abc import Callable, Generator
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import msgspec

from mockatell.clickatell.contract import classify
from mockatell.clickatell.ledger import LEDGER
from mockatell.model import Answer, Callback, Frozen, Outcome, Role, Trouble

if TYPE_CHECKING:
    from mockatell.core.check.bench import Bench

_ROWS: Final = {row.id: row for row in LEDGER}
_EXCERPT: Final = 600  # bytes of a request that evidence shows


class Verdict(StrEnum):
    """What became of a clause; what was not exercised has not passed."""

    HELD = "held"
    BROKEN = "broken"
    NOT_EXERCISED = "not exercised"


class Weight(StrEnum):
    """Whether a clause is the vendor's rule, which decides the exit code, or our advice."""

    CONTRACT = "contract"
    ADVICE = "advice"


class Dress(StrEnum):
    """How a request differs from those that Clickatell sends to this endpoint."""

    PLAIN = "as Clickatell sends it"
    STRANGER = "without credentials"
    IMPOSTOR = "with wrong credentials"
    CHARSET = "Content-Type: application/json; charset=UTF-8"
    CLOSING = "Connection: close"
    TRUSTING_NOBODY = "its certificate verified"


class Sending(Frozen, frozen=True):
    """One request to be made.

    Args:
        callback: Its body, and where it goes.
        what: What is special about it, in a few words.
        dress: How it differs from the usual.
        hang_up_after: Seconds after which the connection is closed, whatever came of it.
    """

    callback: Callback
    what: str
    dress: Dress = Dress.PLAIN
    hang_up_after: float | None = None


class Step(Frozen, frozen=True):
    """What a clause wants done next; it gets what was seen of `sendings`, in their order.

    Args:
        sendings: What is sent; to one endpoint, if at once.
        at_once: Whether all are released together, or each when the one before is answered.
        beside: Sent meanwhile, several at a time, again and again while there are any.
        pause: Seconds to let pass first.
    """

    sendings: tuple[Sending, ...]
    at_once: bool = False
    beside: tuple[Sending, ...] = ()
    pause: float = 0.0


class Seen(Frozen, frozen=True):
    """One request and its answer."""

    sending: Sending
    answer: Answer

    @property
    def outcome(self) -> Outcome:
        """As the platform would take it."""
        if self.answer.status_code is not None:
            return classify(self.answer.status_code)
        late = self.answer.trouble is Trouble.TIMEOUT
        return Outcome.TIMED_OUT if late else Outcome.UNREACHABLE

    @property
    def acknowledged(self) -> bool:
        """Whether the platform would count it as delivered."""
        return self.outcome is Outcome.ACKNOWLEDGED

    @property
    def connected(self) -> bool:
        """Whether the endpoint was there at all."""
        return self.answer.trouble is None or self.answer.trouble.connected

    def evidence(self) -> Evidence:
        """What is kept of it."""
        callback, answer = self.sending.callback, self.answer
        return Evidence(
            role=callback.role,
            kind=callback.kind,
            what=self.sending.what,
            dress=self.sending.dress,
            body=callback.body[:_EXCERPT].decode(errors="ignore"),
            size=len(callback.body),
            outcome=self.outcome,
            status_code=answer.status_code,
            trouble=answer.trouble,
            said=answer.detail,
            took=answer.took,
        )


class Evidence(Frozen, frozen=True):
    """One request and its answer, as a report shows them.

    Args:
        what: What is special about the request.
        dress: How its headers differ from Clickatell's.
        body: Its first 600 bytes.
        size: All of its bytes.
        said: How the answer began, where it redirects to, or the trouble in words.
        took: Seconds from the first byte sent to the end of the answer.
    """

    role: Role
    kind: str
    what: str
    dress: Dress
    body: str
    size: int
    outcome: Outcome
    status_code: int | None
    trouble: Trouble | None
    said: str | None
    took: float


class Ruling(Frozen, frozen=True):
    """How a clause was ruled.

    Args:
        verdict: In a word.
        reason: Why, in a sentence without a full stop.
        evidence: Requests that prove it, the most telling first.
        numbers: What was measured, by name; names end in the unit.
    """

    verdict: Verdict
    reason: str
    evidence: tuple[Evidence, ...] = ()
    numbers: dict[str, float] = msgspec.field(default_factory=dict)


Script: TypeAlias = Generator[Step, tuple[Seen, ...], Ruling]
"""Asks for steps, is given what was seen, and rules in the end."""

Play: TypeAlias = Callable[["Bench"], Script]


class Clause(msgspec.Struct, frozen=True, kw_only=True):
    """One rule, and how an endpoint is held to it.

    Args:
        id: In kebab-case.
        roles: The endpoints that it is about; each must be there.
        rule: What is to be so, in a sentence.
        meaning: What it means when it is not, and how to mend it.
        play: What it sends, and how that is judged.
        weight: The vendor's rule or our advice.
        row: The fidelity ledger's row that it rests on; "" where there is none.
        url: Where the rule is from, when no row says so.
        needs: Clauses that must have held, or there is nothing to be learnt from this one.
        crowd: Whether it needs several requests at once.
        limit: Whether it looks for a limit, with many or large requests.
    """

    id: str
    roles: tuple[Role, ...]
    rule: str
    meaning: str
    play: Play
    weight: Weight = Weight.CONTRACT
    row: str = ""
    url: str = ""
    needs: tuple[str, ...] = ()
    crowd: bool = False
    limit: bool = False

    @property
    def source(self) -> str:
        """A URL; where the ledger's row is an assumption, of the page that leaves it open."""
        return _ROWS[self.row].source if self.row else self.url

    @property
    def basis(self) -> Literal["documented", "observed", "assumed"]:
        """How well the vendor's side of the rule is known."""
        return _ROWS[self.row].basis if self.row else "assumed"
