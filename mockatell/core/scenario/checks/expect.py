"""Whether what is expected can be evaluated."""

from __future__ import annotations

import re
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from mockatell.clickatell.reading import FACTS
from mockatell.core.picking import picker
from mockatell.core.scenario.checks.amounts import (
    check_between,
    check_exactly_one,
    check_positive,
    check_together,
)
from mockatell.core.scenario.checks.endpoints import check_headers, check_url, shown_url
from mockatell.core.scenario.near import quoted, suggestion
from mockatell.core.scenario.urls import masked
from mockatell.errors import ConfigurationError

if TYPE_CHECKING:
    from mockatell.core.scenario.place import Place
    from mockatell.core.scenario.spec import ExpectSpec, ProbeSpec

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_PARAMETER: Final = re.compile(r"(?<![:\w\\]):(\w+)(?!:)")  # as SQLAlchemy finds them
_READS: Final = re.compile(r"\s*(?:select|with|values)\b", re.IGNORECASE)
_DATABASE: Final = re.compile(r"[a-z][a-z0-9_]*(\+[a-z0-9_]+)?://[!-~]*")


def check_expect(expect: ExpectSpec, place: Place) -> None:
    """Check one clause."""
    check_exactly_one(place, ("acknowledged", "probe"))
    if expect.probe is not None:
        _check_probe(expect.probe, place / "probe")


def _check_probe(probe: ProbeSpec, place: Place) -> None:
    check_exactly_one(place, ("get", "sql"))
    for key, partner in (("url", "sql"), ("status", "get"), ("headers", "get")):
        check_together(place, key, partner)
    if place.gives("get"):
        _check_get(probe, place)
    else:
        _check_sql(probe, place)
    if place.gives("jmespath"):
        _check_jmespath(probe.jmespath, place / "jmespath")
    check_positive(probe.within, place / "within")


def _check_get(probe: ProbeSpec, place: Place) -> None:
    for name in _PLACEHOLDER.findall(probe.get):
        if name not in FACTS:
            problem = f"{shown_url(probe.get, place / 'get')} has a placeholder that is not known"
            raise (place / "get").error(problem, suggestion(name, FACTS))
    url = _PLACEHOLDER.sub("0", probe.get)
    if "{" in url or "}" in url:
        raise (place / "get").error(
            "has a brace without its partner", "write %7B or %7D for a brace"
        )
    check_url(url, place / "get")
    check_headers(probe.headers, place / "headers")
    check_between(100, probe.status, 599, place / "status")


def _check_sql(probe: ProbeSpec, place: Place) -> None:
    for key in ("url", "json"):
        check_together(place, "sql", key)
    if not _READS.match(probe.sql):
        raise (place / "sql").error("does not begin with SELECT, WITH or VALUES")
    for name in _PARAMETER.findall(probe.sql):
        if name not in FACTS:
            problem = f"has a parameter that is not known, {quoted(':' + name)}"
            raise (place / "sql").error(problem, suggestion(name, FACTS))
    if not _DATABASE.fullmatch(probe.url):
        hint = "write for example postgresql+psycopg://user@host/name or sqlite:///app.db"
        raise (place / "url").error(f"{quoted(masked(probe.url))} is no database URL", hint)


def _check_jmespath(expression: str, place: Place) -> None:
    """Without jmespath it is checked where it is needed."""
    if find_spec("jmespath") is None:
        return
    try:
        picker(expression, "it")
    except ConfigurationError:
        raise place.error("is no JMESPath expression", "see https://jmespath.org") from None
