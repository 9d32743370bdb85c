"""What the attempts of a run prove about its endpoint, in words for who did not write it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

import msgspec

from mockatell.core.evidence import LINES_KEPT, Case, Recent
from mockatell.model import Attempt, Frozen, Outcome, Role, Trouble

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CALLBACKS_REMEMBERED: Final = 50_000
# The answers that ask for another try later; they say nothing about the kind of the callback.
_LATER: Final = frozenset({408, 425, 429})
_REFUSAL: Final = 400


class Finding(Frozen, frozen=True):
    """Something that the journal proves and that somebody should know.

    Args:
        id: In kebab-case, a key of `RULES`.
        title: With the number of times it was seen.
        explanation: What it means on the real platform.
        evidence: The first few attempts that prove it, one line each.
        attempts: How many attempts prove it.
        deliveries: The numbers of their deliveries, the first 200.
    """

    id: str
    title: str
    explanation: str
    evidence: tuple[str, ...]
    attempts: int
    deliveries: tuple[int, ...]


class Rule(Frozen, frozen=True):
    """What can be found: its title for one and for many, and what it means."""

    one: str
    many: str
    explanation: str

    def title(self, count: int) -> str:
        """The title with its number."""
        return self.one if count == 1 else self.many.format(count)


NOTHING_ACCEPTED: Final = "nothing-accepted"
WHY_NOTHING: Final = (
    "A 404 or 405 mostly means that the "
    "path of the URL is not the handler's; 401 or 403, that the endpoint wants credentials "
    "that this run does not send (`endpoints.basic_auth`, `endpoints.headers`); 400, 415 or "
    "422, that the handler expects another body than Clickatell's; 5xx, that it fails always."
)
"""What it may be where an endpoint accepts nothing."""

RULES: Final = {
    NOTHING_ACCEPTED: Rule(
        "1 endpoint accepted nothing",
        "{} endpoints accepted nothing",
        f"Every answer had the same status, and none was a 2xx. {WHY_NOTHING}",
    ),
    "redirected": Rule(
        "1 delivery was lost to a redirect",
        "{} deliveries were lost to a redirect",
        "The endpoint answered 3xx. Clickatell retries every answer but a 2xx, redirects excepted: "
        "it does not repeat these, and is taken not to follow them either, so the event never "
        "arrives unless another copy of it gets through. Frequent causes: a URL without its "
        "trailing slash, http that is sent on to https, a login page in front of the handler. "
        "Configure the final URL.",
    ),
    "exhausted": Rule(
        "1 delivery was given up after its last retry",
        "{} deliveries were given up after their last retry",
        "The retry policy of this run ended before an acknowledgement came. Nothing sends them "
        "again: where no other copy of the callback was acknowledged, its event is lost. Attempts "
        "that a fault of the run spoiled (an outage, a lost acknowledgement) count as failed ones.",
    ),
    "timed-out": Rule(
        "1 attempt got no whole answer in time",
        "{} attempts got no whole answer in time",
        "To Clickatell an answer that comes too late is no answer: it sends the callback again, "
        "although the endpoint may have done its work, and so work is done twice. Answer first "
        "(204 will do) and work afterwards, and recognise a callback that was seen before.",
    ),
    "rejected-duplicate": Rule(
        "1 attempt was rejected although the same callback had been acknowledged",
        "{} attempts were rejected although the same callback had been acknowledged",
        "The platform delivers at least once, so copies are normal, and a copy that is answered "
        "4xx or 5xx is retried like any other failure: every duplicate becomes a series of "
        "retries. A 409 or 422 suggests that the handler takes the copy for an error; a 5xx can be "
        "a failure of that moment. Answer 2xx to what was acknowledged before.",
    ),
    "ack-then-reject": Rule(
        "1 delivery was acknowledged, then rejected when it came again",
        "{} deliveries were acknowledged, then rejected when they came again",
        "The endpoint acknowledged, its acknowledgement was lost on the way (a fault of this run), "
        "and the retry, the same bytes, was answered 4xx or 5xx: it is retried again, although the "
        "endpoint had taken it. Answer 2xx to what was acknowledged before.",
    ),
    "kind-rejected": Rule(
        "1 kind of callback was never accepted",
        "{} kinds of callback were never accepted",
        "Every answer to this kind was 4xx or 5xx, while other kinds were acknowledged at the same "
        "endpoint: most likely the handler does not know it. Clickatell adds kinds without notice "
        "and asks receivers to survive them: acknowledge what you do not handle.",
    ),
    "not-http": Rule(
        "1 answer was not HTTP",
        "{} answers were not HTTP",
        "Something listens there, but what it sent is not an HTTP answer: a wrong port, a "
        "TLS port addressed with http, or a proxy that speaks another protocol.",
    ),
    "tls": Rule(
        "1 attempt failed in the TLS handshake",
        "{} attempts failed in the TLS handshake",
        "The connection came about, but not a trusted TLS session on it. Clickatell checks the "
        "certificate when it calls: one that is self-signed, expired or made out for another name "
        "means that no callback arrives.",
    ),
    "broken-off": Rule(
        "1 connection broke off before a whole answer had come",
        "{} connections broke off before a whole answer had come",
        "The endpoint, or something in front of it, reset or closed the connection. Whether the "
        "callback was processed is unknown to the platform, so it is sent again: a crashed worker "
        "or a restart without draining shows like this, and brings duplicates.",
    ),
}
"""What can be found, by id, the gravest first."""


def _is_exhausted(attempt: Attempt) -> bool:
    ended = attempt.outcome in (Outcome.ACKNOWLEDGED, Outcome.REDIRECTED)
    return attempt.next_due is None and not ended


PROVED_BY_ONE: Final[dict[str, Callable[[Attempt], bool]]] = {
    "redirected": lambda attempt: attempt.outcome is Outcome.REDIRECTED,
    "exhausted": _is_exhausted,
    "timed-out": lambda attempt: attempt.outcome is Outcome.TIMED_OUT,
    "not-http": lambda attempt: attempt.trouble is Trouble.NOT_HTTP,
    "tls": lambda attempt: attempt.trouble is Trouble.TLS,
    "broken-off": lambda attempt: attempt.trouble in (Trouble.RESET, Trouble.CLOSED),
}
"""The findings that a single attempt proves."""


class Investigation:
    """Gathers evidence attempt by attempt, in the order in which they ended.

    It remembers deliveries that are still open and the callbacks acknowledged last, no more, so a
    duplicate that comes after 50,000 other callbacks is not recognised as one.
    """

    def __init__(self) -> None:
        self._cases: dict[str, Case] = {rule: Case() for rule in RULES}
        self._acknowledged: Recent[int, int] = Recent(CALLBACKS_REMEMBERED)
        self._ack_lost: dict[int, bool] = {}
        self._kinds: dict[tuple[Role, str], Counter[bool]] = {}
        self._kind_cases: dict[tuple[Role, str], Case] = {}
        self._answers: dict[Role, Counter[int | None]] = {}
        self._answer_cases: dict[Role, Case] = {}

    def add(self, attempt: Attempt) -> None:
        """Look at one attempt."""
        if attempt.outcome is not Outcome.ACKNOWLEDGED:
            for rule, proves in PROVED_BY_ONE.items():
                if proves(attempt):
                    self._cases[rule].add(attempt)
        self._compare_with_copies(attempt)
        self._compare_with_itself(attempt)
        self._count_kind(attempt)
        self._count_answer(attempt)

    def findings(self) -> tuple[Finding, ...]:
        """What is proven so far, the gravest first."""
        return tuple(finding for rule in RULES for finding in self._conclude(rule))

    def _compare_with_copies(self, attempt: Attempt) -> None:
        """An original and its duplicates share `origin`; which one came first does not matter."""
        if attempt.origin is msgspec.UNSET:
            return
        if attempt.outcome in (Outcome.ACKNOWLEDGED, Outcome.ACK_LOST):
            self._acknowledged.setdefault(attempt.origin, attempt.delivery)
        elif attempt.outcome is Outcome.REJECTED:
            accepted = self._acknowledged.get(attempt.origin)
            if accepted not in (None, attempt.delivery):
                self._cases["rejected-duplicate"].add(attempt)

    def _compare_with_itself(self, attempt: Attempt) -> None:
        """Each delivery counts once, however often it is rejected after its first 2xx."""
        if attempt.outcome is Outcome.ACK_LOST:
            self._ack_lost.setdefault(attempt.delivery, False)
        elif attempt.outcome is Outcome.REJECTED and self._ack_lost.get(attempt.delivery) is False:
            self._ack_lost[attempt.delivery] = True
            self._cases["ack-then-reject"].add(attempt)
        if attempt.next_due is None:
            self._ack_lost.pop(attempt.delivery, None)

    def _count_kind(self, attempt: Attempt) -> None:
        """Only what the endpoint itself answered says something about a kind."""
        accepted = attempt.outcome in (Outcome.ACKNOWLEDGED, Outcome.ACK_LOST)
        rejected = attempt.outcome is Outcome.REJECTED and attempt.status_code not in _LATER
        if accepted or rejected:
            key = (attempt.role, attempt.kind)
            self._kinds.setdefault(key, Counter())[accepted] += 1
            if rejected:
                self._kind_cases.setdefault(key, Case()).add(attempt)

    def _count_answer(self, attempt: Attempt) -> None:
        """What the endpoint answered; a lost acknowledgement was one, of a status of its own."""
        lost = attempt.outcome is Outcome.ACK_LOST
        if lost or attempt.status_code is not None:
            self._answers.setdefault(attempt.role, Counter())[attempt.status_code] += 1
            self._answer_cases.setdefault(attempt.role, Case()).add(attempt)

    def _conclude(self, rule: str) -> Iterator[Finding]:
        if rule == "kind-rejected":
            yield from self._never_accepted()
        elif rule == NOTHING_ACCEPTED:
            yield from self._refusing()
        elif self._cases[rule].attempts:
            case = self._cases[rule]
            yield _finding(rule, RULES[rule].title(case.attempts), [case])

    def _refusing(self) -> Iterator[Finding]:
        always = {role: codes for role, codes in self._answers.items() if len(codes) == 1}
        refusing = {
            role: code
            for role, codes in always.items()
            if (code := next(iter(codes))) is not None and code >= _REFUSAL
        }
        if refusing:
            answers = ", ".join(f"{role} answered {code}" for role, code in refusing.items())
            title = f"{RULES[NOTHING_ACCEPTED].title(len(refusing))}: {answers} to everything"
            cases = [self._answer_cases[role] for role in refusing]
            yield _finding(NOTHING_ACCEPTED, title, cases)

    def _never_accepted(self) -> Iterator[Finding]:
        able = {role for (role, _), answers in self._kinds.items() if answers[True]}
        never = [key for key, answers in self._kinds.items() if not answers[True]]
        kinds = [key for key in never if key[0] in able]
        if kinds:
            names = ", ".join(kind for _, kind in kinds)
            title = f"{RULES['kind-rejected'].title(len(kinds))}: {names}"
            yield _finding("kind-rejected", title, [self._kind_cases[key] for key in kinds])


def _finding(rule: str, title: str, cases: list[Case]) -> Finding:
    share = max(1, LINES_KEPT // len(cases))
    return Finding(
        id=rule,
        title=title,
        explanation=RULES[rule].explanation,
        evidence=tuple(line for case in cases for line in case.lines[:share])[:LINES_KEPT],
        attempts=sum(case.attempts for case in cases),
        deliveries=tuple(sorted(number for case in cases for number in case.deliveries)),
    )
