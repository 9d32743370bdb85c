"""mockatell plays Clickatell towards your endpoint, and tells you whether you survived.

Names are imported when they are first used, so that `import mockatell` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from mockatell._version import __version__

if TYPE_CHECKING:
    from mockatell.core.check.report import CheckReport
    from mockatell.core.drafts import Draft
    from mockatell.core.factories import (
        conversation,
        messageFallback,
        messageStatusUpdate,
        moButtonResponse,
        moContacts,
        moListPickerResponse,
        moLocation,
        moMedia,
        moSuggestedResponse,
        moText,
        statusIsTyping,
    )
    from mockatell.core.journal import Journal
    from mockatell.core.report import Report, report
    from mockatell.core.retry import RetryPolicy
    from mockatell.core.scenario.spec import Scenario
    from mockatell.core.schedules import Schedule
    from mockatell.errors import (
        ConfigurationError,
        InputError,
        JournalError,
        MockatellError,
        OutputError,
        ScenarioError,
    )
    from mockatell.model import Attempt, Cause, Delivery, Outcome, Role
    from mockatell.public import arun, check, explore, load, parse, plan, run
    from mockatell.rooms.fixture.convergence import DivergedError
    from mockatell.shell.clock import RealClock, VirtualClock
    from mockatell.shell.journalfile import read_journal

__all__ = [
    "Attempt",
    "Cause",
    "CheckReport",
    "ConfigurationError",
    "Delivery",
    "DivergedError",
    "Draft",
    "InputError",
    "Journal",
    "JournalError",
    "MockatellError",
    "Outcome",
    "OutputError",
    "RealClock",
    "Report",
    "RetryPolicy",
    "Role",
    "Scenario",
    "ScenarioError",
    "Schedule",
    "VirtualClock",
    "__version__",
    "arun",
    "check",
    "conversation",
    "explore",
    "load",
    "messageFallback",
    "messageStatusUpdate",
    "moButtonResponse",
    "moContacts",
    "moListPickerResponse",
    "moLocation",
    "moMedia",
    "moSuggestedResponse",
    "moText",
    "parse",
    "plan",
    "read_journal",
    "report",
    "run",
    "statusIsTyping",
]

_HOMES = {
    "core.check.report": ("CheckReport",),
    "core.drafts": ("Draft",),
    "core.factories": (
        "conversation",
        "messageFallback",
        "messageStatusUpdate",
        "moButtonResponse",
        "moContacts",
        "moListPickerResponse",
        "moLocation",
        "moMedia",
        "moSuggestedResponse",
        "moText",
        "statusIsTyping",
    ),
    "core.journal": ("Journal",),
    "core.report": ("Report", "report"),
    "core.retry": ("RetryPolicy",),
    "core.scenario.spec": ("Scenario",),
    "core.schedules": ("Schedule",),
    "errors": (
        "ConfigurationError",
        "InputError",
        "JournalError",
        "MockatellError",
        "OutputError",
        "ScenarioError",
    ),
    "model": ("Attempt", "Cause", "Delivery", "Outcome", "Role"),
    "rooms.fixture.convergence": ("DivergedError",),
    "public": ("arun", "check", "explore", "load", "parse", "plan", "run"),
    "shell.clock": ("RealClock", "VirtualClock"),
    "shell.journalfile": ("read_journal",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'mockatell' has no attribute '{name}'")
    return getattr(import_module(f"mockatell.{_HOME_OF[name]}"), name)


def __dir__() -> list[str]:
    return __all__
