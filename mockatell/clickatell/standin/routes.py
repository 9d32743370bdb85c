"""Which resource answers which path and method, and how each says no."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from mockatell.clickatell.standin import files, queries, sending
from mockatell.clickatell.standin.handled import Handled, refused, refused_send
from mockatell.model import Frozen

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockatell.clickatell.standin.refusals import Refusal
    from mockatell.clickatell.standin.state import State
    from mockatell.clickatell.standin.wire import ApiRequest

Handler: TypeAlias = "Callable[[State, ApiRequest, int, str], Handled]"
"""Answers a request at a time (Unix ms); the text is the path's last step, where it varies."""


class Resource(Frozen, frozen=True):
    """What is at a path.

    Args:
        path: Exact; or, with a slash at its end, everything one step below.
        methods: What answers each method.
        refuse: How it says that a request is refused as a whole.
        key_in_query: Whether the API key is the parameter `apiKey` instead of a header.
        sends: Whether messages come of it.
    """

    path: str
    methods: dict[str, Handler]
    refuse: Callable[[Refusal], Handled] = refused
    key_in_query: bool = False
    sends: bool = False


RESOURCES: Final[dict[str, Resource]] = {
    resource.path: resource
    for resource in (
        Resource("/v1/message", {"POST": sending.send}, refused_send, sends=True),
        Resource("/v1/message/", {"GET": queries.status}),
        Resource("/v1/balance", {"GET": queries.balance}),
        Resource("/v1/media", {"GET": files.download, "POST": files.upload}, files.refused_media),
        Resource("/v1/media/", {"GET": files.metadata}, files.refused_media),
        Resource("/v1/notification", {"POST": queries.notify}),
        Resource(
            "/messages/http/send",
            {"GET": sending.send_text},
            sending.refused_text,
            key_in_query=True,
            sends=True,
        ),
    )
}
"""Every resource, by path."""


def resource_at(path: str) -> tuple[Resource, str] | None:
    """What is at a path, and the step below a path that ends in a slash."""
    if path in RESOURCES and not path.endswith("/"):
        return RESOURCES[path], ""
    above, slash, step = path.rpartition("/")
    below = RESOURCES.get(above + slash)
    return (below, step) if below is not None and step else None
