"""HTML and SVG as text in which everything foreign is escaped, because only `tag` makes tags."""

from __future__ import annotations

from html import escape

from mockatell.core.render.sentences import printable


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def tag(name: str, *children: str, **attributes: str | float | bool | None) -> Markup:
    """An element; children are escaped unless they are markup.

    Attributes named `class_` and `for_` lose the underscore, others get `-` for theirs. True makes
    an attribute without a value; False and None leave it out.
    """
    opening = name + "".join(_attribute(key, value) for key, value in attributes.items())
    if name in _VOID:
        return Markup(f"<{opening}>")
    return Markup(f"<{opening}>{join(*children)}</{name}>")


def join(*children: str) -> Markup:
    """Markup and text, one after the other."""
    made = (child if isinstance(child, Markup) else text(child) for child in children)
    return Markup("".join(made))


def text(foreign: str) -> Markup:
    """Foreign text, made harmless."""
    return Markup(escape(printable(foreign)))


_VOID = frozenset({"br", "input", "meta"})


def _attribute(key: str, value: str | float | bool | None) -> str:
    if value is None or value is False:
        return ""
    name = key.rstrip("_").replace("_", "-")
    if value is True:
        return f" {name}"
    shown = f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else str(value)
    return f' {name}="{text(shown)}"'
