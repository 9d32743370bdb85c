"""A load test as JSON: the fields of `LoadReport`, as `docs/load.schema.json` has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from mockatell.core.load.report import LoadReport


def json(report: LoadReport) -> str:
    """The report; lengths of time are seconds."""
    return msgspec.json.format(msgspec.json.encode(report), indent=2).decode() + "\n"
