"""Whether what is expected can be evaluated."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mockatell.clickatell.reading import FACTS
from mockatell.core.scenario.checks.amounts import check_between, check_exactly_one, check_positive
from mockatell.core.scenario.checks.endpoints import check_headers, check_url, shown_url
from mockatell.core.scenario.near import suggestion

if TYPE_CHECKING:
    from mockatell.core.scenario.place import Place
    from mockatell.core.scenario.spec import ExpectSpec, ProbeSpec

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


def check_expect(expect: ExpectSpec, place: Place) -> None:
    """Check one clause."""
    check_exactly_one(place, ("acknowledged", "probe"))
    if expect.probe is not None:
        _check_probe(expect.probe, place / "probe")


def _check_probe(probe: ProbeSpec, place: Place) -> None:
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
    check_positive(probe.within, place / "within")
