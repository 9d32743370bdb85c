import pytest
import tenacity

from mockatell.core.retry import RetryPolicy, from_schedule, from_spec, policies
from mockatell.core.scenario.spec import ExponentialSpec, RetryByRoleSpec, RetrySpec
from mockatell.model import Outcome, Role
from mockatell.rng import Stream

MINUTE, HOUR, DAY = 60.0, 3_600.0, 86_400.0


def delays(policy, outcome=Outcome.REJECTED, service=0.0, most=50, stream=None):
    """The waits that a policy asks for when every attempt ends this way."""
    now, waits = 0.0, []
    for number in range(1, most + 1):
        ended = now + service
        wait = policy.delay(
            outcome,
            number=number,
            first_sent=0.0,
            ended_at=ended,
            stream=stream or Stream(1, 4, number),
        )
        if wait is None:
            return waits
        waits.append(wait)
        now = ended + wait
    return waits


def test_the_older_api_gives_up_after_76_hours_and_14_minutes():
    waits = delays(policies("central-status")[Role.STATUS])
    assert waits == [MINUTE * m for m in (2, 4, 8, 16, 32, 64, 128)] + [3 * DAY]
    assert sum(waits) == 76 * HOUR + 14 * MINUTE


@pytest.mark.parametrize(
    ("preset", "role", "expected"),
    [
        ("one-api", Role.REPLY, [MINUTE * m for m in (2, 4, 8, 16, 25)]),
        ("central-mo", Role.STATUS, [MINUTE * m for m in (2, 4, 8, 16, 25)]),
        ("fast", Role.STATUS, [1, 2, 4, 8, 16]),
        ("none", Role.STATUS, []),
    ],
)
def test_presets(preset, role, expected):
    assert delays(policies(preset)[role]) == expected


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        (RetrySpec(schedule=(1.0, 2.0)), [1, 2]),
        (RetrySpec(schedule=(1.0, 2.0), attempts=5), [1, 2, 2, 2]),
        (RetrySpec(schedule=(1.0, 2.0), attempts=2), [1]),
        (RetrySpec(schedule=(1.0, 9.0), cap=4.0), [1, 4]),
        (RetrySpec(schedule=(10.0, 20.0, 40.0), horizon=31.0), [10, 20]),
        (RetrySpec(exponential=ExponentialSpec(first=2.0), attempts=5), [2, 4, 8, 16]),
        (RetrySpec(exponential=ExponentialSpec(first=2.0, max=5.0), attempts=5), [2, 4, 5, 5]),
        (RetrySpec(exponential=ExponentialSpec(first=1.0, factor=3.0), cap=5.0, attempts=5),
         [1, 3, 5, 5]),
        (RetrySpec(exponential=ExponentialSpec(first=1.0), horizon=8.0), [1, 2, 4]),
        (RetrySpec(), []),
    ],
)  # fmt: skip
def test_specs(spec, expected):
    assert delays(from_spec(spec)) == expected


def test_a_policy_for_each_role():
    mixed = policies(RetryByRoleSpec(status="none", reply=RetrySpec(schedule=(3.0,))))
    assert delays(mixed[Role.STATUS]) == []
    assert delays(mixed[Role.REPLY]) == [3]


def test_the_horizon_counts_what_the_attempts_took():
    policy = from_schedule([10.0, 10.0, 10.0], horizon=25.0)
    assert delays(policy) == [10, 10]
    assert delays(policy, service=5.0) == [10]


@pytest.mark.parametrize("outcome", [Outcome.ACKNOWLEDGED, Outcome.REDIRECTED])
def test_an_acknowledged_or_redirected_delivery_is_never_retried(outcome):
    eager = RetryPolicy(
        tenacity.wait_none(), tenacity.stop_never, tenacity.retry_if_result(lambda _: True)
    )
    assert delays(eager, outcome) == []


@pytest.mark.parametrize(
    "outcome",
    [Outcome.REJECTED, Outcome.TIMED_OUT, Outcome.UNREACHABLE, Outcome.ACK_LOST],
)
def test_everything_else_is_retried(outcome):
    assert delays(from_schedule([1.0]), outcome) == [1]


def test_jitter_stays_within_its_share_and_replays():
    policy = from_schedule([100.0] * 30, jitter=0.1)
    first, second = delays(policy), delays(policy)
    assert first == second
    assert all(90 <= wait <= 110 for wait in first)
    assert len(set(first)) == 30


def test_the_cap_holds_with_jitter():
    policy = from_schedule([100.0] * 30, jitter=0.5, cap=110.0)
    assert max(delays(policy)) == 110


def test_any_tenacity_strategy():
    policy = RetryPolicy(
        wait=tenacity.wait_fixed(1) + tenacity.wait_incrementing(start=1, increment=2),
        stop=tenacity.stop_after_attempt(4) | tenacity.stop_after_delay(60),
        retry=tenacity.retry_if_result(lambda outcome: outcome is Outcome.TIMED_OUT),
    )
    assert delays(policy, Outcome.TIMED_OUT) == [2, 4, 6]
    assert delays(policy, Outcome.REJECTED) == []
