"""The room where an exploration is put together: a scenario, a target, and what sees its state."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any, Self

from msgspec.structs import replace

from mockatell.clickatell.events import ROLE_OF
from mockatell.core.conversations import conversations
from mockatell.core.lives import roles_of
from mockatell.core.plan import platform_of
from mockatell.core.render.finding import RETRIES, Setting, again, scenario_of, test_of
from mockatell.core.retry import from_schedule, policies
from mockatell.core.scenario.endpoints import IN_PROCESS, resolve_endpoints
from mockatell.core.secrets import Secrets
from mockatell.errors import ConfigurationError
from mockatell.model import Frozen, Outcome, Role
from mockatell.rng import Purpose, Stream, chosen_seed, draw_seed
from mockatell.rooms.explore.exploring import MOST_RETRIES, Exploration
from mockatell.rooms.explore.takes import Company
from mockatell.rooms.explore.theatre import LANES, Manner, theatre_of
from mockatell.rooms.explore.witness import Witness
from mockatell.shell.clock import FIXED_EPOCH_MS, RealClock

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mockatell.clickatell.standin import SentMessage
    from mockatell.core.discoveries import Discovery
    from mockatell.core.drafts import Draft
    from mockatell.core.eyes import Eye
    from mockatell.core.scenario.spec import Scenario
    from mockatell.model import Endpoint
    from mockatell.rooms.explore.explored import Explored
    from mockatell.rooms.explore.exploring import Limits
    from mockatell.rooms.explore.theatre import Theatre


class Aim(Frozen, frozen=True):
    """What is explored, and how its state is seen.

    Args:
        scenario: Its messages are had, its probes are the eyes; its faults are left out.
        app: An ASGI or WSGI app, or None for URLs.
        target: URL of both endpoints, instead of the scenario's.
        status_url: URL of the status endpoint.
        reply_url: URL of the reply endpoint.
        seed: Draws what is searched; drawn itself when neither this nor the scenario has one.
        state: A function of the ids of a message that shows its state, instead of probes.
        sent: All messages that the app has sent through a stand-in so far, or None.
        stand_in: Where that stand-in is served, as `HOST:PORT`, for who plays it again.
        ignore: Paths of the state to leave out.
        normalise: What of a look is compared.
        reset: Puts the app back to its beginning before every schedule; ids then stay the same.
        lanes: How many schedules are played side by side to a URL.
        is_blind: Whether acknowledgements alone will do.
    """

    scenario: Scenario
    app: Any = None
    target: str | None = None
    status_url: str | None = None
    reply_url: str | None = None
    seed: int | None = None
    state: Callable[[Mapping[str, str]], Any] | None = None
    sent: Sequence[SentMessage] | None = None
    stand_in: str = ""
    ignore: tuple[str, ...] = ()
    normalise: Callable[[Any], Any] | None = None
    reset: Callable[[], Any] | None = None
    lanes: int = LANES
    is_blind: bool = False


class Expedition:
    """An aim, and all that it takes to get there; a context manager that leaves nothing behind.

    Attributes:
        seed: What was chosen.
        endpoints: Where callbacks are sent.

    Raises:
        ConfigurationError: Something is missing, or does not fit together.
    """

    def __init__(self, aim: Aim) -> None:
        scenario = aim.scenario
        self.seed = chosen_seed(aim.seed, scenario.seed)
        self.endpoints = _endpoints(aim)
        self._aim = aim
        self._witness = _witness(aim)
        self.conversations = conversations(scenario, self.seed)
        manner = Manner(
            self.endpoints,
            {role: from_schedule(RETRIES[: _retries(scenario, role)]) for role in Role},
            Secrets.of(scenario, self.endpoints.values()).scrub,
            self.seed,
        )
        self._theatre = theatre_of(aim.app, manner, lanes=1 if aim.reset else aim.lanes)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._theatre.close()

    def company(self) -> Company:
        """Who takes part."""
        aim = self._aim
        live = aim.app is None
        clock = RealClock()
        withins = [each.probe.within for each in aim.scenario.expect if each.probe is not None]
        return Company(
            theatre=self._theatre,
            witness=self._witness,
            platform=platform_of(aim.scenario),
            seed=self.seed,
            salt=0 if aim.reset else draw_seed(),
            epoch_ms=clock.epoch_ms if live else FIXED_EPOCH_MS,
            runs=count(),
            within=max(withins, default=1.0),
            reset=aim.reset,
        )

    def explore(
        self, limits: Limits, told: Callable[[Explored], None] = lambda _: None
    ) -> Explored:
        """Search; the discoveries come with a scenario and a test that play them.

        Raises:
            ConfigurationError: There is nothing to compare with.
            UnreachableError: The endpoint is down.
        """
        search = Exploration(self.company(), self.conversations, self.retries, limits, told)
        explored = search.run()
        written = map(self.written, count(1), explored.discoveries)
        return replace(explored, discoveries=tuple(written))

    def written(self, number: int, found: Discovery) -> Discovery:
        """A discovery with the scenario and the test that play it."""
        setting = self._setting(f"finding-{number}.yaml")
        texts = {"scenario": scenario_of(found, setting), "test": test_of(found, setting)}
        return replace(found, finding=replace(found.finding, **texts))

    def again(self, found: Discovery, path: str) -> str:
        """The command that plays again what was written to a file."""
        return again(found, self._setting(path), path)

    @property
    def eyes(self) -> frozenset[Eye]:
        """What its state is seen with."""
        return self._witness.eyes

    def _setting(self, file: str) -> Setting:
        aim = self._aim
        endpoints = self.endpoints if aim.app is None else {}
        return Setting(aim.scenario, endpoints, self.seed, file, aim.stand_in, aim.ignore)

    def retries(self, event: Draft) -> int:
        """How many attempts of an event may fail."""
        return _retries(self._aim.scenario, ROLE_OF[event.kind])

    @property
    def scenario(self) -> Scenario:
        """What is had."""
        return self._aim.scenario

    @property
    def theatre(self) -> Theatre:
        """Where schedules are played."""
        return self._theatre


def _endpoints(aim: Aim) -> dict[Role, Endpoint]:
    in_process = aim.app is not None
    return resolve_endpoints(
        aim.scenario,
        target=aim.target,
        status_url=aim.status_url,
        reply_url=aim.reply_url,
        needed=() if in_process else sorted(roles_of(aim.scenario), reverse=True),
        fallback=IN_PROCESS if in_process else None,
    )


def _witness(aim: Aim) -> Witness:
    scenario = aim.scenario
    if not scenario.messages:
        raise ConfigurationError("the scenario has no messages: there is nothing to explore")
    witness = Witness(
        [each.probe for each in scenario.expect if each.probe is not None],
        state=aim.state,
        sent=aim.sent,
        ignore=aim.ignore,
        normalise=aim.normalise,
    )
    if witness.is_blind and not aim.is_blind:
        raise ConfigurationError(
            "there is nothing to see: give the scenario a probe, such as "
            "expect: [{probe: {get: 'http://localhost:8000/messages/{messageId}'}}], or let your "
            "app send to a stand-in (--stand-in HOST:PORT)"
        )
    return witness


def _retries(scenario: Scenario, role: Role) -> int:
    """How often a delivery that fails is sent again: as often as the scenario says, but few."""
    policy = policies(scenario.retry)[role]
    stream = Stream(0, Purpose.RETRY)
    delays = (
        policy.delay(Outcome.UNREACHABLE, number=n, first_sent=0.0, ended_at=0.0, stream=stream)
        for n in range(1, MOST_RETRIES + 1)
    )
    return sum(delay is not None for delay in delays)
