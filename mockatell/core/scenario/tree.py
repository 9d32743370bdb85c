"""How YAML text becomes a tree of nodes.

Built from PyYAML's stream of events, never by its composer or constructors: nothing here can run
code, recurse without bound or grow without bound, whatever the text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import yaml

from mockatell.core.scenario.near import quoted
from mockatell.core.scenario.nodes import Entry, ListNode, MapNode, Mark, Node, Scalar, join
from mockatell.core.scenario.scalars import ScalarError, interpolate, resolve
from mockatell.errors import ScenarioError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MAX_BYTES: Final = 2**20
MAX_DEPTH: Final = 64
MAX_SIZE: Final = 100_000
_START: Final = "write messages: and a list"
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_CONTROL = re.compile(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")


def compose(text: bytes | str, *, file: str, env: Mapping[str, str]) -> Node:
    """The tree of a text that holds one YAML document.

    Args:
        text: YAML; bytes are UTF-8.
        file: What errors call the text.
        env: Where `${VAR}` is looked up.

    Raises:
        ScenarioError: It is not YAML, or it is YAML that a scenario has no use for.
    """
    decoded = _decode(text, file)
    return _Composer(_events(decoded, file), file, env).document()


class _Composer:
    """Turns events into nodes; an alias is the very node that its anchor names."""

    def __init__(self, events: Iterator[Any], file: str, env: Mapping[str, str]) -> None:
        self._events = events
        self._file = file
        self._env = env
        self._anchors: dict[str, Node | None] = {}  # None: the anchor's node is not complete yet

    def document(self) -> Node:
        """The only document's root."""
        next(self._events)  # the stream's start
        event = next(self._events)
        if isinstance(event, yaml.StreamEndEvent):
            raise ScenarioError("is empty", file=self._file, hint=_START)
        root = self._node(next(self._events), "", 0)
        if isinstance(root, Scalar) and root.value is None:
            raise ScenarioError("is empty", file=self._file, hint=_START)
        next(self._events)  # the document's end
        event = next(self._events)
        if not isinstance(event, yaml.StreamEndEvent):
            raise self._error(event, "", "a second document begins", "one scenario a file")
        return root

    def _node(self, event: Any, path: str, level: int) -> Node:
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, path, level)
        if event.tag is not None:
            raise self._error(event, path, "tags are refused", "leave the !tag out")
        if event.anchor is not None:
            self._anchors[event.anchor] = None
        node = self._collection(event, path, level)
        if event.anchor is not None:
            self._anchors[event.anchor] = node
        return node

    def _alias(self, event: Any, path: str, level: int) -> Node:
        name = event.anchor
        if name not in self._anchors:
            problem = f"alias *{name} has no anchor before it"
            raise self._error(event, path, problem, f"mark a value with &{name}")
        node = self._anchors[name]
        if node is None:
            raise self._error(event, path, f"anchor &{name} contains itself", "take the alias out")
        self._measure(event, path, node.size, level + node.depth)
        return node

    def _collection(self, event: Any, path: str, level: int) -> Node:
        self._measure(event, path, 0, level)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._list(event, path, level)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(event, path, level)
        return self._scalar(event, path, self._env)

    def _scalar(self, event: Any, path: str, env: Mapping[str, str] | None) -> Scalar:
        shown = event.value
        try:
            text = shown if env is None else interpolate(shown, env)
            value = text if event.style else resolve(text)
        except ScalarError as error:
            raise self._error(event, path, error.problem, error.remedy) from None
        if _SURROGATE.search(text):
            raise self._error(event, path, "is not UTF-8", "write or set it in UTF-8")
        return Scalar(self._mark(event), value, text, shown)

    def _list(self, start: Any, path: str, level: int) -> ListNode:
        items: list[Node] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._node(event, join(path, len(items)), level + 1))
        size = 1 + sum(item.size for item in items)
        depth = 1 + max((item.depth for item in items), default=0)
        self._measure(start, path, size, level)
        return ListNode(self._mark(start), tuple(items), size, depth)

    def _mapping(self, start: Any, path: str, level: int) -> MapNode:
        own: dict[str, Entry] = {}
        merged: dict[str, Entry] = {}
        seen: dict[str, int] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key, merges = self._key(event, path)
            if key in seen:
                problem = f"key {quoted(key)} stands here twice"
                raise self._error(event, path, problem, f"first on line {seen[key]}")
            mark = self._mark(event)
            seen[key] = mark.line or 0
            node = self._node(next(self._events), join(path, key), level + 1)
            if merges:
                merged = self._merged(event, path, node)
            else:
                own[key] = Entry(mark, node)
        return self._mapping_of(start, path, level, merged | own)

    def _mapping_of(self, start: Any, path: str, level: int, entries: dict[str, Entry]) -> MapNode:
        size = 1 + sum(1 + entry.node.size for entry in entries.values())
        depth = 1 + max((entry.node.depth for entry in entries.values()), default=0)
        self._measure(start, path, size, level)
        return MapNode(self._mark(start), entries, size, depth)

    def _key(self, event: Any, path: str) -> tuple[str, bool]:
        """A key, and whether it is the merge key; variables in keys are not filled in."""
        if not isinstance(event, yaml.ScalarEvent):
            raise self._error(event, path, "a key must be text", "write key: value")
        if event.tag is not None:
            raise self._error(event, path, "tags are refused", "leave the !tag out")
        node = self._scalar(event, path, None)
        if not isinstance(node.value, str):
            problem = f"key {quoted(node.shown)} is not text"
            raise self._error(event, path, problem, "put it in quotes")
        if event.anchor is not None:
            self._anchors[event.anchor] = node
        return node.value, node.value == "<<" and not event.style

    def _merged(self, event: Any, path: str, node: Node) -> dict[str, Entry]:
        """What a merge key brings in: of two mappings the first wins."""
        sources = node.items if isinstance(node, ListNode) else (node,)
        entries: dict[str, Entry] = {}
        for source in reversed(sources):
            if not isinstance(source, MapNode):
                raise self._error(event, path, "<< takes a mapping", "write <<: *anchor")
            entries |= source.entries
        return entries

    def _measure(self, event: Any, path: str, size: int, level: int) -> None:
        if level > MAX_DEPTH:
            raise self._error(event, "", f"is nested more than {MAX_DEPTH} deep", "flatten it")
        if size > MAX_SIZE:
            problem = f"holds more than {MAX_SIZE} values, aliases counted"
            raise self._error(event, path, problem, "use count: for many messages")

    def _mark(self, event: Any) -> Mark:
        return Mark(self._file, event.start_mark.line + 1)

    def _error(self, event: Any, path: str, problem: str, hint: str) -> ScenarioError:
        line = event.start_mark.line + 1
        return ScenarioError(problem, file=self._file, line=line, path=path, hint=hint)


