"""Clauses on what the vendor announces: kinds, statuses, channels and fields to come, batches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mockatell.clickatell import variants
from mockatell.clickatell.events import STATUS
from mockatell.clickatell.future import (
    UNKNOWN_CHANNELS,
    UNKNOWN_KINDS,
    UNKNOWN_STATUSES,
    batch,
    extra_fields,
)
from mockatell.clickatell.ledger.row import CALLBACKS, STATUS_TABLE
from mockatell.core.check.bench import BASELINE
from mockatell.core.check.judging import all_acknowledged, not_exercised
from mockatell.core.check.rows import baseline, for_each
from mockatell.core.check.words import Clause, Sending, Weight
from mockatell.model import Role

if TYPE_CHECKING:
    from mockatell.core.check.bench import Bench
    from mockatell.core.check.words import Script

_DRAWS: Final = 3  # of extra fields, for each kind
_SEVERAL: Final = 2


def unknown_kinds(bench: Bench) -> Script:
    """Events of kinds that do not exist."""
    return (
        yield from all_acknowledged([
            Sending(variants.of_kind(bench.plain().callback, kind), "a kind to come")
            for kind in UNKNOWN_KINDS[bench.role]
        ])
    )  # fmt: skip


def unknown_channels(bench: Bench) -> Script:
    """Known events on channels that do not exist."""
    kind = BASELINE[bench.role]
    return (
        yield from all_acknowledged([
            Sending(bench.event(kind, bench.form_of(kind, channel=channel)), f"channel {channel}")
            for channel in UNKNOWN_CHANNELS
        ])
    )  # fmt: skip


def unknown_fields(bench: Bench) -> Script:
    """Fields that do not exist, in the envelope, in events and in objects inside them."""
    return (
        yield from all_acknowledged([
            Sending(extra_fields(bench.usual(kind), bench.stream), "with more fields")
            for kind in bench.known_kinds()
            for _ in range(_DRAWS)
        ])
    )  # fmt: skip


def unknown_statuses(bench: Bench) -> Script:
    """Statuses that do not exist."""
    message = bench.message()
    first = Sending(bench.status(message), "the first one, a known one")
    return (
        yield from all_acknowledged(
            [
                Sending(bench.status(message, name, code=code), f"{code} {name}")
                for code, name in UNKNOWN_STATUSES
            ],
            [first],
        )
    )


def batches(bench: Bench) -> Script:
    """Two and three events in one array."""
    return (
        yield from all_acknowledged([
            Sending(batch([bench.plain().callback for _ in range(size)]), f"{size} in one array")
            for size in (2, 3)
        ])
    )  # fmt: skip


def mixed(bench: Bench) -> Script:
    """An event of each known kind in one body."""
    every = [bench.usual(kind) for kind in bench.known_kinds()]
    if len(every) < _SEVERAL:
        return not_exercised(f"{every[0].kind} is the one kind that is acknowledged")
    return (yield from all_acknowledged([Sending(batch(every), f"{len(every)} kinds in one body")]))


def empty(bench: Bench) -> Script:
    """An array without an event, and a body without an array."""
    callback = bench.plain().callback
    return (
        yield from all_acknowledged([
            Sending(variants.without_events(callback), f'"{callback.kind}": []'),
            Sending(variants.without_kinds(callback), '"event": {}'),
        ])
    )  # fmt: skip


_ANNOUNCED: Final = "forward-compatibility"

FUTURE: Final = (
    *for_each(
        "unknown-kind",
        unknown_kinds,
        rule="Kinds of events that you do not know are acknowledged.",
        meaning=(
            "The vendor adds kinds without notice and asks receivers to survive them. What is "
            "rejected is retried until it is given up: acknowledge, and log."
        ),
        row=_ANNOUNCED,
    ),
    *for_each(
        "unknown-fields",
        unknown_fields,
        rule="Fields that you do not know are no obstacle.",
        meaning=(
            "The vendor adds fields at any time. Validation that forbids extra fields rejects "
            "every callback from that day on."
        ),
        row=_ANNOUNCED,
    ),
    *for_each(
        "unknown-channel",
        unknown_channels,
        rule="A channel that you do not know is no obstacle.",
        meaning=(
            "The schema has sms and whatsapp today. The vendor announces new kinds and fields and "
            "says nothing of new channels, but a fixed list would lose what comes by one."
        ),
        weight=Weight.ADVICE,
        url=CALLBACKS,
    ),
    Clause(
        id="unknown-status",
        roles=(Role.STATUS,),
        rule=f"A {STATUS} with a code that you do not know is acknowledged.",
        meaning=(
            "The vendor's table has grown before. An enum that raises for a new code turns each "
            "such status into a series of retries: keep the number, and acknowledge."
        ),
        play=unknown_statuses,
        url=STATUS_TABLE,
        needs=(baseline(Role.STATUS),),
    ),
    *for_each(
        "batch",
        batches,
        rule="Several events in one array are acknowledged.",
        meaning=(
            "Today an array has one event; the vendor says that it may have more. Loop over it: "
            "that every one of them was processed, answers do not show."
        ),
        row="batch-size",
    ),
    *for_each(
        "mixed-batch",
        mixed,
        rule="Several kinds in one body are acknowledged.",
        meaning=(
            "The vendor's sample body shows all kinds at once, and calls it an illustration. "
            "Look at every key of `event`, not at the first."
        ),
        weight=Weight.ADVICE,
        row="one-kind-a-callback",
    ),
    *for_each(
        "empty-array",
        empty,
        rule="An array without events is acknowledged.",
        meaning=(
            "Nothing says that one ever comes. But code that fails here takes the first event "
            "instead of looping, and so loses the second one of a batch."
        ),
        weight=Weight.ADVICE,
        url=CALLBACKS,
    ),
)
