"""Whether one load went worse than another."""

import re

import pytest
from msgspec.structs import replace

from mockatell.core.load.compare import compared
from mockatell.core.render.load.comparison import comparison_json, comparison_text
from mockatell.core.report import Verdict
from mockatell.rng import Stream

ROWS = ("latency p50", "latency p99", "acknowledged a second", "failed")


@pytest.fixture
def load(measured, seconds):
    """A load of some seconds whose latency, goodput and failures scatter around these."""

    def make(seed, *, p50=0.01, goodput=100.0, failed=0.0, number=60, noise=0.05):
        stream = Stream(seed, 99)

        def of(_):
            wobble = 1 + noise * stream.uniform(-1.0, 1.0)
            return {
                "p50": p50 * wobble, "p99": 3 * p50 * wobble,
                "acknowledged": round(goodput * wobble),
                "errors": round(1000 * failed * wobble), "completed": 1000,
            }  # fmt: skip

        made = measured(seconds=seconds(number, of))
        return replace(made, offer=replace(made.offer, duration=float(number)))

    return make


def findings(comparison):
    return {each.name: each.finding for each in comparison.differences}


@pytest.mark.parametrize("seed", range(5))
def test_two_of_a_kind_are_the_same(load, seed):
    comparison = compared(load(seed), load(seed + 100))
    assert comparison.verdict is Verdict.HELD
    assert findings(comparison) == dict.fromkeys(ROWS, "same")


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        ({"p50": 0.012}, {"latency p50": "worse", "latency p99": "worse"}),
        ({"p50": 0.008}, {"latency p50": "better", "latency p99": "better"}),
        ({"goodput": 80.0}, {"acknowledged a second": "worse"}),
        ({"goodput": 120.0}, {"acknowledged a second": "better"}),
        ({"failed": 0.05}, {"failed": "worse"}),
        ({"p50": 0.0102}, {}),  # certain, and too little to matter
        ({"failed": 0.002}, {}),
    ],
)
def test_what_changed_is_found(load, change, finding):
    comparison = compared(load(1), load(2, **change))
    assert findings(comparison) == dict.fromkeys(ROWS, "same") | finding
    worse = "worse" in finding.values()
    assert comparison.verdict is (Verdict.BROKEN if worse else Verdict.HELD)
    assert comparison.exit_code == int(worse)


@pytest.mark.parametrize("p50", [0.0105, 0.0095])
def test_what_may_matter_or_not_is_unclear(load, p50):
    comparison = compared(load(1, noise=0.2), load(2, p50=p50, noise=0.2))
    assert findings(comparison)["latency p50"] == "unclear"


def test_noise_is_no_finding(load):
    comparison = compared(load(1, noise=0.9, number=12), load(2, noise=0.9, number=12))
    assert set(findings(comparison).values()) <= {"unclear", "same"}


def test_the_same_seed_gives_the_same_intervals(load):
    one, other = load(1), load(2)
    assert compared(one, other, 5) == compared(one, other, 5)
    assert compared(one, other, 5) != compared(one, other, 6)


def test_too_short_or_not_valid_is_no_evidence(load, invalid):
    short = compared(load(1, number=9), load(2))
    assert (short.verdict, short.differences) == (Verdict.MISSING_EVIDENCE, ())
    assert "less than 10 seconds" in comparison_text(short)
    late = compared(load(1), replace(load(2), validity=invalid))
    assert late.verdict is Verdict.MISSING_EVIDENCE
    assert late.exit_code == 2
    why = "after: not valid, so latencies are not compared: the generator was late"
    assert why in late.notes
    assert findings(late) == {"acknowledged a second": "same", "failed": "same"}


def test_what_failed_is_compared_where_latencies_cannot_be(load, invalid):
    comparison = compared(load(1), replace(load(2, failed=0.5), validity=invalid))
    assert comparison.verdict is Verdict.BROKEN
    assert findings(comparison)["failed"] == "worse"


@pytest.mark.parametrize("silent", [60, 34])
def test_an_endpoint_that_acknowledges_nothing_any_more_is_worse(load, silent):
    after = load(2)
    quiet = [replace(each, acknowledged=0) for each in after.seconds[:silent]]
    after = replace(after, seconds=(*quiet, *after.seconds[silent:]))
    comparison = compared(load(1), after)
    assert findings(comparison)["acknowledged a second"] == "worse"
    assert comparison.verdict is Verdict.BROKEN
    back = compared(after, load(1))
    assert back.verdict is Verdict.HELD
    assert all(abs(each.high) < 1e7 for each in back.differences), "JSON knows no infinity"


def test_seconds_that_hang_together_are_drawn_together(load, seconds):
    """A load whose seconds follow each other says less than one whose seconds are independent."""

    def width(order):
        values = [50.0] * 30 + [150.0] * 30
        of = load(1)
        whole = replace(
            of, seconds=tuple(seconds(60, lambda at: {"acknowledged": values[order(at)]}))
        )
        found = {each.name: each for each in compared(whole, whole).differences}
        return found["acknowledged a second"].high - found["acknowledged a second"].low

    in_blocks, scattered = width(lambda at: at), width(lambda at: at * 31 % 60)
    assert in_blocks > 1.3 * scattered


def test_a_great_change_is_told_in_plain_numbers(load):
    text = comparison_text(compared(load(1), load(2, p50=50.0)))
    assert re.search(r"latency p50 .* [45],\d{3}x", text)
    assert "e+0" not in text


def test_loads_that_differ_are_named(load):
    other = load(2)
    other = replace(other, offer=replace(other.offer, start=5.0))
    assert "not asked for in the same way" in comparison_text(compared(load(1), other))


def test_a_long_load_is_compared_in_time(load):
    comparison = compared(load(1, number=7200), load(2, number=7200))
    assert findings(comparison) == dict.fromkeys(ROWS, "same")


def test_it_is_told(load):
    comparison = compared(load(1), load(2, p50=0.02))
    text = comparison_text(comparison)
    assert text.startswith("FAILED\nIt got worse.\n")
    assert "latency p50" in text
    assert '"finding": "worse"' in comparison_json(comparison)
