import pytest

from mockatell.core.evidence import DELIVERIES_KEPT, LINES_KEPT, Recent
from mockatell.core.findings import RULES
from mockatell.core.report import report
from mockatell.model import Cause, Role

DUPLICATE = {"cause": Cause.DUPLICATE, "origin": 1}
LOCATION = {"kind": "moLocation", "role": Role.REPLY}
TEXT = {"kind": "moText", "role": Role.REPLY}


def found(journal, attempts):
    return {finding.id: finding for finding in report(journal(attempts)).findings}


def described(attempt, attempts):
    return [attempt(delivery, outcome, **given) for delivery, outcome, given in attempts]


@pytest.mark.parametrize(
    ("attempts", "ids"),
    [
        ([(1, "acknowledged", {})], set()),
        ([(1, "redirected", {})], {"redirected"}),
        ([(1, "rejected", {})], {"exhausted", "nothing-accepted"}),
        ([(1, "rejected", {"wait": 1.0})], {"nothing-accepted"}),
        ([(1, "ack_lost", {})], {"exhausted"}),
        ([(1, "timed_out", {"wait": 1.0})], {"timed-out"}),
        ([(1, "unreachable", {"wait": 1.0})], set()),
        ([(1, "unreachable", {"wait": 1.0, "detail": "not_http: SSH"})], {"not-http"}),
        ([(1, "unreachable", {"wait": 1.0, "detail": "tls: expired"})], {"tls"}),
        ([(1, "unreachable", {"wait": 1.0, "detail": "reset: by peer"})], {"broken-off"}),
        ([(1, "unreachable", {"wait": 1.0, "detail": "closed: early"})], {"broken-off"}),
    ],
)
def test_what_one_attempt_proves(attempt, journal, attempts, ids):
    assert found(journal, described(attempt, attempts)).keys() == ids


@pytest.mark.parametrize(
    ("attempts", "proven"),
    [
        ([(1, "acknowledged", {"origin": 1}), (2, "rejected", DUPLICATE)], True),
        ([(1, "ack_lost", {"origin": 1, "wait": 1.0}), (2, "rejected", DUPLICATE)], True),
        # The copy came first and was taken: that the original is rejected is the same bug.
        ([(2, "acknowledged", DUPLICATE), (1, "rejected", {"origin": 1})], True),
        # Nothing had been acknowledged when the copy was rejected: the endpoint may be down.
        ([(2, "rejected", DUPLICATE), (1, "acknowledged", {"origin": 1})], False),
        ([(1, "acknowledged", {"origin": 3}), (2, "rejected", DUPLICATE)], False),
        ([(1, "acknowledged", {"origin": 1}), (2, "timed_out", DUPLICATE)], False),
        # Without `origin` nothing shows that the two are the same callback.
        ([(1, "acknowledged", {}), (2, "rejected", {"cause": Cause.DUPLICATE})], False),
    ],
)
def test_a_rejected_duplicate_needs_an_acknowledged_copy(attempt, journal, attempts, proven):
    assert ("rejected-duplicate" in found(journal, described(attempt, attempts))) is proven


@pytest.mark.parametrize(
    ("outcomes", "times"),
    [
        (["ack_lost", "rejected", "acknowledged"], 1),
        (["ack_lost", "rejected", "rejected", "acknowledged"], 1),
        (["rejected", "ack_lost", "acknowledged"], 0),
        (["ack_lost", "timed_out", "acknowledged"], 0),
    ],
)
def test_acknowledged_and_then_rejected_counts_deliveries(attempt, journal, outcomes, times):
    attempts = [
        attempt(1, outcome, number=n, wait=None if n == len(outcomes) else 1.0)
        for n, outcome in enumerate(outcomes, 1)
    ]
    finding = found(journal, attempts).get("ack-then-reject")
    assert (finding.attempts if finding else 0) == times


