"""What a message lets its user choose from, and the fields of the reply that chooses of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from mockatell.model import Frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockatell.clickatell.standin.shapes import Item

_TITLED_BY: Final = {"moButtonResponse": "item_content", "moSuggestedResponse": "content"}
"""The field with the chosen title; a chosen list item has none in the vendor's example."""
_DEEP: Final = 20


class Option(Frozen, frozen=True):
    """One thing to tap: what the user reads, and what the business gets."""

    title: str
    postback: str


def offered(item: Item) -> dict[str, tuple[Option, ...]]:
    """A message's options, by the kind of reply that chooses of them; no kind without options."""
    buttons, rows = (*_buttons(item), *_template_buttons(item)), tuple(_rows(item.list_picker))
    kinds = {
        "moButtonResponse": buttons,
        "moSuggestedResponse": buttons,
        "moListPickerResponse": rows,
    }
    return {kind: options for kind, options in kinds.items() if options}


def chosen(kind: str, option: Option) -> dict[str, str]:
    """The fields of a reply of this kind, by the names of `Platform.reply`."""
    titled_by = _TITLED_BY.get(kind)
    title = {} if titled_by is None else {titled_by: option.title}
    return {"postback_data": option.postback} | title


def _buttons(item: Item) -> Iterator[Option]:
    """What only opens a page is no reply; a button without data gives its title."""
    for each in item.button.items if item.button is not None else ():
        if each.type == "reply":
            yield Option(each.title, each.postback_data or each.title)


def _template_buttons(item: Item) -> Iterator[Option]:
    """A template's texts are the platform's alone, so that a button is called by its position."""
    buttons = item.template.buttons if item.template is not None else None
    for each in buttons or ():
        title = f"Button {each.list_position}"
        data = each.postback_data
        yield Option(title, data if isinstance(data, str) and data else title)


def _rows(tree: Any, deep: int = _DEEP) -> Iterator[Option]:
    """Whatever in it has `postbackData`, wherever: the vendor shows no list picker."""
    if not deep:
        return
    if isinstance(tree, dict):
        data, title = tree.get("postbackData"), tree.get("title")
        if isinstance(data, str) and data:
            yield Option(title if isinstance(title, str) else data, data)
    for each in tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ():
        yield from _rows(each, deep - 1)
