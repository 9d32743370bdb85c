"""What Django and Flask keep to themselves: where a project's app is, and what a handler raised.

Both answer 500 for a handler that raises, and log what it was; a test wants to be told. Neither is
imported on its behalf: a framework that nobody has imported is not in use.
"""

from __future__ import annotations

import sys
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from mockatell.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    Keep = Callable[..., None]


def django_app() -> Any:
    """The app of the Django project that is set up, as pytest-django does it; None if none is.

    It is made as Django's own test client makes it: `get_wsgi_application()` would set up logging
    once more, and so take away the handlers that pytest has put there for a test.
    """
    apps = sys.modules.get("django.apps")
    if apps is None or not apps.apps.ready:
        return None
    from django.core.handlers.wsgi import WSGIHandler  # type: ignore[import-untyped]

    return WSGIHandler()


def refuse_to_outlive(app: Any) -> None:
    """See that what a Django project writes is undone with the test that is running.

    Raises:
        ConfigurationError: It is an ASGI app, which runs plain views in another thread with a
            connection of its own, and the test is in a transaction that is rolled back.
    """
    handlers = sys.modules.get("django.core.handlers.asgi")
    if handlers is None or not isinstance(app, handlers.ASGIHandler):
        return
    from django.db import connections  # type: ignore[import-untyped]

    if any(each.in_atomic_block for each in connections.all(initialized_only=True)):
        raise ConfigurationError(
            "Django runs the views of its ASGI app in another thread, and what they write would "
            "outlive this test's transaction: return get_wsgi_application() from the fixture "
            "`mockatell_target`, or mark the test django_db(transaction=True)"
        )


def explaining(app: Any) -> Any:
    """A WSGI app that also says, by `start_response`'s `exc_info`, what it raised and answered."""

    def called(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        raised: list[Any] = []

        def keep(*_: Any, **__: Any) -> None:
            raised[:] = sys.exc_info()

        def started(status: str, headers: Any, exc_info: Any = None) -> Any:
            return start_response(status, headers, exc_info or tuple(raised) or None)

        with ExitStack() as stack:
            for listening in (_to_django, _to_flask):
                stack.enter_context(listening(keep))
            return app(environ, started)  # type: ignore[no-any-return]

    return called


@contextmanager
def _to_django(keep: Keep) -> Iterator[None]:
    signals = sys.modules.get("django.core.signals")
    if signals is None:
        yield
        return
    signals.got_request_exception.connect(keep, weak=False)
    try:
        yield
    finally:
        signals.got_request_exception.disconnect(keep)


@contextmanager
def _to_flask(keep: Keep) -> Iterator[None]:
    signals = sys.modules.get("flask.signals")
    if signals is None:
        yield
        return
    with signals.got_request_exception.connected_to(keep):
        yield
