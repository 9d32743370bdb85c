"""Whether the endpoints' URLs, headers and limits can be used."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from mockatell.clickatell.contract import HEADERS
from mockatell.core.scenario.checks.amounts import check_between, check_positive
from mockatell.core.scenario.near import quoted
from mockatell.core.scenario.nodes import Scalar
from mockatell.core.scenario.spec import EndpointSpec
from mockatell.core.scenario.urls import flaw, masked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockatell.core.scenario.place import Place
    from mockatell.core.scenario.spec import BasicAuthSpec, EndpointsSpec, TlsSpec

MOST_IN_FLIGHT: Final = 10_000
_FRAMING: Final = frozenset({"connection", "content-length", "host", "transfer-encoding"})
_CLICKATELLS: Final = frozenset(name.lower() for name, _ in HEADERS)
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_VALUE = re.compile(r"[\t\x20-\x7e]*")


def check_endpoints(spec: EndpointsSpec, place: Place) -> None:
    """Check what holds for both endpoints, then each."""
    _check_settings(spec, place)
    for role, endpoint in (("status", spec.status), ("reply", spec.reply)):
        if isinstance(endpoint, EndpointSpec):
            check_url(endpoint.url, place / role / "url")
            _check_settings(endpoint, place / role)
        elif endpoint is not None:
            check_url(endpoint, place / role)


def check_url(url: str, place: Place) -> None:
    """Check a URL; the error shows it as it was written, secrets masked."""
    if found := flaw(url):
        problem, remedy = found
        raise place.error(f"{shown_url(url, place)} {problem}", remedy)


def shown_url(url: str, place: Place) -> str:
    """A URL as it was written, secrets masked, in quotes."""
    return quoted(masked(place.node.shown if isinstance(place.node, Scalar) else url))


def check_headers(headers: Mapping[str, str] | None, place: Place) -> None:
    """Check headers; their values are never shown."""
    for name, value in (headers or {}).items():
        if not _TOKEN.fullmatch(name):
            raise (place / name).error("is no name that a header may have")
        if name.lower() in _FRAMING:
            raise (place / name).error("is set by mockatell, from the URL and the body")
        if not _VALUE.fullmatch(value) or value != value.strip():
            problem = "holds characters that a header's value may not have"
            raise (place / name).error(problem, "one line of ASCII, no blanks around it")


def _check_settings(spec: EndpointsSpec | EndpointSpec, place: Place) -> None:
    check_positive(spec.timeout, place / "timeout")
    check_positive(spec.connect_timeout, place / "connect_timeout")
    check_between(1, spec.max_in_flight, MOST_IN_FLIGHT, place / "max_in_flight")
    check_headers(spec.headers, place / "headers")
    for name in spec.headers or {}:
        if name.lower() in _CLICKATELLS:
            raise (place / "headers" / name).error("is Clickatell's own, and always sent")
    _check_basic_auth(spec.basic_auth, place / "basic_auth")
    _check_tls(spec.tls, place / "tls")


def _check_basic_auth(auth: BasicAuthSpec | None, place: Place) -> None:
    if auth is None:
        return
    if ":" in auth.username:
        raise (place / "username").error("holds a colon, which ends a user name")
    for key, text in (("username", auth.username), ("password", auth.password)):
        if not text.isprintable():
            raise (place / key).error("holds characters that cannot be printed")


def _check_tls(tls: TlsSpec | None, place: Place) -> None:
    if tls is None:
        return
    if tls.key and not tls.cert:
        raise (place / "key").error("'key' needs 'cert'")
    if tls.insecure and tls.ca:
        raise (place / "ca").error("'ca' and 'insecure' exclude each other", "keep one")
