"""How a server's log looks: lines for people, or JSON for programs; on standard error."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from mockatell.core.render.sentences import printable

FORMATS: Final = ("text", "json")
LEVELS: Final = ("debug", "info", "warning", "error")
FOR_PEOPLE: Final = "told"
"""Name of the attribute of a record that people are shown as a list, and programs are not."""
_OWN: Final = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", FOR_PEOPLE}


def configure(format_: str, level: str) -> None:
    """Write the log of the whole process from now on."""
    handler = logging.StreamHandler()
    handler.setFormatter(AsJson() if format_ == "json" else AsText())
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    for chatty in ("asyncio", "httpx", "httpcore", "uvicorn"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


class AsText(logging.Formatter):
    """`12:00:01 INFO POST /v1/message 202`, and below it what belongs to it."""

    def format(self, record: logging.LogRecord) -> str:
        """One record; what it says is foreign, and may not steer a terminal."""
        at = self.formatTime(record, "%H:%M:%S")
        lines = [f"{at} {record.levelname:<7} {printable(record.getMessage())}"]
        listed: dict[str, str] = getattr(record, FOR_PEOPLE, {})
        lines += [f"    {name + ':':<21} {printable(value)}" for name, value in listed.items()]
        lines += [self.formatException(record.exc_info)] if record.exc_info else []
        return "\n".join(lines)


class AsJson(logging.Formatter):
    """One object a line: time, level, logger, message, what else is known, and the traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """One record."""
        more = {name: value for name, value in record.__dict__.items() if name not in _OWN}
        line: dict[str, Any] = {
            "time": _time(record.created),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **more,
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return msgspec.json.encode(_sound(line), enc_hook=str).decode()


def _time(created: float) -> str:
    return datetime.fromtimestamp(created, UTC).isoformat(timespec="milliseconds")


def _sound(line: dict[str, Any]) -> dict[str, Any]:
    """Without the halves of characters that no encoding has."""
    return {
        name: value.encode(errors="replace").decode() if isinstance(value, str) else value
        for name, value in line.items()
    }
