"""Which endpoint each role has, from the scenario and from the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mockatell.core.scenario.spec import EndpointSpec
from mockatell.core.scenario.urls import flaw, masked, without_userinfo
from mockatell.errors import ConfigurationError
from mockatell.model import Endpoint, Role, Tls

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mockatell.core.scenario.spec import BasicAuthSpec, EndpointsSpec, Scenario, TlsSpec


IN_PROCESS: Final = "http://testserver/"
"""Where an app in process is, when nothing says at which path."""


def resolve_endpoints(
    scenario: Scenario,
    *,
    target: str | None = None,
    status_url: str | None = None,
    reply_url: str | None = None,
    needed: Iterable[Role] = (),
    fallback: str | None = None,
) -> dict[Role, Endpoint]:
    """The endpoint of every role that has a URL; a flag's URL goes before the file's.

    Args:
        scenario: Its `endpoints` hold the URLs and all other settings.
        target: A URL for both roles.
        status_url: A URL for statuses; it goes before `target`.
        reply_url: A URL for replies; it goes before `target`.
        needed: The roles that must have one.
        fallback: The URL of a role that has none; all other settings hold for it, too.

    Raises:
        ConfigurationError: A flag's URL is wrong, or a needed role has none.
    """
    flags = {
        Role.STATUS: _flag("--status-url", status_url) or _flag("--target", target),
        Role.REPLY: _flag("--reply-url", reply_url) or _flag("--target", target),
    }
    endpoints = {
        role: endpoint
        for role in Role
        if (endpoint := _endpoint(role, flags[role], scenario.endpoints, fallback)) is not None
    }
    for role in needed:
        if role not in endpoints:
            raise ConfigurationError(
                f"no URL for the {role} endpoint "
                f"(give --{role}-url or --target, or endpoints.{role} in the scenario)"
            )
    return endpoints


def _flag(flag: str, url: str | None) -> str | None:
    if url is not None and not url.strip():
        raise ConfigurationError(f"{flag} is empty: is the variable that should be there set?")
    if url and (found := flaw(url)):
        problem, remedy = found
        raise ConfigurationError(f"{flag}: {masked(url)!r} {problem} ({remedy})")
    return url or None


def _endpoint(
    role: Role, flag: str | None, shared: EndpointsSpec, fallback: str | None
) -> Endpoint | None:
    given = shared.status if role is Role.STATUS else shared.reply
    own = given if isinstance(given, EndpointSpec) else EndpointSpec(url=given or fallback or "")
    if not (flag or own.url):
        return None
    url, userinfo = without_userinfo(flag or own.url)
    in_file = _pair(own.basic_auth or shared.basic_auth)
    return Endpoint(
        role=role,
        url=url,
        headers=_headers(shared.headers, own.headers or {}),
        # A user named by a flag goes before the file's, as flags do.
        basic_auth=(userinfo or in_file) if flag else (in_file or userinfo),
        timeout=own.timeout or shared.timeout,
        connect_timeout=own.connect_timeout or shared.connect_timeout,
        max_in_flight=own.max_in_flight or shared.max_in_flight,
        tls=_tls(own.tls or shared.tls),
    )


def _pair(auth: BasicAuthSpec | None) -> tuple[str, str] | None:
    return None if auth is None else (auth.username, auth.password)


def _headers(shared: Mapping[str, str], own: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Both, where a name is in both (in whatever case) the endpoint's own."""
    merged = {name.lower(): (name, value) for name, value in (*shared.items(), *own.items())}
    return tuple(merged.values())


def _tls(spec: TlsSpec | None) -> Tls:
    return Tls(spec.ca, spec.cert, spec.key, spec.insecure) if spec else Tls()
