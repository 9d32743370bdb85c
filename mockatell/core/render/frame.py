"""The frame of every HTML page: one file that asks nobody for anything, and runs only its own."""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING

from mockatell.core.render.markup import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mockatell.core.render.markup import Markup


def page(title: str, content: Markup, *, styles: Sequence[str], scripts: Sequence[str] = ()) -> str:
    """A whole page.

    Args:
        title: For the browser's tab.
        content: The body.
        styles: Style sheets, by the names of their files in `page/`.
        scripts: Likewise.
    """
    sheets, code = [*map(_part, styles)], [*map(_part, scripts)]
    return Template(_part("page.html")).substitute(
        title=text(title),
        policy=_policy(sheets, code),
        style="".join(f"<style>{each}</style>" for each in sheets),
        script="".join(f"<script>{each}</script>" for each in code),
        content=content,
    )


def _part(name: str) -> str:
    return files("mockatell.core.render").joinpath("page", name).read_text(encoding="utf-8")


def _policy(styles: Sequence[str], scripts: Sequence[str]) -> str:
    """Nothing may be loaded, and nothing run, but the page's own styles and scripts."""
    return (
        f"default-src 'none'; style-src {_allowed(styles)}; script-src {_allowed(scripts)}; "
        "base-uri 'none'; form-action 'none'"
    )


def _allowed(inline: Sequence[str]) -> str:
    return " ".join(map(_hash, inline)) or "'none'"


def _hash(inline: str) -> str:
    digest = hashlib.sha256(inline.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
