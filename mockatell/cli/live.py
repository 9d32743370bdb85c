"""What stays on a terminal while a command goes on: a spinner and a line, drawn again and again."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Group
from rich.live import Live
from rich.spinner import Spinner

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import Console, RenderableType
    from rich.text import Text


@contextmanager
def kept(
    console: Console,
    line: Callable[[], Text],
    below: Callable[[], RenderableType] | None = None,
) -> Iterator[None]:
    """Keep a spinner and a line on the terminal meanwhile; off a terminal, do nothing.

    Args:
        console: Where to.
        line: How it stands now; asked eight times a second, on another thread.
        below: What is under it.
    """
    if not console.is_terminal:
        yield
        return
    spinner = Spinner("dots")

    def render() -> RenderableType:
        spinner.update(text=line())
        return spinner if below is None else Group(spinner, below())

    with Live(get_renderable=render, console=console, refresh_per_second=8, transient=True):
        yield
