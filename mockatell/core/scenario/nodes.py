"""A scenario's YAML as a tree of nodes that know where they stand and how they were written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from mockatell.core.scenario.near import quoted
from mockatell.model import Frozen

if TYPE_CHECKING:
    from mockatell.core.scenario.scalars import Value

_TEXT_UNIT: Final = 64  # letters that count as much as one value
_PLAIN_KEY = re.compile(r"[\w<-]{1,64}")


class Mark(Frozen, frozen=True):
    """Where something was written; the line is 1-based, None on a command line."""

    file: str
    line: int | None


class Scalar(Frozen, frozen=True):
    """One value.

    Args:
        value: What it stands for, variables filled in.
        text: Its text, variables filled in.
        shown: Its text as it was written; the only one that an error may show.
    """

    mark: Mark
    value: Value
    text: str
    shown: str

    @property
    def size(self) -> int:
        """What it counts towards `MAX_SIZE`."""
        return 1 + len(self.text) // _TEXT_UNIT

    @property
    def depth(self) -> int:
        """How many levels there are below it."""
        return 0


class ListNode(Frozen, frozen=True):
    """Values in order."""

    mark: Mark
    items: tuple[Node, ...]
    size: int = 0
    depth: int = 0


class Entry(Frozen, frozen=True):
    """A key's value, and where the key stands."""

    mark: Mark
    node: Node


class MapNode(Frozen, frozen=True):
    """Values by key."""

    mark: Mark
    entries: dict[str, Entry]
    size: int = 0
    depth: int = 0


Node = Scalar | ListNode | MapNode


def plain(node: Node) -> Any:
    """A node as dicts, lists and scalars."""
    match node:
        case MapNode():
            return {key: plain(entry.node) for key, entry in node.entries.items()}
        case ListNode():
            return [plain(item) for item in node.items]
        case _:
            return node.value


def join(path: str, step: str | int) -> str:
    """The path of a part: `messages` and 0 make `messages[0]`."""
    if isinstance(step, int):
        return f"{path}[{step}]"
    key = step if _PLAIN_KEY.fullmatch(step) else quoted(step)
    return f"{path}.{key}" if path else key
