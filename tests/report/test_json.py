import json
from pathlib import Path

import jsonschema
import pytest

from mockatell.core.journal import Journal
from mockatell.core.render.json import json as render
from mockatell.core.report import report

SCHEMA = json.loads(Path(__file__).with_name("report.schema.json").read_text())


def told(journal):
    return json.loads(render(report(journal), journal))


def test_the_document_is_what_its_schema_says(troubled, attempt, journal):
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    for one in (troubled, journal([]), journal([attempt(1)], True), Journal(troubled.started)):
        jsonschema.validate(told(one), SCHEMA)


def test_the_schema_lets_no_field_come_or_go_unnoticed(troubled):
    document = told(troubled)
    del document["replay"]
    with pytest.raises(jsonschema.ValidationError, match="'replay' is a required property"):
        jsonschema.validate(document, SCHEMA)


def test_it_holds_the_numbers(troubled):
    document = told(troubled)
    assert document["verdict"] == "broken"
    assert document["totals"] == {
        "deliveries": 15,
        "attempts": 21,
        "acknowledged": 9,
        "redirected": 1,
        "exhausted": 3,
        "pending": 2,
    }
    assert [one["held"] for one in document["expectations"]] == [True, False, None]


def test_the_same_journal_gives_the_same_bytes(troubled):
    assert render(report(troubled), troubled) == render(report(troubled), troubled)
