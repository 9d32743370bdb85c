"""The ledger's rows on the send side."""

import re

import pytest

from mockatell.clickatell.ledger import LEDGER, SENDING
from mockatell.clickatell.standin import StandinSettings
from mockatell.clickatell.standin.messages import DEFAULT_VALIDITY
from mockatell.clickatell.standin.reading import MOST_PARTS

ROWS = {row.id: row for row in SENDING}


@pytest.mark.parametrize("row", SENDING, ids=ROWS)
def test_a_row_says_all_that_it_must(row):
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", row.id)
    assert row.behaviour.endswith(".")
    assert row.basis in {"documented", "observed", "assumed"}
    assert re.match(r"https://[a-z.]+/", row.source)
    assert row.default


def test_ids_are_unique_in_the_whole_ledger():
    ids = [row.id for row in (*LEDGER, *SENDING)]
    assert len(set(ids)) == len(ids)


def test_defaults_are_those_of_the_code():
    settings = StandinSettings()
    assert ROWS["send-pace"].default == f"pace: {settings.pace}"
    assert ROWS["send-window-unknown-user"].default.startswith(f"window: {settings.window} ")
    assert ROWS["send-sms-parts"].default.startswith(f"{settings.most_parts},")
    assert ROWS["send-validity"].default == str(DEFAULT_VALIDITY)
    assert ROWS["send-batch"].default == str(MOST_PARTS)
    assert ROWS["balance-query"].default == f"{settings.balance} {settings.currency}"
    assert ROWS["send-magic"].default.startswith(settings.magic_prefix)
