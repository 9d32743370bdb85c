"""The parts that the pages of all reports have: head, verdict, sections, tables and pairs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockatell.core.render.markup import Markup, join, tag
from mockatell.core.render.sentences import TITLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from mockatell.core.report import Verdict


def head(title: str, lines: Iterable[str]) -> Markup:
    """What the page is about, and facts of it, each in a line."""
    return tag("header", tag("h1", title), *(tag("div", line, class_="soft") for line in lines))


def judgement(verdict: Verdict, sentences: Iterable[str], exit_code: int) -> Markup:
    """How it ended; sentences that are empty are left out."""
    return tag(
        "div",
        tag("strong", TITLES[verdict]),
        *(tag("p", sentence) for sentence in sentences if sentence),
        tag("small", f"exit code {exit_code}"),
        class_=f"verdict {verdict}",
    )


def section(title: str, parts: Iterable[Markup]) -> Iterator[Markup]:
    """A section, unless it has nothing to say."""
    if body := join(*parts):
        yield tag("section", tag("h2", title), body)


def replay_section(command: str) -> Iterator[Markup]:
    """The command that does it again, where there is one."""
    return section("Replay", [tag("p", tag("code", command))] if command else [])


def table(names: Sequence[str], rows: Iterable[Sequence[str]], look: str = "") -> Markup:
    """Rows of numbers below their names; `look` is a class of the style sheet."""
    heading = tag("tr", *(tag("th", name) for name in names))
    body = (tag("tr", *(tag("td", cell) for cell in row)) for row in rows)
    return tag("table", tag("thead", heading), tag("tbody", *body), class_=look or None)


def named(pairs: Mapping[str, str]) -> Markup:
    """Values beside their names; those that are empty are left out."""
    said = ((tag("dt", name), tag("dd", value)) for name, value in pairs.items() if value)
    return tag("dl", *(part for pair in said for part in pair))
