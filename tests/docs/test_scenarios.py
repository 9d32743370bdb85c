"""docs/scenarios.md leaves no word of a scenario out, and every shipped scenario does its work."""

import json
import re
from pathlib import Path

import pytest

import mockatell

PAGE = "scenarios.md"
SHIPPED = sorted((Path(__file__).parents[2] / "scenarios").glob("*.yaml"))
ON = {"both": ("sms", "whatsapp"), "SMS": ("sms",), "WhatsApp": ("whatsapp",)}
NO_NUMBER = "none"


def words_of(cell):
    return re.findall(r"`([^`]+)`", cell)


@pytest.fixture(scope="session")
def schema(cli):
    """The structures of a scenario, as its JSON Schema has them."""
    return json.loads(cli("schema").stdout)["$defs"]


@pytest.fixture(scope="session")
def words(text):
    """Every word of the page that stands in code."""
    return set(re.findall(r"[\w-]+", " ".join(words_of(text[PAGE].replace("```", "")))))


def refusal(scenario):
    with pytest.raises(mockatell.ScenarioError) as caught:
        mockatell.parse(scenario, name="mine.yaml")
    return str(caught.value)


def name_of(code, channel):
    """The status that has this number on a channel, or None."""
    step = f"messages: [{{channel: {channel}, steps: [{{status: {code}}}]}}]"
    try:
        (delivery,) = mockatell.plan(mockatell.parse(step), seed=1)
    except mockatell.ScenarioError:
        return None
    (event,) = json.loads(delivery.callback.body)["event"]["messageStatusUpdate"]
    return event["status"]


def lives(name, channel):
    """The statuses that a lifecycle goes through."""
    scenario = mockatell.parse(
        f"messages: [{{channel: {channel}, lifecycle: {name}}}]\n"
        "quirks: {status_codes: {ANONYMOUS_USER_ID_ERROR: 90, ANONYMOUS_USER_ID_INVALID: 91}}"
    )
    bodies = [json.loads(d.callback.body)["event"] for d in mockatell.plan(scenario, seed=1)]
    return [e["status"] for body in bodies for e in body.get("messageStatusUpdate", ())]


class TestTheReference:
    def test_names_every_key(self, schema, words):
        keys = {key for structure in schema.values() for key in structure.get("properties", ())}
        assert not keys - words

    def test_names_every_choice(self, schema, words):
        choices = set(re.findall(r'"enum": \[([^]]+)\]', json.dumps(schema)))
        assert choices
        for choice in choices:
            assert not set(re.findall(r'"(\w+)"', choice)) - words

    def test_names_every_preset(self, schema, table):
        known = set(schema["Scenario"]["properties"]["retry"]["examples"])
        assert {words_of(row[0])[0] for row in table(PAGE, "`retry`")} == known

    def test_names_every_fault(self, schema, text):
        rows = set(re.findall(r"^\| `(\w+)` \| \w+", text[PAGE], re.MULTILINE))
        assert schema["FaultSpec"]["properties"].keys() <= rows

    def test_names_every_quirk(self, schema, table):
        rows = {words_of(row[0])[0] for row in table(PAGE, "`quirks`")}
        assert rows == schema["Quirks"]["properties"].keys()

    @pytest.mark.parametrize("channel", ["sms", "whatsapp"])
    def test_names_every_lifecycle(self, channel, table):
        said = refusal(f"messages: [{{channel: {channel}, lifecycle: zzzz}}]")
        known = re.search(r"valid: ([^)]+)", said)[1].split(", ")
        rows = [row for row in table(PAGE, "Lifecycles") if channel in ON[row[1]]]
        assert {words_of(row[0])[0] for row in rows} == set(known)

    @pytest.mark.parametrize("channel", ["sms", "whatsapp"])
    def test_has_every_status_and_its_number(self, channel, table):
        known = {code: name for code in range(1, 300) if (name := name_of(code, channel))}
        rows = [
            row for row in table(PAGE, "Failing lifecycles and statuses") if channel in ON[row[2]]
        ]
        told = {int(row[0].split()[0]): words_of(row[1])[0] for row in rows if row[0] != NO_NUMBER}
        assert told == known

    def test_says_which_statuses_are_lifecycles(self, table):
        for _, name, on, _, life in table(PAGE, "Failing lifecycles and statuses"):
            (status,) = words_of(name)
            before = {"alone": [], "after sent": ["SENT_TO_SUPPLIER"]}
            for channel in ON[on]:
                if life:
                    assert lives(status, channel) == [*before[life], status]
                else:
                    line = f"messages: [{{channel: {channel}, lifecycle: {status}}}]"
                    assert "no lifecycle" in refusal(line)

    def test_tells_the_presets_delays(self, table, app):
        scenario = mockatell.parse("messages: [{lifecycle: sent}, {reply: moText}]")
        rows = {words_of(name)[0]: after for name, after, _ in table(PAGE, "`retry`")}
        for preset in ("central-status", "central-mo", "fast", "none"):
            journal = mockatell.run(scenario, app=app(500), retry=preset, seed=1)
            waits = {role: [] for role in mockatell.Role}
            for attempt in journal:
                if attempt.next_due is not None:
                    waits[attempt.role].append(round(attempt.next_due - attempt.ended_at))
            numbers = [int(n) for n in re.findall(r"\d+", rows[preset].partition(", then")[0])]
            unit = 60 if "min" in rows[preset] else 1
            last = [3 * 86_400] if "then 3 days" in rows[preset] else []
            told = [n * unit for n in numbers] + last
            assert list(waits.values()) == [told, told], preset

    def test_quotes_refusals_word_for_word(self, table):
        rows = table(PAGE, "What is refused")
        assert rows
        for written, said in rows:
            (yaml,), (error,) = words_of(written), words_of(said)
            some = "" if yaml.startswith("messages:") else "\nmessages: [{lifecycle: sent}]"
            assert refusal(yaml + some) == f"mine.yaml:1: {error}"

    def test_tells_a_test_how_to_decrypt(self, code):
        pytest.importorskip("cryptography")
        (yaml,) = (block for block in code(PAGE, "yaml") if "encryption:" in block)
        (python,) = code(PAGE, "python")
        told = {}
        exec(python, told)
        (delivery,) = mockatell.plan(mockatell.parse(yaml), seed=7)
        (event,) = json.loads(delivery.callback.body)["event"]["moText"]
        assert event["content"] != "Yes please"
        assert told["plain_text"](event) == "Yes please"


@pytest.mark.parametrize("shipped", SHIPPED, ids=lambda path: path.stem)
class TestShipped:
    def test_opens_with_the_bug_that_it_finds(self, shipped):
        assert re.match(r"# Finds: \w.{20,}\.$", shipped.read_text().splitlines()[0])

    def test_survived_by_an_app_that_acknowledges(self, shipped, app):
        report = mockatell.report(mockatell.run(shipped, app=app(204), seed=7))
        assert report.exit_code == 0, report.findings
        assert report.totals.acknowledged > 0


def test_all_shipped_scenarios_are_valid(cli):
    assert len(SHIPPED) >= 12
    ran = cli("validate", *(path.stem for path in SHIPPED))
    assert ran.returncode == 0, ran.stderr
    assert len(ran.stdout.splitlines()) == len(SHIPPED)
