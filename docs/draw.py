"""Draws the README's picture from the demo's own output: `make docs` runs it."""

import io
import re
from pathlib import Path

from rich.console import Console

from mockatell.cli.demo import RECEIVERS, played, tell

IMAGES = Path(__file__).parent / "images"
FONTS = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)


def main() -> None:
    """Write `images/demo.svg`; it fetches no font, so it looks the same offline."""
    terminal = Console(record=True, width=84, file=io.StringIO(), force_terminal=True)
    terminal.print("$ mockatell demo\n", style="bold", highlight=False)
    tell({name: played(name) for name in RECEIVERS}, terminal)
    drawn = terminal.export_svg(title="mockatell demo", unique_id="demo")
    drawn = re.sub(r"<!--.*?-->", "", FONTS.sub("", drawn)).replace("Fira Code", "ui-monospace")
    (IMAGES / "demo.svg").write_text(drawn, encoding="utf-8")


main()
