"""When a delivery is tried again: tenacity's strategies decide, the agenda waits.

tenacity is asked on our clock: its call state is filled in by hand, so the same strategies answer
in real, hurried and virtual time. Jitter comes from the attempt's own stream, since tenacity's own
random strategies draw from Python's global generator and would not replay.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import tenacity

from mockatell.clickatell.contract import PRESETS
from mockatell.core.scenario.near import suggestion
from mockatell.core.scenario.spec import RetryByRoleSpec, RetrySpec
from mockatell.core.scenario.units import MAX_SECONDS
from mockatell.errors import ConfigurationError
from mockatell.model import Outcome, Role

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tenacity.retry import retry_base
    from tenacity.stop import stop_base
    from tenacity.wait import wait_base

    from mockatell.rng import Stream

RETRIED = frozenset(Outcome) - {Outcome.ACKNOWLEDGED, Outcome.REDIRECTED}


def _is_retried(outcome: object) -> bool:
    return outcome in RETRIED


class RetryPolicy:
    """Whether and when a delivery is tried again.

    Args:
        wait: Any tenacity wait strategy: seconds after the end of the attempt before.
        stop: Any tenacity stop strategy; `seconds_since_start` counts from the first attempt.
        retry: Any tenacity retry strategy, asked about the `Outcome` as a result; an
            acknowledged or redirected delivery is never retried, whatever it says.
        jitter: Share of each wait to add or take away at random, 0 to 1.
        cap: Longest wait in seconds, jitter included, or None.
    """

    def __init__(
        self,
        wait: wait_base,
        stop: stop_base,
        retry: retry_base | None = None,
        jitter: float = 0.0,
        cap: float | None = None,
    ) -> None:
        self._cap = float("inf") if cap is None else cap
        self._retrying = tenacity.Retrying(
            wait=wait,
            stop=stop,
            retry=retry or tenacity.retry_if_result(_is_retried),
        )
        self._jitter = jitter

    def delay(
        self,
        outcome: Outcome,
        *,
        number: int,
        first_sent: float,
        ended_at: float,
        stream: Stream,
    ) -> float | None:
        """Seconds from the end of this attempt to the next one, or None: there is no next one.

        Args:
            outcome: How the attempt ended.
            number: Its 1-based number.
            first_sent: When the delivery's first attempt was sent.
            ended_at: When this attempt ended.
            stream: The attempt's own.
        """
        if outcome not in RETRIED:
            return None
        state = self._state(outcome, number, first_sent, ended_at)
        ask: Any = self._retrying  # tenacity types its strategies as a union with its own base
        if not ask.retry(state):
            return None
        jittered = float(ask.wait(state)) * (1 + self._jitter * stream.uniform(-1.0, 1.0))
        wait = min(jittered, self._cap)
        state.upcoming_sleep = wait
        return None if ask.stop(state) else wait

    def _state(
        self, outcome: Outcome, number: int, first_sent: float, ended_at: float
    ) -> tenacity.RetryCallState:
        state = tenacity.RetryCallState(self._retrying, None, (), {})
        state.attempt_number = number
        state.start_time = first_sent
        state.outcome_timestamp = ended_at
        state.outcome = tenacity.Future(number)
        state.outcome.set_result(outcome)
        return state


def from_schedule(
    delays: Sequence[float],
    *,
    attempts: int | None = None,
    jitter: float = 0.0,
    cap: float | None = None,
    horizon: float | None = None,
) -> RetryPolicy:
    """A policy that waits these delays (seconds), the last one again if `attempts` wants more."""
    most = len(delays) + 1 if attempts is None else attempts
    chain = tenacity.wait_chain(*(tenacity.wait_fixed(d) for d in delays or (0.0,)))
    return RetryPolicy(chain, _until(most, horizon), jitter=jitter, cap=cap)


def from_spec(spec: RetrySpec) -> RetryPolicy:
    """The policy that a scenario's `retry` mapping describes."""
    if spec.exponential is None:
        return from_schedule(
            spec.schedule or (),
            attempts=spec.attempts,
            jitter=spec.jitter,
            cap=spec.cap,
            horizon=spec.horizon,
        )
    growth = spec.exponential
    wait = tenacity.wait_exponential(multiplier=growth.first, exp_base=growth.factor)
    least = min(limit for limit in (growth.max, spec.cap, MAX_SECONDS) if limit is not None)
    return RetryPolicy(wait, _until(spec.attempts, spec.horizon), jitter=spec.jitter, cap=least)


def policies(retry: str | RetrySpec | RetryByRoleSpec) -> Mapping[Role, RetryPolicy]:
    """The policy of each role, from a scenario's `retry`: a preset's name, or a spec."""
    if isinstance(retry, RetryByRoleSpec):
        return {role: _policy(getattr(retry, role.value), role) for role in Role}
    return {role: _policy(retry, role) for role in Role}


def _policy(retry: str | RetrySpec, role: Role) -> RetryPolicy:
    if isinstance(retry, RetrySpec):
        return from_spec(retry)
    if retry not in PRESETS:
        raise ConfigurationError(
            f"there is no retry preset '{retry}' ({suggestion(retry, PRESETS)})"
        )
    return from_schedule(PRESETS[retry].delays[role])


def _until(attempts: int | None, horizon: float | None) -> stop_base:
    stops: list[stop_base] = []
    if attempts is not None:
        stops.append(tenacity.stop_after_attempt(attempts))
    if horizon is not None:
        stops.append(tenacity.stop_before_delay(horizon))
    return tenacity.stop_any(*stops) if stops else tenacity.stop_never
