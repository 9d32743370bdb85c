"""Where a sidecar's callbacks go: its own endpoints, or those of the scenario that is played."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from mockatell.core.lives import roles_of
from mockatell.core.scenario.endpoints import resolve_endpoints
from mockatell.core.scenario.urls import masked
from mockatell.core.secrets import Secrets
from mockatell.core.sidecar.hosts import Hosts
from mockatell.errors import ConfigurationError
from mockatell.model import Tls
from mockatell.shell.clock import monotonic
from mockatell.shell.senders.base import annotation
from mockatell.shell.senders.lane import LaneTransport
from mockatell.shell.senders.location import locate
from mockatell.shell.senders.translate import Translator
from mockatell.shell.senders.transport import socket_sender

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from mockatell.core.scenario.spec import Scenario
    from mockatell.model import Answer, Endpoint, Exchange, Role
    from mockatell.rooms.sidecar.settings import SidecarSettings
    from mockatell.shell.senders.base import AsyncSender

    Headers = tuple[tuple[str, str], ...]
    RunOf = Callable[[int], str | None]


class Sending:
    """An `AsyncSender` that knows which endpoints a delivery is for.

    Args:
        settings: The sidecar's.
        sender: What carries out all exchanges, if not the network.

    Attributes:
        seed: What annotated requests name.
        endpoints: The sidecar's own, by role.
        run_of: Says which run a delivery belongs to.

    Raises:
        ConfigurationError: A URL, a header, a certificate file or a host cannot be used.
    """

    def __init__(self, settings: SidecarSettings, sender: AsyncSender | None = None) -> None:
        self._annotate = settings.annotate
        self.seed = 0
        self._given = sender
        self.endpoints = resolve_endpoints(
            settings.scenario, status_url=settings.status_url, reply_url=settings.reply_url
        )
        self._secrets = Secrets.of(settings.scenario, self.endpoints.values())
        own = (locate(each.url).host for each in self.endpoints.values())
        self._hosts = Hosts((*settings.allow_hosts, *own))
        self._main = sender or self._sender(self.endpoints, self._secrets)
        self._of_run: dict[str, AsyncSender] = {}
        self._known: dict[str | None, _Known] = {None: _known(self.endpoints, self._secrets)}
        self.run_of: RunOf = _no_run

    def endpoints_of(self, scenario: Scenario) -> dict[Role, Endpoint]:
        """Where the callbacks of a scenario go: to the sidecar's endpoints where it has them.

        Raises:
            ConfigurationError: A URL of the scenario's cannot be used.
        """
        return resolve_endpoints(scenario) | self.endpoints

    def overruled(self, scenario: Scenario) -> tuple[str, ...]:
        """What of a scenario's endpoints is not used, in sentences."""
        return tuple(
            f"The scenario's endpoints.{role} is not used: the sidecar has a {role} endpoint."
            for role, own in resolve_endpoints(scenario).items()
            if role in self.endpoints and own.url != self.endpoints[role].url
        )

    def require(self, scenario: Scenario) -> None:
        """See that a scenario's callbacks have somewhere to go, and its probes.

        Raises:
            ConfigurationError: They have not, or a URL cannot be used or may not be sent to.
        """
        self._admit(scenario)
        missing = roles_of(scenario) - self.endpoints_of(scenario).keys()
        if missing:
            role = min(missing)
            raise ConfigurationError(
                f"no URL for the {role} endpoint (start the sidecar with --{role}-url,"
                f" or give endpoints.{role} in the scenario)"
            )

    def _admit(self, scenario: Scenario) -> None:
        """See that no address that may not be sent to is in a URL; names are looked up later."""
        urls = [each.url for each in resolve_endpoints(scenario).values()]
        urls += [each.probe.get for each in scenario.expect if each.probe and each.probe.get]
        for url in urls:
            host = urlsplit(url).hostname or ""
            if self._hosts.refuses(host):
                raise ConfigurationError(
                    f"{host} is not a host that may be sent to (allow it with --allow-host {host})"
                )

    def add_run(self, run_id: str, scenario: Scenario) -> None:
        """Know where a run's callbacks go.

        Raises:
            ConfigurationError: A URL, a header or a certificate file cannot be used.
        """
        endpoints = self.endpoints_of(scenario)
        secrets = Secrets.of(scenario, endpoints.values())
        self._of_run.pop(run_id, None)  # of before a reset: ids come again
        if endpoints != self.endpoints and self._given is None:
            self._of_run[run_id] = self._sender(endpoints, secrets)
        self._known[run_id] = _known(endpoints, secrets)

    def drop_run(self, run_id: str) -> None:
        """Forget a run that came to nothing; it has sent nothing yet."""
        self._of_run.pop(run_id, None)
        self._known.pop(run_id, None)

    async def end_run(self, run_id: str) -> None:
        """Let go of a run's connections; what is still sent for it makes new ones."""
        sender = self._of_run.get(run_id)
        if sender is not None:
            await sender.aclose()

    def masked(self, run_id: str | None) -> Mapping[Role, str]:
        """The endpoints' URLs without secrets."""
        return self._known[run_id].masked

    def secrets(self, run_id: str | None) -> Secrets:
        """What must not be shown."""
        return self._known[run_id].secrets

    def headers(self, exchange: Exchange, run_id: str | None) -> Headers:
        """The headers that an exchange's request has, in order."""
        endpoints = self._known[run_id].endpoints
        if exchange.callback.role not in endpoints:
            return ()
        request = Translator(endpoints, annotate=self._annotations).request(exchange)
        return tuple((n.decode("latin-1"), v.decode("latin-1")) for n, v in request.headers)

    def probing(self, scenario: Scenario, body_limit: int) -> LaneTransport:
        """What carries probes of the customer's state; it goes no further than callbacks do.

        Their servers are trusted as the endpoints are.
        """
        gets = (each.probe.get for each in scenario.expect if each.probe is not None)
        secure = any(url.lower().startswith("https:") for url in gets)
        trust = next((each.tls for each in self.endpoints_of(scenario).values()), Tls())
        tls = trust if secure else None
        return LaneTransport(monotonic, tls=tls, body_limit=body_limit, allows=self._hosts.allow)

    async def send(self, exchange: Exchange) -> Answer:
        """Carry out one exchange."""
        return await self._sender_of(exchange).send(exchange)

    async def race(self, exchanges: Sequence[Exchange]) -> Sequence[tuple[float, Answer]]:
        """Release exchanges together."""
        return await self._sender_of(exchanges[0]).race(exchanges)

    async def aclose(self) -> None:
        """Close every connection."""
        await asyncio.gather(*(each.aclose() for each in (self._main, *self._of_run.values())))

    def _sender_of(self, exchange: Exchange) -> AsyncSender:
        if not self._of_run:
            return self._main
        return self._of_run.get(self.run_of(exchange.delivery.seq) or "", self._main)

    def _sender(self, endpoints: Mapping[Role, Endpoint], secrets: Secrets) -> AsyncSender:
        return socket_sender(
            endpoints,
            timer=monotonic,
            allows=self._hosts.allow,
            scrub=secrets.scrub,
            annotate=self._annotations,
            whole=True,
        )

    def _annotations(self, exchange: Exchange) -> Iterable[tuple[str, str]]:
        return annotation(exchange, self.seed) if self._annotate else ()


class _Known(NamedTuple):
    """Where callbacks go, and what of that must not be shown."""

    endpoints: Mapping[Role, Endpoint]
    secrets: Secrets
    masked: Mapping[Role, str]


def _known(endpoints: Mapping[Role, Endpoint], secrets: Secrets) -> _Known:
    return _Known(endpoints, secrets, {r: masked(each.url) for r, each in endpoints.items()})


def _no_run(_seq: int) -> str | None:
    return None
