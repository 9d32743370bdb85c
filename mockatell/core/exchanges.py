"""What one exchange is under, and what came of it: faults of exchanges, and outcomes of answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mockatell.clickatell.contract import classify
from mockatell.model import Answer, Conduct, Outcome, Trouble

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockatell.model import Delivery, Exchange

    Conductor = Callable[[Delivery, int, float], Conduct]

OUTAGE: Final = Answer(trouble=Trouble.OUTAGE, detail="nothing was sent (fault)")
# What every exchange asks for: a global is found in a third of the time of an enum's member.
_ACKNOWLEDGED: Final = Outcome.ACKNOWLEDGED
_LOSE_ACK: Final = Conduct.LOSE_ACK


def plainly(_delivery: Delivery, _number: int, _due: float) -> Conduct:
    """The conductor of a run without faults in its exchanges."""
    return Conduct.PLAIN


def judge(exchange: Exchange, answer: Answer) -> tuple[Outcome, int | None, str | None]:
    """Outcome, status code and detail of an exchange, by the vendor's rules and its fault."""
    if answer.trouble is not None:
        timed_out = answer.trouble is Trouble.TIMEOUT
        outcome = Outcome.TIMED_OUT if timed_out else Outcome.UNREACHABLE
        return outcome, None, f"{answer.trouble}: {answer.detail or ''}".rstrip(": ")
    if answer.status_code is None and exchange.conduct is _LOSE_ACK:
        return Outcome.ACK_LOST, None, "its answer was not waited for (fault)"
    if answer.status_code is None:
        raise ValueError("an answer has a status code or a trouble")
    outcome = classify(answer.status_code)
    if outcome is _ACKNOWLEDGED:
        if exchange.conduct is _LOSE_ACK:
            return Outcome.ACK_LOST, None, f"its {answer.status_code} was thrown away (fault)"
        return outcome, answer.status_code, None
    return outcome, answer.status_code, answer.detail
