"""The report as JSON: the fields of `mockatell.Report`, in their order, documented there.

Lengths of time are seconds. `format` is raised when a field changes its meaning or goes; new ones
may come at any time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from mockatell.core.render.sentences import headline, replay

if TYPE_CHECKING:
    from mockatell.core.journal import Journal
    from mockatell.core.report import Report

FORMAT: Final = 1


def json(report: Report, _journal: Journal) -> str:
    """The report with `format`, `headline` (the verdict in a sentence) and `replay` (a command)."""
    document = {
        "format": FORMAT,
        "headline": headline(report),
        "replay": replay(report.started),
        **msgspec.structs.asdict(report),
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"
