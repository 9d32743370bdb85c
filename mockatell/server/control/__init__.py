"""The control API: what drives, waits and asserts over HTTP, described by its own OpenAPI."""

from mockatell.server.control.app import control_app

__all__ = ["control_app"]
