"""How a check looks: for people, for programs, for continuous integration and code scanning."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mockatell.core.render.check.html import html
from mockatell.core.render.check.json import json
from mockatell.core.render.check.junit import junit
from mockatell.core.render.check.sarif import sarif
from mockatell.core.render.check.table import table

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockatell.core.check.report import CheckReport

CHECK_FORMATS: Final[dict[str, Callable[[CheckReport], str]]] = {
    "table": table,
    "json": json,
    "junit": junit,
    "html": html,
    "sarif": sarif,
}
"""What `mockatell check --format` knows."""
