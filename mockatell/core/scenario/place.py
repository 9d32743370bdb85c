"""A place in a scenario: what stands there, and how an error names it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockatell.core.scenario.near import quoted
from mockatell.core.scenario.nodes import ListNode, MapNode, Mark, Node, Scalar, join
from mockatell.errors import ScenarioError
from mockatell.model import Frozen

if TYPE_CHECKING:
    from collections.abc import Collection


class Place(Frozen, frozen=True):
    """A node with the path to it; `place / "messages" / 0` goes down.

    Args:
        node: What stands there, or None where a default stands.
        path: For example `messages[0].at`; "" for the whole scenario.
        mark: Where an error points: the key's line, or the item's.
    """

    node: Node | None
    path: str
    mark: Mark

    def __truediv__(self, step: str | int) -> Place:
        path = join(self.path, step)
        if isinstance(self.node, MapNode) and step in self.node.entries:
            entry = self.node.entries[str(step)]
            return Place(entry.node, path, entry.mark)
        if isinstance(self.node, ListNode) and isinstance(step, int):
            node = self.node.items[step]
            return Place(node, path, node.mark)
        return Place(None, path, self.mark)

    @property
    def keys(self) -> Collection[str]:
        """The keys of a mapping, in order; none elsewhere."""
        return self.node.entries.keys() if isinstance(self.node, MapNode) else ()

    def gives(self, key: str) -> bool:
        """Whether a key stands here, with a value."""
        return key in self.keys and not (self / key).empty

    @property
    def empty(self) -> bool:
        """Whether a key stands here without a value."""
        return isinstance(self.node, Scalar) and self.node.value is None

    @property
    def shown(self) -> str:
        """The scalar as it was written, in quotes; values of the environment are not in it."""
        return quoted(self.node.shown) if isinstance(self.node, Scalar) else ""

    def error(self, problem: str, hint: str = "") -> ScenarioError:
        """What is wrong here; a hint that repeats a filled-in value repeats its `${VAR}`."""
        node = self.node
        if isinstance(node, Scalar) and node.text and node.text != node.shown:
            hint = hint.replace(node.text, node.shown)
        return ScenarioError(
            problem, file=self.mark.file, line=self.mark.line, path=self.path, hint=hint
        )


def root(node: Node) -> Place:
    """The place of the whole scenario."""
    return Place(node, "", node.mark)
