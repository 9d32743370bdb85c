import msgspec
import pytest

from mockatell.clickatell.ledger import LEDGER
from mockatell.core.journal import Journal
from mockatell.core.report import Fold, Verdict, report
from mockatell.model import Cause, Role

REFUSED = "refused: nothing listens there"
OUTAGE = "outage: nothing was sent (fault)"


@pytest.mark.parametrize(
    ("held", "verdict", "exit_code"),
    [
        ((True, True), Verdict.HELD, 0),
        ((), Verdict.UNJUDGED, 0),
        ((True, False), Verdict.BROKEN, 1),
        ((True, None), Verdict.MISSING_EVIDENCE, 2),
        ((False, None), Verdict.BROKEN, 1),
        ((None,), Verdict.MISSING_EVIDENCE, 2),
    ],
)
def test_the_expectations_decide_the_verdict(attempt, journal, held, verdict, exit_code):
    told = report(journal([attempt(1)], *held))
    assert (told.verdict, told.exit_code) == (verdict, exit_code)


@pytest.mark.parametrize(
    ("details", "exit_code"),
    [
        ([REFUSED], 3),
        ([REFUSED, "dns: no address", "connect: no connection in 5s"], 3),
        ([REFUSED, OUTAGE], 3),
        ([OUTAGE, OUTAGE], 1),  # ours: the endpoint was never asked
        ([REFUSED, "reset: by peer"], 1),  # a connection had come about
        ([REFUSED, "tls: self-signed certificate"], 1),
        ([REFUSED, "gone: no trouble of ours"], 1),  # proves nothing
    ],
)
def test_unreachable_means_that_not_one_connection_came_about(attempt, journal, details, exit_code):
    attempts = [attempt(n, "unreachable", detail=detail) for n, detail in enumerate(details, 1)]
    assert report(journal(attempts, False)).exit_code == exit_code


def test_one_answer_is_a_connection(attempt, journal):
    attempts = [attempt(1, "unreachable"), attempt(2, "rejected")]
    assert report(journal(attempts, False)).verdict is Verdict.BROKEN


def test_an_interrupted_run_says_so_whatever_else_it_saw(attempt, journal):
    told = report(journal([attempt(1, "unreachable")], False, interrupted=True, pending=3))
    assert (told.exit_code, told.totals.pending) == (130, 3)


def test_a_journal_without_its_last_line_is_not_a_pass(attempt, journal):
    whole = journal([attempt(1), attempt(2, "rejected", wait=5.0)], True)
    told = report(Journal(whole.started, whole.attempts))
    assert told.exit_code == 2
    assert "no last line" in told.notes[0]
    assert (told.totals.deliveries, told.totals.acknowledged, told.totals.pending) == (2, 1, 1)


def test_a_journal_that_lost_lines_is_not_a_pass(attempt, journal):
    whole = journal([attempt(1), attempt(2)], True)
    told = report(Journal(whole.started, whole.attempts[:1], whole.ended))
    assert (told.exit_code, len(told.notes)) == (2, 1)


def test_live_totals_agree_with_the_runs_own(troubled):
    fold = Fold()
    for one in troubled:
        fold.add(one)
    seen, counted = fold.totals(), fold.totals(troubled.ended)
    never_attempted = 2
    assert seen.pending == counted.pending - never_attempted
    assert seen.deliveries == counted.deliveries - never_attempted
    assert (seen.acknowledged, seen.redirected, seen.exhausted, seen.attempts) == (
        counted.acknowledged,
        counted.redirected,
        counted.exhausted,
        counted.attempts,
    )


def test_a_report_in_the_middle_of_a_run_does_not_disturb_the_end(troubled):
    fold = Fold()
    for one in troubled:
        fold.add(one)
        fold.report(troubled.started)
    assert fold.report(troubled.started, troubled.ended) == report(troubled)


def test_attempts_are_counted_by_all_that_tells_them_apart(attempt, journal):
    told = report(
        journal(
            [
                attempt(1),
                attempt(2, "rejected", wait=1.0),
                attempt(3, "timed_out", kind="moText", role=Role.REPLY),
                attempt(2, number=2),
                attempt(4, cause=Cause.DUPLICATE),
            ]
        )
    )
    assert told.outcomes == {"acknowledged": 3, "rejected": 1, "timed_out": 1}
    assert told.kinds["moText"] == {"timed_out": 1}
    assert told.roles["status"] == {"acknowledged": 3, "rejected": 1}
    assert told.status_codes == {"200": 3, "500": 1}
    assert told.troubles == {"timeout": 1}
    assert told.tries == {"1": 3, "2": 1}
    assert told.duplicates == 1


def test_only_the_endpoints_own_time_is_service_and_latency(attempt, journal):
    told = report(
        journal(
            [
                attempt(1, due=1.0, sent_at=1.5, ended_at=3.5),
                attempt(2, "unreachable", detail=OUTAGE, due=2.0, sent_at=2.1, ended_at=2.1),
            ]
        )
    )
    assert (told.service.count, told.service.max) == (1, 2.0)
    assert (told.latency.count, told.latency.max) == (1, 2.5)
    assert (told.lag.count, told.lag.max) == (2, 0.5)


def test_a_races_spread_is_measured_between_first_attempts(attempt, journal):
    told = report(
        journal(
            [
                attempt(1, "rejected", race=1, sent_at=1.000, wait=1.0),
                attempt(2, race=1, sent_at=1.004),
                attempt(3, race=1, sent_at=0.999),
                attempt(1, number=2, race=1, sent_at=9.0),
                attempt(4, race=4, sent_at=2.0),  # its copy never ran: no race
            ]
        )
    )
    assert told.races.groups == 1
    assert told.races.spread.max == pytest.approx(0.005)


def test_assumptions_come_from_the_ledger_and_unknown_ones_say_so(attempt, journal):
    whole = journal([attempt(1)])
    known = LEDGER[0]
    started = msgspec.structs.replace(whole.started, assumed=(known.id, "from-tomorrow"))
    first, second = report(Journal(started, whole.attempts, whole.ended)).assumptions
    assert (first.id, first.behaviour) == (known.id, known.behaviour)
    assert (second.id, second.setting) == ("from-tomorrow", "")
    assert "not in this version" in second.behaviour


def test_memory_is_that_of_open_deliveries(attempt):
    fold = Fold()
    for number in range(1, 3_000):
        fold.add(attempt(number, "ack_lost", origin=number, race=number, wait=1.0))
        fold.add(attempt(number, "rejected", number=2, origin=number))
    assert fold._open == set()
    assert fold._investigation._ack_lost == {}


def test_the_copies_that_are_waited_for_are_limited(attempt, monkeypatch):
    monkeypatch.setattr("mockatell.core.races.GROUPS_OPEN", 2)
    fold = Fold()
    for number in range(5):
        fold.add(attempt(number + 1, race=number, sent_at=1.0))
        fold.add(attempt(number + 11, race=number, sent_at=1.5))
    assert len(fold._races._open) == 2
    assert fold._races.races().groups == 5
