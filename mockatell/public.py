"""The public door: what a test, a notebook or another program calls."""

from __future__ import annotations

import os
from contextlib import AsyncExitStack, ExitStack
from math import inf
from typing import TYPE_CHECKING, Any

from mockatell.core import by_hand
from mockatell.core.plan import plan as deliveries_of
from mockatell.core.scenario.endpoints import IN_PROCESS
from mockatell.core.scenario.load import load as _load
from mockatell.core.scenario.load import parse as _parse
from mockatell.core.scenario.load import parse_keys
from mockatell.core.scenario.spec import Scenario
from mockatell.core.scenario.units import parse_seconds
from mockatell.core.scenario.urls import MASK, masked
from mockatell.errors import ConfigurationError
from mockatell.rng import chosen_seed
from mockatell.rooms.check.check import Check, Wishes, carry_out
from mockatell.rooms.explore.explore import Aim, Expedition
from mockatell.rooms.explore.exploring import Limits
from mockatell.rooms.looking import check_callable
from mockatell.rooms.players import AsyncPlayer, player_of
from mockatell.rooms.run import Run, Settings
from mockatell.shell.clock import FIXED_EPOCH_MS, RealClock, VirtualClock
from mockatell.shell.journalfile import JournalWriter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from mockatell.clickatell.standin import SentMessage
    from mockatell.core.check.report import CheckReport
    from mockatell.core.journal import Journal
    from mockatell.core.retry import RetryPolicy
    from mockatell.model import Delivery
    from mockatell.rooms.explore.explored import Explored
    from mockatell.rooms.run import Listener
    from mockatell.shell.clock import Clock
    from mockatell.shell.probes import Eye

    Source = Scenario | str | os.PathLike[str]


def load(source: str | os.PathLike[str], *, overrides: Sequence[str] = ()) -> Scenario:
    """Read a scenario from a file, or a shipped one by its name.

    Args:
        source: A path or a name; `${VAR}` in it comes from the environment.
        overrides: `path=value` each, as with `--set`.

    Raises:
        ScenarioError: It cannot be used; says where, and how to mend it.
    """
    return _load(source, env=os.environ, overrides=overrides)


def parse(text: bytes | str, *, name: str = "<string>") -> Scenario:
    """Make a scenario of YAML.

    Raises:
        ScenarioError: It cannot be used; says where, and how to mend it.
    """
    return _parse(text, name=name, env=os.environ)


def plan(
    scenario: Source, *, seed: int | None = None, epoch_ms: int = FIXED_EPOCH_MS
) -> Iterator[Delivery]:
    """What a scenario would send, in order of due time; nothing is sent.

    Args:
        scenario: A scenario, a path or a shipped one's name.
        seed: Given the same one (and epoch), the same deliveries, to the byte.
        epoch_ms: Unix time in milliseconds of the run's time 0.
    """
    read = _read(scenario)
    return deliveries_of(read, seed=chosen_seed(seed, read.seed), epoch_ms=epoch_ms)


def run(
    scenario: Source,
    *,
    app: Any = None,
    to: str | None = None,
    seed: int | None = None,
    clock: Clock | None = None,
    retry: str | RetryPolicy | None = None,
    bodies: bool = False,
    journal: str | os.PathLike[str] | None = None,
    probes: Sequence[Callable[[dict[str, str]], object]] = (),
) -> Journal:
    """Play a scenario against an app in process, or against URLs.

    Args:
        scenario: A scenario, a path or a shipped one's name.
        app: An ASGI or WSGI app; the endpoints' paths and queries apply, their hosts do not. A
            WSGI app is called on this thread, with no event loop running.
        to: URL of both endpoints, instead of the scenario's.
        seed: Replays a run; drawn when neither this nor the scenario has one.
        clock: By default virtual for an app (days of retries take milliseconds), real for a URL.
        retry: For both roles, instead of the scenario's: a preset's name, or a policy.
        bodies: Whether attempts carry the callbacks' bodies.
        journal: A file to write the attempts to, as they come.
        probes: Functions that look at your state, beside the scenario's own. Each is called with
            the ids of every message (`messageId`, `clientMessageId`, `status`, `replyId`...) after
            the last delivery, and is a clause of `expect`: it is broken where the function returns
            False or fails an assertion. Over a network it is called again for up to 5 s.

    Returns:
        The journal; `mockatell.report` tells what it says.

    Raises:
        InputError: The scenario, the app or a URL cannot be used. An endpoint's failure is never
            an exception: it is in the journal.
    """
    player = player_of(_target(app))
    with ExitStack() as stack:
        stack.callback(player.close)
        settings = _settings(scenario, to, seed, retry, bodies=bodies)
        return player.play(
            _prepared(scenario, settings, clock, app, _listeners(journal, stack), probes)
        )


