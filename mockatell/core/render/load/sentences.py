"""What a load's figures say in words: how it was asked for, how it ended, what to act on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mockatell.core.load.arrivals import expected
from mockatell.core.load.limit import best, ceiling
from mockatell.core.load.remedies import of_status, of_trouble
from mockatell.core.render.sentences import count
from mockatell.core.report import Verdict
from mockatell.core.scenario.units import format_seconds, format_share
from mockatell.model import Frozen, Trouble

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockatell.core.load.report import LoadReport
    from mockatell.core.load.result import Offer, Outage

_NO_MEASURE: Final = "No rate could be judged: the generator was the limit."
_LONG: Final = 64 * 1024  # bytes of an answer, no more of which is read
_NOTICED: Final = 1.05  # attempts for each delivery
_BEHIND: Final = 0.02  # of what was offered
_WHOLE: Final = 0.995  # of what was asked for


class Remark(Frozen, frozen=True):
    """Something to act on: a title, and what it means."""

    title: str
    text: str


def asked(offer: Offer) -> str:
    """How the load was asked for, in a phrase."""
    spread = " at random" if offer.arrivals == "poisson" else ""
    lasting = f" for {format_seconds(offer.duration)}" if offer.duration is not None else ""
    if offer.mode == "closed":
        return f"{count(offer.concurrency, 'connection')}, as fast as they can{lasting}"
    if offer.mode == "scenario":
        return f"the scenario's own times{lasting}"
    rates = {offer.start, *(stage.rate for stage in offer.stages)}
    if len(rates) == 1:
        return f"{offer.start:,g} callbacks a second{spread}{lasting}"
    way = " → ".join(f"{stage.rate:,g}" for stage in offer.stages)
    return f"{offer.start:,g} → {way} callbacks a second{spread}{lasting}"


def ends(report: LoadReport) -> str:
    """What became of the deliveries, in a sentence."""
    totals = report.totals
    parts = {
        "acknowledged": totals.acknowledged,
        "lost to a redirect": totals.redirected,
        "given up": totals.exhausted,
        "pending": totals.pending,
    }
    seen = ", ".join(f"{number:,} {end}" for end, number in parts.items() if number)
    whole = count(totals.deliveries, "delivery", "deliveries")
    more = " or more" if totals.uncounted else ""
    return f"{whole}{more} in {count(totals.attempts, 'attempt')}: {seen or 'none ended'}."


def doubt(report: LoadReport) -> str:
    """That the generator was the limit, in a sentence, where nothing else above says so."""
    told = report.steps or report.verdict is Verdict.MISSING_EVIDENCE
    return "Not valid as a measure of the endpoint: see below." * (report.doubtful and not told)


def looked(report: LoadReport) -> str:
    """What the receiver was asked afterwards, in a phrase; "" where that gave no answer."""
    seen = report.verification
    if seen is None or seen.missing:
        return ""
    if seen.counted is None:
        whole = count(seen.messages, "acknowledged message")
        return f"for {seen.looked_at:,} of {whole}: whether they are known, not their state"
    if seen.looked_at:
        return f"for its account of {count(seen.looked_at, 'message')}, one by one"
    return "for the sum of its effects"


def right(report: LoadReport) -> str:
    """When the receiver was first seen to be right, in a phrase; "" where it was not."""
    if report.verification is None or report.verification.right_after is None:
        return ""
    return f"{format_seconds(report.verification.right_after)} after the end of the load"


def found(report: LoadReport) -> str:
    """What a search for the limit found, in a sentence; "" of any other load."""
    if not report.steps:
        return ""
    met, above = best(report.steps), ceiling(report.steps)
    if met is None:
        judged = any(step.end == "failed" for step in report.steps)
        return "No rate met the thresholds." if judged else _NO_MEASURE
    rate = f"{met.rate:,g} callbacks a second{_sent(report, met.rate)}"
    if above is None:
        return f"The limit is beyond {rate}: nothing above was tried."
    if above.end == "generator":
        return f"The limit is at least {rate}; at {above.rate:,g} the generator was the limit."
    return f"The limit is {rate}: at {above.rate:,g} {above.why}."


def _sent(report: LoadReport, asked: float) -> str:
    """What came due of a rate that was asked for, where that is less."""
    came = report.totals.callbacks / (report.offer.duration or report.took)
    return f" ({came:,.4g} came due)" if came < _WHOLE * asked else ""


def due(report: LoadReport) -> str:
    """How many callbacks came due, and of how many where that is known and less."""
    offer, callbacks = report.offer, report.totals.callbacks
    asked = round(expected(offer.start, offer.stages))
    known = offer.mode == "open" and offer.arrivals == "constant" and not report.totals.uncounted
    if not known or report.interrupted or callbacks >= asked:
        return f"{callbacks:,} came due"
    return f"{callbacks:,} came due of {asked:,} asked for: faults put the others past the end"


def remarks(report: LoadReport) -> tuple[Remark, ...]:
    """What to act on, the gravest first; where nothing was reached, all else follows from that."""
    rules = _UNREACHED if report.verdict is Verdict.UNREACHABLE else _RULES
    return tuple(remark for rule in rules for remark in rule(report))


def _found(report: LoadReport) -> Iterator[Remark]:
    for finding in report.findings:
        yield Remark(f"{finding.title} [{finding.id}]", finding.explanation)


def _validity(report: LoadReport) -> Iterator[Remark]:
    for why in report.validity.why if report.doubtful else ():
        yield Remark("Not valid: the generator was the limit", why)


def _effects(report: LoadReport) -> Iterator[Remark]:
    if report.verification and not report.verification.held:
        examples = "; ".join(report.verification.examples)
        sentence = report.verification.sentence
        yield Remark("Effects", f"{sentence} {examples}".strip())


def _outages(report: LoadReport) -> Iterator[Remark]:
    """Times of failing; where an endpoint took nothing at all, they are but its share of it."""
    for outage in () if report.findings else report.resilience.outages:
        yield Remark(f"Failing {_when(outage)}", _cost(outage))


def _when(outage: Outage) -> str:
    until = "to the end" if outage.ended is None else f"to {outage.ended}s"
    return f"from {outage.began}s {until}"


def _cost(outage: Outage) -> str:
    backlog = f"{count(outage.backlog, 'delivery', 'deliveries')} waiting at {outage.backlog_at}s"
    if outage.ended is None:
        return f"up to {backlog}; it never recovered"
    if outage.drained is None:
        return f"up to {backlog}; the backlog had not drained when the load ended"
    return f"up to {backlog}; drained {format_seconds(outage.drained)} after the recovery"


def _troubles(report: LoadReport) -> Iterator[Remark]:
    for name, number in sorted(report.troubles.items(), key=lambda item: -item[1]):
        example = report.details.get(name, "") if name != Trouble.OUTAGE else ""
        share = format_share(float(f"{number / max(report.totals.attempts, 1):.2g}"))
        where = _where(report, name)
        title = f"{count(number, 'attempt')} ({share}): {name.replace('_', ' ')}{where}"
        yield Remark(title, "; for example ".join(filter(None, (of_trouble(name), example))))


def _answers(report: LoadReport) -> Iterator[Remark]:
    for code, number in report.status_codes.items():
        if meaning := of_status(code):
            where = _where(report, code)
            yield Remark(f"{count(number, 'attempt')} answered {code}{where}", meaning)


def _where(report: LoadReport, answer: str) -> str:
    """The endpoint, in a phrase, where one of several gave this status or had this trouble."""
    roles = [
        role
        for role, ends in report.ends.items()
        if answer in {**ends.status_codes, **ends.troubles}
    ]
    return f" at the {roles[0]} endpoint" if len(roles) == 1 < len(report.ends) else ""


def _waiting(report: LoadReport) -> Iterator[Remark]:
    totals = report.totals
    if totals.held and report.offer.mode != "closed":
        title = f"{count(totals.held, 'attempt')} waited for a free place"
        yield Remark(title, _full(report.offer))
    if totals.pending > _BEHIND * totals.deliveries:
        yield Remark(
            f"{count(totals.pending, 'delivery', 'deliveries')} pending at the end",
            "not acknowledged in the time there was: they wait for a retry, or for a place",
        )


def _full(offer: Offer) -> str:
    """Why there was no place, and whose the wait is."""
    most = count(offer.max_in_flight, "exchange was", "exchanges were")
    if offer.lowered:
        return (
            f"{most} in flight at times, all that this machine's limit of open files leaves room "
            "for: raise it (ulimit -n) before the endpoint is blamed for the wait"
        )
    return (
        f"{most} in flight at times, the most allowed: "
        "the endpoint did not keep up (the wait counts as latency, not as our lag)"
    )


def places(offer: Offer) -> str:
    """That there was less room than usual, in a phrase; "" where there was enough."""
    if not offer.lowered:
        return ""
    return f"{offer.max_in_flight:,} at most: ulimit -n leaves no room for more"


def _rest(report: LoadReport) -> Iterator[Remark]:
    amplification = report.resilience.amplification
    if amplification >= _NOTICED:
        yield Remark(
            f"Each delivery took {amplification:.2f} attempts",
            "what fails comes again, so a load that is too much becomes more",
        )
    if report.totals.resent:
        yield Remark(f"{count(report.totals.resent, 'request')} sent again", _again(report))


def _long_answers(report: LoadReport) -> Iterator[Remark]:
    attempts, octets = report.totals.attempts, report.traffic.bytes_in
    if attempts and octets >= _LONG * attempts:
        yield Remark(
            f"Answers of more than {octets // attempts // 1024:,} KiB each",
            "64 KiB of a body are read, the rest is not waited for and ends the connection: "
            "service is until then; answer 204, the platform has no use for a body",
        )


def _again(report: LoadReport) -> str:
    if Trouble.REFUSED in report.troubles:
        return "their idle connection was closed as they were sent: the endpoint went away"
    return (
        "their idle connection was closed as they were sent: a keep-alive longer than the "
        "gaps between callbacks saves that"
    )


_RULES: Final = (
    _found,
    _validity,
    _effects,
    _outages,
    _troubles,
    _answers,
    _waiting,
    _rest,
    _long_answers,
)
_UNREACHED: Final = (_validity, _troubles)
