"""How a report looks: for people, for programs and for continuous integration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mockatell.render.har import har
from mockatell.render.html import html
from mockatell.render.json import json
from mockatell.render.junit import junit
from mockatell.render.text import text

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockatell.journal import Journal
    from mockatell.report import Report

FORMATS: Final[dict[str, Callable[[Report, Journal], str]]] = {
    "text": text,
    "json": json,
    "junit": junit,
    "html": html,
    "har": har,
}
"""What `mockatell report --format` knows."""
