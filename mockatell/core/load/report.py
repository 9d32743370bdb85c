"""What a load test comes to: what was measured, what was asked of it, and the verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from mockatell.core.findings import Finding  # noqa: TC001 -- msgspec reads it
from mockatell.core.load.effects import Verification  # noqa: TC001 -- msgspec reads it
from mockatell.core.load.findings import findings_of
from mockatell.core.load.limit import Step  # noqa: TC001 -- msgspec reads it
from mockatell.core.load.result import LoadResult
from mockatell.core.load.thresholds import Judged  # noqa: TC001 -- msgspec reads it
from mockatell.core.load.validity import NOT_REACHED, rightly_blamed, unreached
from mockatell.core.report import EXIT_CODES, Verdict
from mockatell.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

FORMAT: Final = 1


class LoadReport(LoadResult, frozen=True, tag="load", tag_field="type"):
    """A load test as measured, and as judged.

    Args:
        format: Is raised when a field changes its meaning or goes; new ones may come at any time.
        verdict: How it ended, in one word.
        exit_code: Of the command.
        headline: The verdict in a sentence.
        findings: What is wrong whatever was asked, as `mockatell run` finds it.
        thresholds: What was asked of it.
        verification: What the receiver says that it did; None where nobody asked it.
        steps: The search for the limit that this load is the best of; empty of any other.
    """

    format: int = FORMAT
    verdict: Verdict = Verdict.UNJUDGED
    exit_code: int = 0
    headline: str = ""
    findings: tuple[Finding, ...] = ()
    thresholds: tuple[Judged, ...] = ()
    verification: Verification | None = None
    steps: tuple[Step, ...] = ()

    @property
    def doubtful(self) -> bool:
        """Whether the generator was the limit."""
        return not self.validity.valid and NOT_REACHED not in self.validity.why


def reported(
    result: LoadResult,
    thresholds: tuple[Judged, ...] = (),
    verification: Verification | None = None,
    steps: tuple[Step, ...] = (),
) -> LoadReport:
    """The report of a result."""
    result = msgspec.structs.replace(result, validity=rightly_blamed(result))
    findings = findings_of(result)
    held = [each.held for each in thresholds]
    held += [verification.held] if verification else []
    held += [False for _ in findings]
    verdict = _verdict(result, held)
    measured = {name: getattr(result, name) for name in LoadResult.__struct_fields__}
    return LoadReport(
        **measured,
        verdict=verdict,
        exit_code=EXIT_CODES[verdict],
        headline=_headline(verdict, result, findings, thresholds, verification),
        findings=findings,
        thresholds=thresholds,
        verification=verification,
        steps=steps,
    )


def decode_report(data: bytes, name: str = "<result>") -> LoadReport:
    """Read a report that was written as JSON.

    Raises:
        InputError: It is not one.
    """
    try:
        return msgspec.json.decode(data, type=LoadReport)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(f"{name}: not the result of a load test: {error}") from None


def looks_like_one(data: bytes) -> bool:
    """Whether this is meant to be the JSON of a load test, however it may be damaged."""
    return data.lstrip()[:1] == b"{" and b'"type"' in (head := data[:200]) and b'"load"' in head


def _verdict(result: LoadResult, held: list[bool | None]) -> Verdict:
    if result.interrupted:
        return Verdict.INTERRUPTED
    if unreached(result):
        return Verdict.UNREACHABLE
    if not held:
        return Verdict.UNJUDGED
    if False in held:
        return Verdict.BROKEN
    return Verdict.HELD if all(held) and result.validity.valid else Verdict.MISSING_EVIDENCE


def _headline(
    verdict: Verdict,
    result: LoadResult,
    findings: tuple[Finding, ...],
    thresholds: tuple[Judged, ...],
    verification: Verification | None,
) -> str:
    match verdict:
        case Verdict.INTERRUPTED:
            return f"Stopped after {result.took:.1f} s: these are the figures until then."
        case Verdict.UNREACHABLE:
            reasons = ", ".join(f"{name} {n:,}" for name, n in result.troubles.items())
            return f"Not one connection to the endpoint came about ({reasons})."
        case Verdict.UNJUDGED:
            return "No threshold was given, so nothing was judged: --threshold 'p(99) < 250ms'."
        case Verdict.HELD:
            return " ".join(_held(thresholds, verification))
        case Verdict.BROKEN:
            return " ".join(_broken(findings, thresholds, verification))
        case _:  # evidence is missing
            return " ".join(_missing(result, thresholds, verification))


def _held(thresholds: tuple[Judged, ...], verification: Verification | None) -> Iterator[str]:
    if thresholds:
        yield f"{_all_of(len(thresholds))} held."
    if verification:
        yield verification.sentence


def _all_of(number: int) -> str:
    few = {1: "The threshold", 2: "Both thresholds"}
    return few.get(number, f"All {number} thresholds")


def _broken(
    findings: tuple[Finding, ...],
    thresholds: tuple[Judged, ...],
    verification: Verification | None,
) -> Iterator[str]:
    yield from (f"{each.title}." for each in findings)
    failed = sum(each.held is False for each in thresholds)
    if failed:
        some = f"{failed} of {len(thresholds)} thresholds"
        yield f"{_all_of(failed) if failed == len(thresholds) else some} failed."
    if verification and verification.held is False:
        yield verification.sentence


def _missing(
    result: LoadResult, thresholds: tuple[Judged, ...], verification: Verification | None
) -> Iterator[str]:
    if not result.validity.valid:
        yield "This is not valid: the generator, not the endpoint, was the limit."
    unjudged = [each.clause for each in thresholds if each.held is None]
    if unjudged:
        yield f"Nothing was measured that could judge {', '.join(unjudged)}."
    if verification and verification.held is None:
        yield verification.sentence
