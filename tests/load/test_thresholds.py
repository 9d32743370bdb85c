"""Clauses about a load: how they are read, and what measured values say of them."""

import pytest

from mockatell.core.load.result import Resilience, Timings, Totals
from mockatell.core.load.thresholds import judged, parse
from mockatell.errors import ConfigurationError


@pytest.mark.parametrize(
    ("clause", "held", "was"),
    [
        ("p(50) < 20ms", True, "10ms"),
        ("p(99) < 250ms", True, "200ms"),
        ("p(99.9) < 250ms", False, "400ms"),
        ("p(100) <= 250ms", False, "400ms"),
        ("latency.max < 1s", True, "400ms"),
        ("service.p(99) <= 101ms", True, "100ms"),
        ("service.min > 10ms", False, "9ms"),
        ("lag.mean < 1ms", True, "0.1ms"),
        ("status.p(99) < 100ms", False, "200ms"),
        ("messageStatusUpdate.service.p(50) < 10ms", True, "9.01ms"),
        ("acknowledged >= 99.9%", False, "99%"),
        ("acknowledged>=99%", True, "99%"),
        ("acknowledged == 1980", True, "1,980"),
        ("redirected < 1%", True, "0.25%"),
        ("exhausted == 0", False, "5"),
        ("pending <= 10", True, "10"),
        ("pending < 10", False, "10"),
        ("pending >= 10", True, "10"),
        ("pending > 10", False, "10"),
        ("errors < 10%", True, "9.77273%"),
        ("errors < 200", False, "215"),
        ("retries < 10%", True, "9.09091%"),
        ("timed_out < 1%", False, "2.95455%"),
        ("ack_lost == 0", True, "0"),
        ("rate >= 100/s", True, "109.5/s"),
        ("goodput >= 100/s", False, "98.5/s"),
        ("offered > 3600/m", True, "100/s"),
        ("amplification <= 1.05", False, "1.1"),
        ("backlog < 31", True, "30"),
        ("drain < 3s", True, "2s"),
        ("busy < 80%", True, "20%"),
        ("  attempts   >   2000  ", True, "2,200"),
    ],
)
def test_what_is_measured_judges(measured, clause, held, was):
    (verdict,) = judged([parse(clause)], measured())
    assert (verdict.held, verdict.measured) == (held, was)


@pytest.mark.parametrize("clause", ["moText.p(99) < 1s", "reply.p(99) < 1s", "moLocation.max > 1s"])
def test_what_was_not_measured_is_not_judged(measured, clause):
    (verdict,) = judged([parse(clause)], measured())
    assert (verdict.held, verdict.measured) == (None, "")


def test_a_share_of_nothing_is_not_judged(measured):
    nothing = Totals(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    (verdict,) = judged([parse("acknowledged >= 99%")], measured(totals=nothing))
    assert verdict.held is None


def test_what_never_drained_fails(measured):
    outages = measured().resilience.outages
    lasting = Resilience(1.0, 1, 1, (*outages, type(outages[0])(9, None, 1, 1, None)))
    (verdict,) = judged([parse("drain < 366d")], measured(resilience=lasting))
    assert (verdict.held, verdict.measured) == (False, "not in the time there was")


def test_without_an_outage_nothing_drained(measured):
    (verdict,) = judged([parse("drain < 5s")], measured(resilience=Resilience(1.0, 0, 0)))
    assert (verdict.held, verdict.measured) == (None, "")


def test_a_clause_is_told_in_one_spelling():
    assert parse("  p(99)<250ms ").clause == "p(99) < 250ms"


@pytest.mark.parametrize(
    ("clause", "said"),
    [
        ("p99 < 250ms", "did you mean 'p(99)'?"),
        ("p95 < 250ms", "did you mean 'p(95)'?"),
        ("status.p99.9 < 1s", "did you mean 'status.p(99.9)'?"),
        ("stauts.p(99) < 1s", "did you mean 'status.p(99)'?"),
        ("latancy.p(99) < 1s", "did you mean 'latency.p(99)'?"),
        ("acknowleged > 3", "did you mean 'acknowledged'?"),
        ("nonsense < 1", "known are p(99)"),
        ("nosuchkind.p(99) < 1s", "there is no metric 'nosuchkind.p(99)'"),
        ("p(0) < 1s", "there is no metric 'p(0)'"),
        ("p(100.1) < 1s", "there is no metric"),
        ("p(99) < 250", "has no unit (write 250ms)"),
        ("p(99) < 5%", "is not a duration"),
        ("rate > 5", "has no unit (write 5/s)"),
        ("errors < 5ms", "a number, or a share as in 0.1%"),
        ("errors < 101%", "is more than 1"),
        ("attempts < 5%", "write a number"),
        ("busy < 80ms", "is not a probability"),
        ("p(99) 250ms", "has no form"),
        ("p(99) <", "has no form"),
        ("< 5", "has no form"),
        ("p(99) < 1s < 2s", "has no form"),
        ("", "has no form"),
        ("\x1b[31m < 1", "there is no metric '\\x1b[31m'"),
        ("errors < " + "9" * 5000, "is not what this metric is measured in"),
        ("p(" * 5000, "has no form"),
    ],
)
def test_what_is_no_threshold_is_said(clause, said):
    with pytest.raises(ConfigurationError) as refused:
        parse(clause)
    assert said in str(refused.value)
    assert refused.value.exit_code == 2


def test_times_of_what_was_not_reached_are_not_judged(measured):
    (verdict,) = judged([parse("p(99) < 1s")], measured(timings=Timings()))
    assert verdict.held is None
