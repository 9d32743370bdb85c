"""Draws the README's pictures from what the commands themselves print: `make docs` runs it.

`python docs/draw.py FOLDER PORT` draws them elsewhere, with a receiver at another port.
"""

import io
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

from rich.console import Console

import mockatell
from mockatell.cli.demo import RECEIVERS, played, tell
from mockatell.cli.explore import looking
from mockatell.cli.exploring import Progress
from mockatell.rooms.demo.receivers import Naive
from mockatell.rooms.demo.server import serve
from mockatell.rooms.explore.explore import Aim, Expedition
from mockatell.rooms.explore.exploring import Limits
from mockatell.shell.clock import monotonic

_given = dict(enumerate(sys.argv))
IMAGES = Path(_given.get(1, Path(__file__).parent / "images"))
FONTS = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
PORT = int(_given.get(2, 8000))
EXPLORE = f"""$ mockatell explore receipts --most 300 \\
    --target http://localhost:{PORT}/clickatell \\
    --probe 'http://localhost:{PORT}/messages/{{messageId}}'
"""


@contextmanager
def picture(name: str, command: str) -> Iterator[Console]:
    """A terminal whose output becomes `images/NAME.svg`; it fetches no font."""
    terminal = Console(
        record=True, width=84, file=io.StringIO(), force_terminal=True, highlight=False
    )
    terminal.print(command, style="bold", highlight=False)
    yield terminal
    drawn = terminal.export_svg(title=f"mockatell {name}", unique_id=name)
    drawn = re.sub(r"<!--.*?-->", "", FONTS.sub("", drawn)).replace("Fira Code", "ui-monospace")
    (IMAGES / f"{name}.svg").write_text(drawn, encoding="utf-8")


@contextmanager
def served(receiver: Naive) -> Iterator[str]:
    """A receiver on a real port."""
    server = serve(receiver, "127.0.0.1", PORT)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://localhost:{PORT}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Findings:
    """Where findings would be written to."""

    taken = 0

    def write(self, number: int, _found: object) -> Path:
        """Where this one would be."""
        return Path(f"findings/finding-{number}.yaml")


def explore(base: str, terminal: Console) -> None:
    """One real session, over HTTP, with a naive receiver."""
    scenario = looking(mockatell.load("receipts"), [f"{base}/messages/{{messageId}}"])
    with Expedition(Aim(scenario, target=f"{base}/clickatell", seed=7)) as expedition:
        progress = Progress(terminal, monotonic, expedition, 30.0, Findings())
        progress.close(expedition.explore(Limits(30.0, 300), progress.update))


def main() -> None:
    """Draw them all."""
    with picture("demo", "$ mockatell demo\n") as terminal:
        tell({name: played(name) for name in RECEIVERS}, terminal)
    with picture("explore", EXPLORE) as terminal, served(Naive()) as base:
        explore(base, terminal)


main()
