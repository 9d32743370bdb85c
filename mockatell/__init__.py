"""mockatell plays Clickatell towards your endpoint, and tells you whether you survived.

Names are imported when they are first used, so that `import mockatell` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from mockatell._version import __version__

if TYPE_CHECKING:
    from mockatell.clock import RealClock, VirtualClock
    from mockatell.errors import (
        ConfigurationError,
        InputError,
        JournalError,
        MockatellError,
        OutputError,
        ScenarioError,
    )
    from mockatell.journal import Journal
    from mockatell.journalfile import read_journal
    from mockatell.model import Attempt, Cause, Delivery, Outcome, Role
    from mockatell.public import arun, load, parse, plan, run
    from mockatell.report import Report, report
    from mockatell.retry import RetryPolicy
    from mockatell.scenario.spec import Scenario

__all__ = [
    "Attempt",
    "Cause",
    "ConfigurationError",
    "Delivery",
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
    "VirtualClock",
    "__version__",
    "arun",
    "load",
    "parse",
    "plan",
    "read_journal",
    "report",
    "run",
]

_HOMES = {
    "clock": ("RealClock", "VirtualClock"),
    "errors": (
        "ConfigurationError",
        "InputError",
        "JournalError",
        "MockatellError",
        "OutputError",
        "ScenarioError",
    ),
    "journal": ("Journal",),
    "journalfile": ("read_journal",),
    "model": ("Attempt", "Cause", "Delivery", "Outcome", "Role"),
    "public": ("arun", "load", "parse", "plan", "run"),
    "report": ("Report", "report"),
    "retry": ("RetryPolicy",),
    "scenario.spec": ("Scenario",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'mockatell' has no attribute '{name}'")
    return getattr(import_module(f"mockatell.{_HOME_OF[name]}"), name)


def __dir__() -> list[str]:
    return __all__
