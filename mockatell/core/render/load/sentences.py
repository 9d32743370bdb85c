"""What a load's figures say in words: how it was asked for, how it ended, what to act on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mockatell.core.load.limit import best, ceiling
from mockatell.core.render.sentences import count
from mockatell.core.report import Verdict
from mockatell.core.scenario.units import format_seconds, format_share
from mockatell.model import Frozen, Trouble

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockatell.core.load.report import LoadReport
    from mockatell.core.load.result import Offer, Outage

_MEANINGS: Final = {
    Trouble.REFUSED: "nothing listened there: it was down or starting, or the port is wrong",
    Trouble.DNS: "the host's name had no address",
    Trouble.CONNECT: "no connection came about in time: the listen queue was full",
    Trouble.TLS: "no trusted TLS session came about",
    Trouble.RESET: "connections were reset: look for workers that crash or are restarted",
    Trouble.CLOSED: "connections were closed before a whole answer: look for workers that die, "
    "and for a keep-alive that is shorter than the gaps between callbacks",
    Trouble.NOT_HTTP: "what came was not HTTP",
    Trouble.TIMEOUT: "no whole answer came within the timeout: to the platform that is a failure, "
    "and it sends the callback again: answer first, work afterwards",
    Trouble.OUTAGE: "the scenario's outage stood between, so nothing was sent",
    Trouble.NO_SOCKET: "this machine had no port or descriptor left",
}
_REFUSALS: Final = {
    "401": "give basic_auth or headers",
    "403": "give basic_auth or headers",
    "404": "check the path of the URL",
    "405": "check the path of the URL",
    "413": "allow larger bodies",
    "429": "the platform takes a rate limit for a failure and comes again with more",
    "502": "a proxy answered for workers that were not there",
    "503": "it, or a proxy before it, said that it was overloaded",
    "504": "a proxy gave up waiting",
}
_NOTICED: Final = 1.05  # attempts for each delivery
_BEHIND: Final = 0.02  # of what was offered


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
        return "No rate met the thresholds."
    rate = f"{met.rate:,g} callbacks a second"
    if above is None:
        return f"The limit is beyond {rate}: nothing above was tried."
    if above.end == "generator":
        return f"The limit is at least {rate}; at {above.rate:,g} the generator was the limit."
    return f"The limit is {rate}: at {above.rate:,g} {above.why}."


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
    for outage in report.resilience.outages:
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
        meaning = _MEANINGS.get(Trouble(name), "") if name in set(Trouble) else ""
        share = format_share(float(f"{number / max(report.totals.attempts, 1):.2g}"))
        title = f"{count(number, 'attempt')} ({share}): {name.replace('_', ' ')}"
        yield Remark(title, "; for example ".join(filter(None, (meaning, example))))


def _answers(report: LoadReport) -> Iterator[Remark]:
    for code, number in report.status_codes.items():
        title = f"{count(number, 'attempt')} answered {code}"
        if code.startswith("3"):
            words = "a redirect is not followed and not tried again: configure the final URL"
            yield Remark(title, words)
        elif not code.startswith("2"):
            yield Remark(title, _REFUSALS.get(code, "anything but 2xx is tried again"))


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
        yield Remark(
            f"{count(report.totals.resent, 'request')} sent again",
            "their idle connection was closed as they were sent: a keep-alive longer than the "
            "gaps between callbacks saves that",
        )


_RULES: Final = (_found, _validity, _effects, _outages, _troubles, _answers, _waiting, _rest)
_UNREACHED: Final = (_validity, _troubles)
