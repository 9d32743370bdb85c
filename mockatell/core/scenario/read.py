"""How nodes become the structures of `spec.py`, or one error in the words of the scenario.

The structures' own annotations are followed here, and not by `msgspec.convert`: that one names a
place without its keys, speaks of Python's types, and refuses unions such as `str | RetrySpec |
RetryByRoleSpec`.
"""

from __future__ import annotations

from functools import cache
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, Final, Literal, Union, get_args, get_origin

import msgspec
from msgspec.structs import FieldInfo, fields

from mockatell.core.scenario.near import nearest, quoted, suggestion
from mockatell.core.scenario.nodes import ListNode, MapNode, Mark, Node, Scalar, plain
from mockatell.core.scenario.place import Place
from mockatell.core.scenario.scalars import ScalarError, resolve
from mockatell.core.scenario.units import (
    Probability,
    Rate,
    Seconds,
    Span,
    UnitError,
    parse_probability,
    parse_rate,
    parse_seconds,
    parse_span,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockatell.errors import ScenarioError

_UNITS: Final[dict[Any, tuple[Callable[[str], Any], str]]] = {
    Seconds: (parse_seconds, "a duration such as 5s"),
    Span: (parse_span, "a duration such as 200ms, or a range such as 1s..4s"),
    Rate: (parse_rate, "a rate such as 200/s"),
    Probability: (parse_probability, "a probability such as 0.2 or 20%"),
}
_NOTHING: Final = (NoneType, msgspec.UnsetType)
_SCALARS: Final[dict[Any, str]] = {
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
}


def read(want: Any, place: Place) -> Any:
    """What stands at a place, as a value of the type `want`.

    Args:
        want: One of the structures, or any annotation inside them.
        place: Where to read.

    Raises:
        ScenarioError: It has the wrong shape.
    """
    allowed = members(want)
    if place.empty and (NoneType in allowed or Any in allowed):
        return None
    place = Place(_as_wanted(allowed, place.node), place.path, place.mark)
    fitting = [member for member in allowed if _fits(member, place.node)]
    if not fitting:
        raise _misfit(allowed, place)
    if len(fitting) > 1 and is_struct(fitting[0]):
        fitting.sort(key=lambda cls: len(set(place.keys) - set(shape(cls))))
    try:
        return _READERS.get(_sort(fitting[0]), _read_scalar)(fitting[0], place)
    except UnitError as error:
        raise _bad_amount(allowed, place, error) from None


def members(want: Any) -> tuple[Any, ...]:
    """The types that an annotation allows."""
    return get_args(want) if get_origin(want) in (Union, UnionType) else (want,)


@cache
def shape(cls: type[msgspec.Struct]) -> dict[str, FieldInfo]:
    """A structure's fields by the keys that they have in YAML."""
    return {field.encode_name: field for field in fields(cls)}


def is_struct(want: Any) -> bool:
    """Whether an annotation is one of the structures of `spec.py`."""
    return isinstance(want, type) and issubclass(want, msgspec.Struct)


def _sort(want: Any) -> Any:
    """What sort of annotation it is: a key of `_READERS`, or a plain type."""
    if is_struct(want):
        return msgspec.Struct
    return "unit" if want in _UNITS else get_origin(want) or want


def _fits(want: Any, node: Node | None) -> bool:
    if want is Any:
        return True
    sort = _sort(want)
    match node:
        case MapNode():
            return sort in (msgspec.Struct, dict)
        case ListNode():
            return sort is tuple
        case Scalar(value=value):
            return _scalar_fits(want, sort, value)
        case _:
            return False


def _scalar_fits(want: Any, sort: Any, value: object) -> bool:
    if value is None or isinstance(value, bool):
        return sort is type(value)
    if sort is Literal:
        return value in get_args(want)
    if sort is float:
        return isinstance(value, int | float)
    return sort == "unit" or sort is type(value)


def _would_fit(allowed: tuple[Any, ...], node: Scalar) -> bool:
    """Whether a text in quotes would do without them."""
    bare = _bare(node)
    return bare is not None and any(_fits(member, bare) for member in allowed)


def _bare(node: Scalar) -> Scalar | None:
    """A scalar as it would be without its quotes; None where it would be none."""
    try:
        return Scalar(node.mark, resolve(node.text), node.text, node.shown)
    except ScalarError:
        return None


def _as_wanted(allowed: tuple[Any, ...], node: Node | None) -> Node | None:
    """A scalar with a variable in it is text or a number as is wanted, in quotes or not.

    A PIN of digits is a password all the same, and between braces `"${N}"` needs its quotes.
    """
    if not isinstance(node, Scalar) or node.text == node.shown:
        return node
    if any(_fits(member, node) for member in allowed):
        return node
    if str in allowed:
        return Scalar(node.mark, node.text, node.text, node.shown)
    return _bare(node) or node


def _read_struct(cls: Any, place: Place) -> Any:
    known = shape(cls)
    for key in place.keys:
        if key not in known:
            raise _unknown_key(place, key, known)
    for key, field in known.items():
        if field.required and key not in place.keys:
            raise place.error(f"{key!r} is missing", f"give {describe(field.type)}")
    return cls(**{known[key].name: read(known[key].type, place / key) for key in place.keys})


def _unknown_key(place: Place, key: str, known: dict[str, FieldInfo]) -> ScenarioError:
    at = Place(None, place.path, (place / key).mark)
    return at.error(f"unknown key {quoted(key)}", suggestion(key, known))


def _read_dict(want: Any, place: Place) -> dict[str, Any]:
    _, values = get_args(want)
    return {key: read(values, place / key) for key in place.keys}


def _read_tuple(want: Any, place: Place) -> tuple[Any, ...]:
    items = place.node.items if isinstance(place.node, ListNode) else ()
    return tuple(read(get_args(want)[0], place / index) for index in range(len(items)))


def _read_unit(want: Any, place: Place) -> Any:
    node = place.node
    assert isinstance(node, Scalar)
    parse, _ = _UNITS[want]
    return parse(node.text)


def _read_any(_want: Any, place: Place) -> Any:
    return None if place.node is None else plain(place.node)


def _read_scalar(want: Any, place: Place) -> Any:
    node = place.node
    assert isinstance(node, Scalar)
    if want is str:
        return node.text
    return float(node.value) if want is float and isinstance(node.value, int) else node.value


_NO_KEYS: Final = MapNode(Mark("", None), {})
_READERS: Final[dict[Any, Callable[[Any, Place], Any]]] = {
    msgspec.Struct: _read_struct,
    dict: _read_dict,
    tuple: _read_tuple,
    Any: _read_any,
    "unit": _read_unit,
}


def describe(want: Any) -> str:
    """An annotation in the words of the scenario: `text or a mapping`."""
    words = [_describe(member) for member in members(want) if member not in _NOTHING]
    return " or ".join(dict.fromkeys(words))


def _describe(want: Any) -> str:
    if want in _UNITS:
        return _UNITS[want][1]
    if want in _SCALARS:
        return _SCALARS[want]
    match get_origin(want):
        case origin if origin is Literal:
            return " or ".join(repr(word) for word in get_args(want))
        case origin if origin is tuple:
            return "a list"
        case _:
            return "a mapping"


def _misfit(allowed: tuple[Any, ...], place: Place) -> ScenarioError:
    """What stands here is never shown unless it is a word among words: it may be a secret."""
    wanted = describe(Union[allowed])  # noqa: UP007
    if place.empty:
        return place.error("is empty", f"give {wanted}, or take it out")
    words = _words(allowed)
    if words and isinstance(place.node, Scalar):
        near = nearest(place.node.text, words)
        hint = f"did you mean '{near}'?" if near else ""
        return place.error(f"must be {wanted}, not {place.shown}", hint)
    return place.error(f"must be {wanted}, not {_what(place.node)}", _remedy(allowed, place.node))


def _bad_amount(allowed: tuple[Any, ...], place: Place, error: UnitError) -> ScenarioError:
    if not _words(allowed):
        return place.error(f"{place.shown} {error.problem}", error.remedy)
    wanted = describe(Union[allowed])  # noqa: UP007
    near = nearest(error.text, _words(allowed))
    hint = f"did you mean '{near}'?" if near else error.remedy
    return place.error(f"must be {wanted}, not {place.shown}", hint)


def _words(allowed: tuple[Any, ...]) -> list[str]:
    return [word for want in allowed if get_origin(want) is Literal for word in get_args(want)]


def _what(node: Node | None) -> str:
    match node:
        case MapNode():
            return "a mapping"
        case ListNode():
            return "a list"
        case Scalar(value=bool()):
            return "true or false"
        case Scalar(value=int()):
            return "a number"
        case Scalar(value=float()):
            return "a fraction"
        case _:
            return "text"


def _remedy(allowed: tuple[Any, ...], node: Node | None) -> str:
    if str in allowed and isinstance(node, Scalar):
        return "put it in quotes"
    if isinstance(node, Scalar) and isinstance(node.value, str) and _would_fit(allowed, node):
        return "take the quotes off"
    if any(get_origin(member) is tuple for member in allowed):
        return "begin each item with a dash"
    if any(_fits(member, _NO_KEYS) for member in allowed):
        return "write key: value"
    return ""
