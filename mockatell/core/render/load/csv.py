"""A load test second by second, for a spreadsheet; lengths of time in seconds."""

from __future__ import annotations

import csv as writing
import io
from typing import TYPE_CHECKING

import msgspec

from mockatell.core.load.result import Second

if TYPE_CHECKING:
    from mockatell.core.load.report import LoadReport


def csv(report: LoadReport) -> str:
    """The series; the first line has the fields' names."""
    out = io.StringIO()
    writer = writing.writer(out, lineterminator="\n")
    writer.writerow(Second.__struct_fields__)
    writer.writerows(map(_told, msgspec.structs.astuple(second)) for second in report.seconds)
    return out.getvalue()


def _told(value: object) -> str:
    """A number with as many digits as mean something."""
    return f"{value:.6g}" if isinstance(value, float) else str(value)
