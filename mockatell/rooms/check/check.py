"""The room where a check is carried out: clauses ask for requests, and senders make them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from mockatell.core.check.bench import Terms
from mockatell.core.check.clauses import chosen
from mockatell.core.check.examination import Examination
from mockatell.core.check.words import Seen
from mockatell.core.scenario.endpoints import IN_PROCESS, resolve_endpoints
from mockatell.core.secrets import Secrets
from mockatell.errors import ConfigurationError
from mockatell.model import Cause, Delivery, Endpoint, Exchange, Frozen
from mockatell.rng import chosen_seed
from mockatell.rooms.check.couriers import Courier, Wardrobe
from mockatell.rooms.frameworks import explaining
from mockatell.rooms.players import refuse_a_running_loop
from mockatell.shell.clock import monotonic
from mockatell.shell.drivers.asynchronous import Stop
from mockatell.shell.senders.apps import asgi_sender, kind_of, wsgi_sender
from mockatell.shell.senders.lifespan import lifespan
from mockatell.shell.senders.transport import socket_sender

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockatell.core.check.report import CheckReport
    from mockatell.core.check.words import Sending, Step
    from mockatell.core.scenario.spec import Scenario
    from mockatell.shell.clock import Clock
    from mockatell.shell.senders.base import SyncSender

    Watch = Callable[[Examination], None]

BUDGET: Final = 300.0
_INSTEAD: Final = "await asyncio.to_thread(mockatell.check, ...)"


class Wishes(Frozen, frozen=True):
    """What a check is told beside where to send.

    Args:
        target: URL of both endpoints.
        status_url: URL of the status endpoint.
        reply_url: URL of the reply endpoint.
        headers: Sent with every request, after the scenario's own.
        basic_auth: User name and password, instead of the scenario's.
        timeout: Seconds for an exchange, instead of the scenario's.
        seed: What every callback follows from; drawn if None.
        only: Clauses to play, with those that they need; all, if none is named.
        skip: Clauses to leave out.
        limits: Whether limits are to be looked for.
        message_id: Of a message that the endpoint knows.
        budget: Seconds after which no clause is begun.
        replay: What does it again, with `{seed}` where that goes.
    """

    target: str | None = None
    status_url: str | None = None
    reply_url: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    basic_auth: tuple[str, str] | None = None
    timeout: float | None = None
    seed: int | None = None
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    limits: bool = True
    message_id: str | None = None
    budget: float = BUDGET
    replay: str = ""


class Check:
    """One check, made ready.

    Args:
        scenario: Its endpoints, integration and quirks hold; its messages do not.
        wishes: What wins over it.
        clock: Says when it begins, and waits.
        app: An ASGI or WSGI app that stands in for the endpoints' hosts; None for URLs.
        watch: Called after every step.

    Raises:
        ConfigurationError: No URL is given, or something that is given makes no sense.
    """

    def __init__(
        self,
        scenario: Scenario,
        wishes: Wishes,
        clock: Clock,
        *,
        app: Any = None,
        watch: Watch | None = None,
    ) -> None:
        _check_sense(wishes)
        found = resolve_endpoints(
            scenario,
            target=wishes.target,
            status_url=wishes.status_url,
            reply_url=wishes.reply_url,
            fallback=None if app is None else IN_PROCESS,
        )
        if not found:
            raise ConfigurationError("no URL to check (give one, or --status-url and --reply-url)")
        self.endpoints = {role: _wished(each, wishes) for role, each in found.items()}
        self.secrets = Secrets.of(scenario, self.endpoints.values())
        self.clock = clock
        self.app = app
        self._replay = wishes.replay
        self._watch = watch
        self._sequence = 0
        settings = {
            "integration_id": scenario.integration.id,
            "integration_name": scenario.integration.name,
            "quirks": scenario.quirks,
        }
        clauses = chosen(wishes.only, wishes.skip)
        terms = self._terms(wishes, chosen_seed(wishes.seed, scenario.seed))
        self.examination = Examination(clauses, terms, settings, wishes.budget)

    def _terms(self, wishes: Wishes, seed: int) -> Terms:
        return Terms(
            seed=seed,
            epoch_ms=self.clock.epoch_ms,
            endpoints=self.endpoints,
            in_process=self.app is not None,
            one_by_one=self.app is not None and kind_of(self.app) == "wsgi",
            limits=wishes.limits,
            message_id=wishes.message_id,
        )

    def report(self) -> CheckReport:
        """What was found out."""
        seed = str(self.examination.terms.seed)
        return self.examination.report(self.secrets.scrub(self._replay).replace("{seed}", seed))

    def exchange(self, sending: Sending) -> Exchange:
        """A request as senders know it."""
        self._sequence += 1
        delivery = Delivery(self._sequence, 0.0, Cause.ORIGINAL, sending.callback, self._sequence)
        return Exchange(delivery, 1, 0.0)

    def watched(self) -> None:
        """Tell whoever watches how far it has come."""
        if self._watch is not None:
            self._watch(self.examination)

    def manner(self) -> dict[str, Any]:
        """How senders are to carry out exchanges."""
        return {"timer": monotonic, "scrub": self.secrets.scrub}


def _check_sense(wishes: Wishes) -> None:
    if wishes.timeout is not None and not wishes.timeout > 0:
        raise ConfigurationError("the timeout of a check is longer than 0s")
    if not wishes.budget > 0:
        raise ConfigurationError("a --budget of 0s leaves a check no time for any clause")
    if wishes.message_id is not None and not wishes.message_id.strip():
        raise ConfigurationError(
            "the message id is empty: is the variable that should be there set?"
        )


def _wished(endpoint: Endpoint, wishes: Wishes) -> Endpoint:
    return replace(
        endpoint,
        headers=(*endpoint.headers, *wishes.headers),
        basic_auth=wishes.basic_auth or endpoint.basic_auth,
        timeout=wishes.timeout or endpoint.timeout,
    )


async def to_urls(check: Check, stop: Stop) -> CheckReport:
    """Carry out a check over the network.

    Args:
        check: The check.
        stop: Ends it early.
    """
    manner = check.manner()
    courier = Courier(check, lambda endpoints: socket_sender(endpoints, **manner))
    return await _carry_out(check, courier, stop)


async def to_asgi(check: Check, stop: Stop) -> CheckReport:
    """Carry out a check of an ASGI app in process, within its lifespan."""
    async with lifespan(check.app) as state:
        manner = {**check.manner(), "state": state}
        courier = Courier(check, lambda endpoints: asgi_sender(check.app, endpoints, **manner))
        return await _carry_out(check, courier, stop)


async def _carry_out(check: Check, courier: Courier, stop: Stop) -> CheckReport:
    play = check.examination.play()
    seen: tuple[Seen, ...] | None = None
    try:
        while (step := _next(play, seen)) is not None:
            seen = await _unless_stopped(courier.carry(step), stop)
            if seen is None:
                break
            check.watched()
    finally:
        play.close()
        await courier.aclose()
    return check.report()


async def _unless_stopped(carrying: Any, stop: Stop) -> tuple[Seen, ...] | None:
    """What was seen; None when the check was stopped meanwhile."""
    task = asyncio.ensure_future(carrying)
    bell = asyncio.ensure_future(stop.bell.wait())
    try:
        await asyncio.wait({task, bell}, return_when=asyncio.FIRST_COMPLETED)
        return await task if task.done() else None
    finally:
        for each in (task, bell):
            each.cancel()
        await asyncio.gather(task, bell, return_exceptions=True)


def to_wsgi(check: Check) -> CheckReport:
    """Carry out a check of a WSGI app in process, on this thread."""
    app, manner = explaining(check.app), check.manner()
    senders = Wardrobe(check.endpoints, lambda endpoints: wsgi_sender(app, endpoints, **manner))
    play = check.examination.play()
    seen: tuple[Seen, ...] | None = None
    try:
        while (step := _next(play, seen)) is not None:
            check.clock.wait(check.clock.now() + step.pause)
            seen = tuple(_one_now(check, senders, each) for each in step.sendings)
            check.watched()
    finally:
        play.close()
    return check.report()


def _one_now(check: Check, senders: Wardrobe, sending: Sending) -> Seen:
    sender: SyncSender = senders.sender(sending)
    return Seen(sending, sender.send(check.exchange(sending)))


def _next(play: Any, seen: tuple[Seen, ...] | None) -> Step | None:
    try:
        step: Step = play.send(seen)
    except StopIteration:
        return None
    return step


def carry_out(check: Check) -> CheckReport:
    """Carry out a check, of an app or of URLs, from where no event loop is running.

    Raises:
        ConfigurationError: One is, and would be blocked.
    """
    if check.app is not None and kind_of(check.app) == "wsgi":
        return to_wsgi(check)
    refuse_a_running_loop(_INSTEAD)
    way = to_urls if check.app is None else to_asgi

    async def main() -> CheckReport:
        return await way(check, Stop())

    return asyncio.run(main())
