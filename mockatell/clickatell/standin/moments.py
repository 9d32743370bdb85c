"""Times as a send request writes them."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

# The vendor's style is +0200; a colon, and Z, are taken too.
_TIME: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}"
                          r"(Z|[+-][0-9]{2}:?[0-9]{2})")  # fmt: skip


def moment(text: str) -> int | None:
    """A time such as `2017-02-27T14:30:00+0200` in Unix milliseconds; None for anything else."""
    if not _TIME.fullmatch(text):
        return None
    try:
        return round(datetime.strptime(text, "%Y-%m-%dT%H:%M:%S%z").timestamp() * 1000)
    except (ValueError, OverflowError):
        return None