async def arun(
    scenario: Source,
    *,
    app: Any = None,
    to: str | None = None,
    seed: int | None = None,
    clock: Clock | None = None,
    retry: str | RetryPolicy | None = None,
    bodies: bool = False,
    journal: str | os.PathLike[str] | None = None,
    probes: Sequence[Callable[[dict[str, str]], object]] = (),
) -> Journal:
    """As `run`, inside a running event loop; for ASGI apps and URLs."""
    async with AsyncExitStack() as stack:
        player = AsyncPlayer(_target(app))
        stack.push_async_callback(player.aclose)
        settings = _settings(scenario, to, seed, retry, bodies=bodies)
        run = _prepared(scenario, settings, clock, app, _listeners(journal, stack), probes)
        return await player.play(run)


def check(
    app: Any = None,
    *,
    to: str | None = None,
    status_url: str | None = None,
    reply_url: str | None = None,
    headers: Mapping[str, str] = {},
    basic_auth: tuple[str, str] | None = None,
    timeout: str | float | None = None,
    seed: int | None = None,
    only: Sequence[str] = (),
    skip: Sequence[str] = (),
    limits: bool = True,
    message_id: str | None = None,
) -> CheckReport:
    """Hold an app in process, or URLs, to the contract: every clause, with verdict and evidence.

    Answers alone are looked at; what was done with a callback is for `run` with a probe, and for
    `converges` of the pytest fixture.

    Args:
        app: An ASGI or WSGI app; of URLs only path and query count, and a path alone will do.
        to: URL of both endpoints.
        status_url: URL of the status endpoint; it goes before `to`.
        reply_url: URL of the reply endpoint; it goes before `to`.
        headers: Sent with every request.
        basic_auth: User name and password.
        timeout: For an exchange, `"5s"` or seconds; five, as assumed of the platform.
        seed: What every callback follows from; drawn when not given.
        only: Ids of clauses to play, with those that they need; all, if none is named.
        skip: Ids of clauses to leave out.
        limits: Whether to look for the largest body (22 MB) and the highest burst (200 at once).
        message_id: Of a message that the endpoint knows; without it every id is made up.

    Raises:
        ConfigurationError: There is nothing to check, something that was given makes no sense, or
            an event loop is running.
    """
    told = {
        "to": to and masked(to),
        "status_url": status_url and masked(status_url),
        "reply_url": reply_url and masked(reply_url),
        "headers": dict.fromkeys(headers, MASK),
        "basic_auth": basic_auth and (basic_auth[0], MASK),
        "timeout": timeout,
        "only": tuple(only),
        "skip": tuple(skip),
        "limits": None if limits else limits,
        "message_id": message_id,
    }
    at = _at_path if app is not None else _as_given
    wishes = Wishes(
        target=at(to),
        status_url=at(status_url),
        reply_url=at(reply_url),
        headers=tuple(headers.items()),
        basic_auth=basic_auth,
        timeout=timeout if timeout is None else by_hand.seconds("timeout", timeout),
        seed=seed,
        only=tuple(only),
        skip=tuple(skip),
        limits=limits,
        message_id=message_id,
        replay=_check_again(app, told),
    )
    clock = RealClock() if app is None else RealClock(epoch_ms=FIXED_EPOCH_MS)
    return carry_out(Check(parse_keys({}, name="check"), wishes, clock, app=app))


