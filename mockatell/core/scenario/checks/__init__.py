"""What a scenario must hold beyond its shape: words that exist, settings that fit together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockatell.core.scenario.checks.amounts import check_between, check_printable
from mockatell.core.scenario.checks.endpoints import check_endpoints
from mockatell.core.scenario.checks.expect import check_expect
from mockatell.core.scenario.checks.faults import check_fault
from mockatell.core.scenario.checks.messages import check_message
from mockatell.core.scenario.checks.retry import check_retry
from mockatell.rng import MAX_SEED

if TYPE_CHECKING:
    from mockatell.core.scenario.place import Place
    from mockatell.core.scenario.spec import Scenario


def check(scenario: Scenario, place: Place) -> None:
    """Check a scenario that was read from a place.

    Raises:
        ScenarioError: Something in it is wrong.
    """
    check_printable(scenario.name, place / "name")
    check_printable(scenario.integration.id, place / "integration" / "id")
    check_printable(scenario.integration.name, place / "integration" / "name")
    if scenario.seed is not None:
        check_between(0, scenario.seed, MAX_SEED, place / "seed")
    for name, code in scenario.quirks.status_codes.items():
        check_between(0, code, 2**31 - 1, place / "quirks" / "status_codes" / name)
    check_endpoints(scenario.endpoints, place / "endpoints")
    check_retry(scenario.retry, place / "retry")
    _check_parts(scenario, place)


def _check_parts(scenario: Scenario, place: Place) -> None:
    if not scenario.messages:
        hint = "write messages: and a list, for example - {count: 10, lifecycle: delivered}"
        raise place.error("has no messages, so there is nothing to send", hint)
    for index, message in enumerate(scenario.messages):
        check_message(message, place / "messages" / index, scenario.quirks)
    for index, fault in enumerate(scenario.faults):
        check_fault(fault, place / "faults" / index)
    for index, expect in enumerate(scenario.expect):
        check_expect(expect, place / "expect" / index)
