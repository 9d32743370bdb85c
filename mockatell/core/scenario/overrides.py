"""How `--set messages[0].count=5` changes a scenario."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mockatell.core.scenario.nodes import Entry, ListNode, MapNode, Mark, Node, Scalar, join
from mockatell.core.scenario.tree import MAX_DEPTH, compose
from mockatell.core.scenario.urls import MASK
from mockatell.errors import ScenarioError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_STEP = re.compile(r"\.?([^.\[\]=\s]+)|\[([0-9]{1,9})\]")
_SHOWN = 80
_SECRETIVE = frozenset({"encryption", "endpoints", "expect"})


def set_values(tree: Node, overrides: Sequence[str], *, env: Mapping[str, str]) -> Node:
    """The tree with values set, later overrides over earlier ones.

    Mappings on the way are made where they are missing; whether their keys are valid shows when
    the scenario is read, and the error then names the override.

    Args:
        tree: A scenario's.
        overrides: Each `path=value`; the value is YAML, `${VAR}` included, and nothing is null.
        env: Where `${VAR}` is looked up.

    Raises:
        ScenarioError: An override is not `path=value`, or its path leads nowhere.
    """
    for override in overrides:
        path, equals, text = override.partition("=")
        # The value is left out of what errors call the place: it may be a password.
        mark = Mark(f"--set {path[:_SHOWN]}", None)
        steps = _steps(path)
        if not equals or not 0 < len(steps) <= MAX_DEPTH:
            raise ScenarioError("is not path=value", file=mark.file, hint="write seed=7")
        tree = _put(tree, steps, _value(text, mark, env), mark, "")
    return tree


def shown_override(override: str) -> str:
    """An override for a command line that others may see: where secrets may be, without value."""
    path, _, _ = override.partition("=")
    steps = _steps(path)
    return f"{path}={MASK}" if steps and steps[0] in _SECRETIVE else override


def _steps(path: str) -> list[str]:
    """The keys and indices of a path, one after the other; none where it is not one.

    One expression for a whole path would try every way to cut a long key in two.
    """
    steps, at = [], 0
    while at < len(path):
        step = _STEP.match(path, at)
        if step is None:
            return []
        steps.append(step[1] or step[2])
        at = step.end()
    return steps


def _value(text: str, mark: Mark, env: Mapping[str, str]) -> Node:
    if not text.strip():
        return Scalar(mark, None, "", "")
    try:
        return _moved(compose(text, file=mark.file, env=env), mark)
    except ScenarioError as error:
        raise ScenarioError(error.problem, file=mark.file, hint=error.hint) from None


def _moved(node: Node, mark: Mark) -> Node:
    """A node as if it stood in the override: its own line numbers mean nothing to anybody."""
    match node:
        case MapNode():
            entries = {k: Entry(mark, _moved(e.node, mark)) for k, e in node.entries.items()}
            return MapNode(mark, entries)
        case ListNode():
            return ListNode(mark, tuple(_moved(item, mark) for item in node.items))
        case _:
            return Scalar(mark, node.value, node.text, node.shown)


def _put(node: Node | None, steps: list[str], value: Node, mark: Mark, path: str) -> Node:
    if not steps:
        return value
    step, *rest = steps
    match node:
        case ListNode():
            index = _index(node, step, mark, path)
            put = _put(node.items[index], rest, value, mark, join(path, index))
            return ListNode(node.mark, (*node.items[:index], put, *node.items[index + 1 :]))
        case Scalar(value=set_already) if set_already is not None:
            problem = f"is a single value, without a {step!r}"
            raise _error(problem, mark, path, "set it as a whole")
    entries = node.entries if isinstance(node, MapNode) else {}
    below = entries[step].node if step in entries else None
    put = _put(below, rest, value, mark, join(path, step))
    return MapNode(node.mark if node else mark, {**entries, step: Entry(mark, put)})


def _index(node: ListNode, step: str, mark: Mark, path: str) -> int:
    count = len(node.items)
    if step.isdecimal() and int(step) < count:
        return int(step)
    if not count:
        raise _error("is an empty list", mark, path, "set it as a whole")
    raise _error(f"has no item {step!r}", mark, path, f"its items are 0 to {count - 1}")


def _error(problem: str, mark: Mark, path: str, hint: str) -> ScenarioError:
    return ScenarioError(problem, file=mark.file, path=path, hint=hint)
