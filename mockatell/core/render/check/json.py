"""A check as JSON: the fields of `mockatell.CheckReport`, documented there.

Lengths of time are seconds. `format` is raised when a field changes its meaning or goes; new ones
may come at any time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from mockatell.core.render.check.sentences import headline

if TYPE_CHECKING:
    from mockatell.core.check.report import CheckReport

FORMAT: Final = 1


def json(report: CheckReport) -> str:
    """The report with `format` and `headline`, the verdict in a sentence."""
    document = {
        "format": FORMAT,
        "headline": headline(report),
        **msgspec.structs.asdict(report),
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"