def explore(
    scenario: Source,
    *,
    app: Any = None,
    to: str | None = None,
    budget: str | float = "30s",
    most: int | None = None,
    seed: int | None = None,
    state: Callable[[Mapping[str, str]], Any] | None = None,
    sent: Sequence[SentMessage] | None = None,
    ignore: Sequence[str] = (),
    normalise: Callable[[Any], Any] | None = None,
    reset: Callable[[], Any] | None = None,
) -> Explored:
    """Search for the delivery schedule that breaks an app in process, or what is behind URLs.

    One message of every sort is had in order and once each, and under fresh ids again and again in
    the other ways in which Clickatell may deliver it. Where the state then is another one, or other
    messages were sent, that is a discovery: the smallest schedule that shows it.

    Args:
        scenario: A scenario, a path or a shipped one's name; its faults are left out, the probes of
            its `expect` see the state.
        app: An ASGI or WSGI app; a WSGI app is called on this thread, so nothing races there.
        to: URL of both endpoints, instead of the scenario's; for an app, a path alone will do.
        budget: How long to search, by the clock on the wall: `"30s"`, or seconds.
        most: How many schedules to try; as many as there is time for, when not given.
        seed: Draws what is searched; drawn when neither this nor the scenario has one.
        state: Shows the state of a message, given its ids (`messageId`, `clientMessageId`,
            `replyId`, `from`, `to`): beside the probes, or instead of them.
        sent: What the app has sent through a stand-in so far: `clickatell.sent` of the fixture.
        ignore: Paths of the state to leave out: `updated_at`, `items[*].id`.
        normalise: What of a look is compared.
        reset: Puts the app back to its beginning before every schedule; ids then stay the same.

    Returns:
        What was tried, and the discoveries, each with a scenario and a test that play it.

    Raises:
        ConfigurationError: There is nothing to see or to compare with, or an event loop is running.
        UnreachableError: The endpoint is down.
    """
    seconds = parse_seconds(budget) if isinstance(budget, str) else budget
    if not seconds > 0 or (most is not None and most < 1):
        raise ConfigurationError("explore() needs a budget longer than 0s, and most=1 or more")
    aim = Aim(
        _read(scenario),
        app=app,
        target=to if app is None else _at_path(to),
        seed=seed,
        state=state,
        sent=sent,
        ignore=tuple(ignore),
        normalise=normalise,
        reset=reset,
    )
    with Expedition(aim) as expedition:
        return expedition.explore(Limits(seconds, most or inf))


def _check_again(app: Any, told: Mapping[str, Any]) -> str:
    """The line that checks again, with `{seed}` where that goes; what is empty goes unsaid."""
    given = [f"{key}={value!r}" for key, value in told.items() if value not in (None, "", (), {})]
    words = [*(["app"] if app is not None else []), *given, "seed={seed}"]
    return f"mockatell.check({', '.join(words)})"


def _at_path(url: str | None) -> str | None:
    """The URL of an app in process, of which a path may be all that is given."""
    return IN_PROCESS.removesuffix("/") + url if url and url.startswith("/") else url


def _as_given(url: str | None) -> str | None:
    return url


def _target(app: Any) -> Any:
    """An app, or, for a player, any text: the URLs are the scenario's business."""
    return "the scenario's URLs" if app is None else app


def _prepared(
    scenario: Source,
    settings: Settings,
    clock: Clock | None,
    app: Any,
    listeners: list[Listener],
    eyes: Sequence[Eye],
) -> Run:
    in_process = app is not None
    time = clock or (VirtualClock() if in_process else RealClock())
    # A clock that was used before goes on from where it stands.
    start = time.now() if time.virtual else 0.0
    for eye in eyes:
        check_callable("a probe", eye, "a function of one argument, the ids of a message", {})
    return Run(
        _read(scenario),
        settings,
        time,
        listeners,
        in_process=in_process,
        start=start,
        eyes=tuple(eyes),
    )


def _read(scenario: Source) -> Scenario:
    return scenario if isinstance(scenario, Scenario) else load(scenario)


def _settings(
    scenario: Source,
    to: str | None,
    seed: int | None,
    retry: str | RetryPolicy | None,
    *,
    bodies: bool,
) -> Settings:
    source = "scenario" if isinstance(scenario, Scenario) else repr(os.fspath(scenario))
    where = f"to={masked(to)!r}" if to else "app=app"
    replay = f"mockatell.run({source}, {where}, seed={{seed}})"
    return Settings(target=to, seed=seed, retry=retry, bodies=bodies, replay=replay)


def _listeners(
    journal: str | os.PathLike[str] | None, stack: ExitStack | AsyncExitStack
) -> list[Listener]:
    if journal is None:
        return []
    return [stack.enter_context(JournalWriter(os.fspath(journal))).add]