def _events(text: str, file: str) -> Iterator[Any]:
    """PyYAML's events; its parser is the only thing of it that sees the text."""
    try:
        yield from yaml.parse(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else None
        hint = _remedy(text, line)
        raise ScenarioError(
            f"is not YAML: {error.problem}", file=file, line=line, hint=hint
        ) from None
    except (yaml.YAMLError, ValueError, OverflowError):  # the pure Python parser lets some through
        raise ScenarioError("is not YAML", file=file) from None


def _remedy(text: str, line: int | None) -> str:
    """The one mistake that is ours to expect: a brace opens a mapping where there is one around."""
    suspect = text.splitlines()[line - 1 : line] if line else []
    return "between { } or [ ] put ${VAR} in quotes" if "${" in "".join(suspect) else ""


def _decode(text: bytes | str, file: str) -> str:
    if len(text) > MAX_BYTES:
        raise ScenarioError("is longer than 1 MiB", file=file, hint="use count: for many messages")
    decoded = _utf8(text, file) if isinstance(text, bytes) else text
    decoded = decoded.removeprefix("\ufeff")
    if match := _CONTROL.search(decoded):
        line = decoded.count("\n", 0, match.start()) + 1
        problem = f"holds the character U+{ord(match[0]):04X}, which no text has"
        raise ScenarioError(problem, file=file, line=line, hint="is it a text file?")
    return decoded


def _utf8(data: bytes, file: str) -> str:
    if data.startswith(_UTF_16):
        raise ScenarioError("is UTF-16", file=file, hint="save it as UTF-8")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        problem = f"is not UTF-8: byte 0x{data[error.start]:02x}"
        raise ScenarioError(problem, file=file, line=line, hint="save it as UTF-8") from None