@pytest.mark.parametrize(
    ("attempts", "kinds"),
    [
        ([(1, "rejected", LOCATION), (2, "acknowledged", TEXT)], "moLocation"),
        ([(1, "rejected", {**LOCATION, "status_code": 400}), (2, "ack_lost", TEXT)], "moLocation"),
        # Another endpoint's acknowledgements say nothing about this one.
        ([(1, "rejected", LOCATION), (2, "acknowledged", {})], None),
        ([(1, "rejected", LOCATION), (2, "rejected", TEXT)], None),
        ([(1, "rejected", LOCATION), (2, "acknowledged", LOCATION)], None),
        # "Too many requests" is not about the kind.
        ([(1, "rejected", {**LOCATION, "status_code": 429}), (2, "acknowledged", TEXT)], None),
        ([(1, "timed_out", LOCATION), (2, "acknowledged", TEXT)], None),
    ],
)
def test_a_kind_that_is_never_accepted_beside_others_that_are(attempt, journal, attempts, kinds):
    finding = found(journal, described(attempt, attempts)).get("kind-rejected")
    assert (finding.title.rpartition(": ")[2] if finding else None) == kinds


NOT_FOUND = {"status_code": 404}


@pytest.mark.parametrize(
    ("attempts", "told"),
    [
        ([(1, "rejected", NOT_FOUND)], "status answered 404"),
        ([(1, "rejected", NOT_FOUND), (2, "timed_out", {})], "status answered 404"),
        (
            [(1, "rejected", NOT_FOUND), (2, "rejected", {**NOT_FOUND, **TEXT})],
            "status answered 404, reply answered 404",
        ),
        # The other endpoint's trouble is the other endpoint's.
        ([(1, "rejected", NOT_FOUND), (2, "acknowledged", TEXT)], "status answered 404"),
        ([(1, "rejected", NOT_FOUND), (2, "acknowledged", {})], None),
        ([(1, "rejected", NOT_FOUND), (2, "ack_lost", {})], None),
        ([(1, "rejected", NOT_FOUND), (2, "rejected", {"status_code": 503})], None),
        ([(1, "redirected", {})], None),
        ([(1, "unreachable", {})], None),
    ],
)
def test_an_endpoint_that_answers_the_same_refusal_to_everything(attempt, journal, attempts, told):
    finding = found(journal, described(attempt, attempts)).get("nothing-accepted")
    assert (finding.title.partition(": ")[2] if finding else None) == (
        told and f"{told} to everything"
    )


def test_titles_count_and_evidence_is_limited(attempt, journal):
    many = DELIVERIES_KEPT + 50
    finding = found(journal, [attempt(n, "redirected") for n in range(1, many + 1)])["redirected"]
    assert finding.title == f"{many} deliveries were lost to a redirect"
    assert finding.attempts == many
    assert len(finding.deliveries) == DELIVERIES_KEPT
    assert len(finding.evidence) == LINES_KEPT
    one = found(journal, [attempt(1, "redirected")])["redirected"]
    assert one.title == "1 delivery was lost to a redirect"


def test_evidence_names_the_attempt_and_what_was_answered(attempt, journal):
    finding = found(
        journal,
        [attempt(17, "redirected", kind="moText", due=4.0, sent_at=4.0, detail="see\n  other")],
    )["redirected"]
    assert finding.evidence == (
        '#17 moText 6f1c2a3b4d5e, attempt 1 at 4s: redirected 302 after 20ms, "see other"',
    )


def test_the_gravest_come_first(troubled):
    ids = [finding.id for finding in report(troubled).findings]
    assert ids == [rule for rule in RULES if rule in ids]
    assert set(ids) == set(RULES) - {"nothing-accepted"}


def test_recent_forgets_the_oldest():
    recent = Recent(2)
    for key in "abc":
        recent.setdefault(key, key.upper())
    assert [recent.get(key) for key in "abc"] == [None, "B", "C"]
    assert recent.setdefault("b", "other") == "B"
