"""Apps in process: what kind an app is, and the sender for it."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, Final, Literal, Unpack

from mockatell.errors import ConfigurationError
from mockatell.model import Endpoint, Role
from mockatell.shell.senders.asgi import AsgiTransport
from mockatell.shell.senders.location import locate_in_process
from mockatell.shell.senders.sync import SyncTransportSender
from mockatell.shell.senders.transport import TransportSender
from mockatell.shell.senders.wsgi import WsgiTransport

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockatell.shell.senders.base import Timer
    from mockatell.shell.senders.translate import Manner

_ASGI: Final = 3  # scope, receive, send
_WSGI: Final = 2  # environ, start_response


def is_asgi(app: object) -> bool:
    """Whether an app takes `(scope, receive, send)` and returns an awaitable."""
    if inspect.isclass(app):
        return hasattr(app, "__await__") and _takes(app, _ASGI)
    return _takes(app, _ASGI) and (_is_async(app) or not _takes(app, _WSGI))


def is_wsgi(app: object) -> bool:
    """Whether an app takes `(environ, start_response)` and returns an iterable."""
    return not is_asgi(app) and not _is_async(app) and _takes(app, _WSGI)


def kind_of(app: object) -> Literal["asgi", "wsgi"]:
    """Which of the two an app is.

    Raises:
        ConfigurationError: Neither.
    """
    if is_asgi(app):
        return "asgi"
    if is_wsgi(app):
        return "wsgi"
    hint = "; call the factory and give what it returns" if _takes(app, 0) else ""
    raise ConfigurationError(
        "app must be an ASGI app (an async callable that takes scope, receive and send) or a "
        f"WSGI app (a callable that takes environ and start_response), not {_named(app)}{hint}"
    )


def asgi_sender(
    app: Any,
    endpoints: Mapping[Role, Endpoint],
    *,
    timer: Timer,
    state: dict[str, Any] | None = None,
    **manner: Unpack[Manner],
) -> TransportSender:
    """A sender to an ASGI app in process.

    Of the endpoints' URLs only path and query count; a role without an endpoint is sent to `/`.

    Args:
        app: See `is_asgi`.
        endpoints: With their headers and timeouts; `url` may be empty.
        timer: Monotonic seconds.
        state: What `lifespan` yielded.
        manner: See `Manner`.
    """
    manner = {"locate": locate_in_process, **manner}
    transport = AsgiTransport(app, timer, state=state)
    return TransportSender(_both(endpoints), dict.fromkeys(Role, transport), **manner)


def wsgi_sender(
    app: Any, endpoints: Mapping[Role, Endpoint], *, timer: Timer, **manner: Unpack[Manner]
) -> SyncTransportSender:
    """As `asgi_sender`, to a WSGI app on the calling thread."""
    manner = {"locate": locate_in_process, **manner}
    return SyncTransportSender(_both(endpoints), WsgiTransport(app, timer), **manner)


def _both(endpoints: Mapping[Role, Endpoint]) -> dict[Role, Endpoint]:
    return {role: endpoints.get(role) or Endpoint(role, "") for role in Role}


def _is_async(app: object) -> bool:
    while hasattr(app, "func"):  # functools.partial
        app = app.func
    call = app if inspect.isroutine(app) else getattr(app, "__call__", None)  # noqa: B004
    return inspect.iscoroutinefunction(call)


def _takes(app: object, count: int) -> bool:
    try:
        inspect.signature(app).bind(*[None] * count)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return False
    return True


def _named(app: object) -> str:
    return f"{app.__name__}()" if inspect.isroutine(app) else f"a {type(app).__name__}"
