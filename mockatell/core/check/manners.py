"""Clauses on HTTP and on who may call: headers that vary, and requests without credentials."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from mockatell.core.check.dress import has_credentials
from mockatell.core.check.judging import (
    all_acknowledged,
    broken,
    endings,
    held,
    in_turn,
    not_exercised,
)
from mockatell.core.check.rows import for_each
from mockatell.core.check.words import Dress, Weight

if TYPE_CHECKING:
    from mockatell.core.check.bench import Bench
    from mockatell.core.check.words import Script


def dressed(bench: Bench, dress: Dress) -> Script:
    """A plain callback under another header."""
    return (yield from all_acknowledged([replace(bench.plain(), dress=dress)]))


def strangers(bench: Bench) -> Script:
    """Without the credentials, or with wrong ones, nothing is acknowledged."""
    if not has_credentials(bench.endpoint):
        return not_exercised(
            "no credentials were given: whoever knows the URL can send callbacks to it"
        )
    tried = [replace(bench.plain(), dress=dress) for dress in (Dress.STRANGER, Dress.IMPOSTOR)]
    seen = yield from in_turn(tried)
    let_in = [each for each in seen if each.acknowledged]
    if let_in:
        how = " and ".join(str(each.sending.dress) for each in let_in)
        return broken(f"acknowledged {how}", let_in)
    if len(seen) < len(tried) or any(each.answer.status_code is None for each in seen):
        return not_exercised(f"there was no answer: {endings(seen)}", seen)
    return held(f"refused: {endings(seen)}", seen)


MANNERS: Final = (
    *for_each(
        "refuses-strangers",
        strangers,
        rule="A callback without the configured credentials is refused.",
        meaning=(
            "Callbacks are not signed, so the secret in the URL, a header or basic authentication "
            "is all that tells the platform from anyone else. Compare it, in constant time."
        ),
        weight=Weight.ADVICE,
        row="authentication",
    ),
    *for_each(
        "content-type-charset",
        partial(dressed, dress=Dress.CHARSET),
        rule="A Content-Type that names its charset is acknowledged.",
        meaning=(
            "The sample requests have application/json alone; with ; charset=UTF-8 it means the "
            "same. Do not compare the header as a whole."
        ),
        weight=Weight.ADVICE,
        row="method",
    ),
    *for_each(
        "connection-close",
        partial(dressed, dress=Dress.CLOSING),
        rule="A request that asks for its connection to be closed is acknowledged.",
        meaning="Whether the platform keeps connections open is not documented: do without.",
        weight=Weight.ADVICE,
        url="https://www.rfc-editor.org/rfc/rfc9112#section-9.6",
    ),
)
