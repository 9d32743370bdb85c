"""Ledger rows on the lives of messages: which events follow each other, and how fast."""

from __future__ import annotations

from typing import Final

from mockatell.clickatell.ledger.row import CALLBACKS, EMULATED, FAQ, SEND, STATUS_TABLE, Row

_STATUS: Final = ("messageStatusUpdate",)

LIVES: Final[tuple[Row, ...]] = (
    Row(
        "lifecycle-statuses-pushed",
        "Which statuses are pushed is not documented; QUEUED and SCHEDULED only where named.",
        "assumed",
        SEND,
        "SENT_TO_SUPPLIER, DEVICE_ACK, READ on WhatsApp, or what ends the message",
        "messages.steps",
        _STATUS,
    ),
    Row(
        "lifecycle-sequences",
        "Which statuses follow each other is not documented beyond their meanings.",
        "assumed",
        STATUS_TABLE,
        "sent, delivered, read; a failure ends a life",
        "messages.steps",
        _STATUS,
    ),
    Row(
        "lifecycle-paces",
        "How long each stage takes is made up, and short.",
        "assumed",
        FAQ,
        "sent 0.2 to 2 s, delivered 0.5 to 8 s, read 2 to 30 s, failed 1 to 10 s",
        "messages.steps",
        _STATUS,
    ),
    Row(
        "lifecycle-expired-early",
        "A message expires within a minute, not after the send API's 1,440 minutes.",
        "assumed",
        SEND,
        "30 to 60 s",
        "messages.steps",
        _STATUS,
    ),
    Row(
        "lifecycle-final",
        "Which statuses are final is inferred from their meanings.",
        "assumed",
        STATUS_TABLE,
        "all but 1 to 4; DEVICE_ACK on SMS only",
        about=_STATUS,
    ),
    Row(
        "lifecycle-failed-before-sent",
        "Failures that the platform finds itself come without SENT_TO_SUPPLIER before them.",
        "assumed",
        STATUS_TABLE,
        "21, 22, 25 to 29, 60 to 62, 80 to 82, 84 to 86, 100",
        "messages.steps",
        _STATUS,
    ),
    Row(
        "lifecycle-emulated",
        "In a sandbox, a message to a number that is not registered ends EMULATED.",
        "documented",
        EMULATED,
        "24 and nothing else",
        about=_STATUS,
    ),
    Row(
        "lifecycle-fallback",
        "After a fallback the same message id goes through the statuses of an SMS.",
        "assumed",
        CALLBACKS,
        "WhatsApp sent, fallback, SMS sent, SMS delivered",
        "messages.steps",
        ("messageFallback",),
    ),
    Row(
        "lifecycle-typing",
        "What sets off a typing event is not documented: it comes before a WhatsApp reply.",
        "assumed",
        CALLBACKS,
        "in the lifecycle `replied`, and where a step says so",
        "messages.steps",
        ("statusIsTyping",),
    ),
)
