"""How a load test looks: for people, for programs, for spreadsheets and continuous integration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mockatell.core.render.load.csv import csv
from mockatell.core.render.load.html import html
from mockatell.core.render.load.json import json
from mockatell.core.render.load.junit import junit
from mockatell.core.render.load.text import text

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockatell.core.load.report import LoadReport

LOAD_FORMATS: Final[dict[str, Callable[[LoadReport], str]]] = {
    "text": text,
    "json": json,
    "csv": csv,
    "html": html,
    "junit": junit,
}
"""What `mockatell load --report` and `mockatell report --format` know of a load."""
