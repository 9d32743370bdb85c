"""How a report looks: for people, for programs and for continuous integration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mockatell.core.render.har import har
from mockatell.core.render.html import html
from mockatell.core.render.json import json
from mockatell.core.render.junit import junit
from mockatell.core.render.text import text

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockatell.core.journal import Journal
    from mockatell.core.report import Report

FORMATS: Final[dict[str, Callable[[Report, Journal], str]]] = {
    "text": text,
    "json": json,
    "junit": junit,
    "html": html,
    "har": har,
}
"""What `mockatell report --format` knows."""
