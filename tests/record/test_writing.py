"""What is written is a scenario that plays what came, and nothing in it is about anybody."""

import json
from collections import Counter

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

import mockatell
from mockatell.clickatell.reading import events_of, said
from mockatell.core.plan import plan
from mockatell.core.recording.recorder import MOST_BODIES, Recorder
from mockatell.core.recording.writing import as_scenario

EPOCH_MS = 1_767_225_600_000


def told(deliveries):
    """What comes, in order: kind and status."""
    return [(each.callback.kind, said(each.callback.body).status) for each in deliveries]


@pytest.mark.parametrize(
    "name",
    ["conversation", "duplicates", "failures", "interactive-replies", "media", "multipart-sms",
     "opt-out", "out-of-order", "receipts"],
)  # fmt: skip
def test_what_comes_is_what_is_played_again(name, written):
    first = list(plan(mockatell.load(name), seed=3, epoch_ms=EPOCH_MS))
    text = written([(each.due, each.callback.body) for each in first])
    second = list(plan(mockatell.parse(text), seed=9, epoch_ms=EPOCH_MS))
    assert told(second) == told(first)
    for one, other in zip(first, second, strict=True):
        assert other.due - second[0].due == pytest.approx(one.due - first[0].due, abs=0.002)


def test_a_recording_of_a_recording_says_the_same(written):
    first = plan(mockatell.load("conversation"), seed=3, epoch_ms=EPOCH_MS)
    text = written([(each.due, each.callback.body) for each in first])
    second = plan(mockatell.parse(text), seed=9, epoch_ms=EPOCH_MS)
    again = mockatell.parse(written([(each.due, each.callback.body) for each in second]))
    shape = [[(s.status, s.reply, s.after, s.delivery) for s in m.steps] for m in again.messages]
    assert shape == [
        [(s.status, s.reply, s.after, s.delivery) for s in m.steps]
        for m in mockatell.parse(text).messages
    ]


WORDS = st.text(
    st.characters(categories=["Lu", "Ll", "Lo", "Nd"]), min_size=10, max_size=30
).filter(lambda word: not (word.isascii() and word.isalpha()))  # no word of a scenario's own
SENTENCES = st.text("abcdefghij KLMNOP", min_size=12, max_size=40)
NUMBERS = st.from_regex(r"[13-9][0-9]{9,13}", fullmatch=True)


@st.composite
def conversations(draw):
    """Bodies, and everything in them that is about somebody."""
    secrets, bodies = [], []

    def secret(strategy):
        secrets.append(draw(strategy))
        return secrets[-1]

    for number in range(draw(st.integers(1, 4))):
        user, business, name = secret(NUMBERS), secret(NUMBERS), secret(WORDS)
        mo = {
            "channel": "whatsapp",
            "messageId": secret(WORDS),
            "relatedMessageId": draw(st.none() | st.just(f"m{number}")),
            "relatedClientMessageId": None,
            "from": user,
            "to": business,
            "timestamp": EPOCH_MS + number,
            "whatsapp": {"profileName": name},
            secret(WORDS): secret(WORDS),
        }
        card = {
            "name": {"formattedName": f"{name} {secret(WORDS)}", "firstName": name},
            "phones": [{"phone": f"+{user}", "waId": user, "type": "CELL"}],
            "emails": [{"email": f"{secret(WORDS)}@{secret(WORDS)}.com", "type": secret(WORDS)}],
            "urls": [{"url": f"https://{secret(WORDS)}.com/{secret(WORDS)}"}],
            "addresses": [{"street": secret(WORDS), "zip": secret(NUMBERS)}],
            "birthday": "1931-12-30",
        }
        secrets.append("1931-12-30")
        events = {
            "moText": mo | {"content": secret(SENTENCES)},
            "moLocation": mo
            | {"locationName": secret(WORDS), "locationAddress": secret(WORDS),
               "latitude": "51.507351", "longitude": "-0.127758"},
            "moContacts": mo | {"contacts": [card]},
            "moMedia": mo | {"files": [{"contentType": "image/png",
                                        "fileName": f"{secret(WORDS)}.png",
                                        "downloadUrl": f"https://x/{secret(WORDS)}",
                                        "byteSize": 12_345, "sha256Hash": secret(WORDS)}],
                             "caption": secret(WORDS)},
            "moSuggestedResponse": mo | {"content": secret(WORDS), "postbackData": secret(WORDS)},
            "moButtonResponse": mo
            | {"selectedItem": {"content": secret(WORDS), "postbackData": secret(WORDS)}},
            secret(WORDS): mo,
        }  # fmt: skip
        secrets += ["51.507351", "0.127758"]
        for kind in draw(st.lists(st.sampled_from(list(events)), min_size=1, unique=True)):
            whole = {"integrationId": secret(NUMBERS), "integrationName": secret(WORDS)}
            bodies.append(json.dumps(whole | {"event": {kind: [events[kind]]}}).encode())
        update = {"channel": "whatsapp", "timestamp": EPOCH_MS, "statusCode": 5,
                  "status": "DEVICE_ACK", "messageId": f"m{number}",
                  "clientMessageId": secret(WORDS)}  # fmt: skip
        bodies.append(json.dumps({"event": {"messageStatusUpdate": [update]}}).encode())
    return bodies, secrets


@given(conversations(), st.integers(0, 2**53 - 1))
@settings(max_examples=40, deadline=None)
def test_nothing_of_what_anybody_wrote_is_left(told, key):
    bodies, secrets = told
    recorder = Recorder(key)
    for at, body in enumerate(bodies):
        recorder.take(body, float(at))
    recording = recorder.recording()
    text = as_scenario(recording, name="recorded", ids=False)
    shown = text + json.dumps(yaml.safe_load(text), ensure_ascii=False)
    assert [secret for secret in secrets if secret in shown] == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
FIELDS = st.sampled_from(
    ["channel", "timestamp", "statusCode", "status", "messageId", "clientMessageId", "from", "to",
     "relatedMessageId", "relatedClientMessageId", "content", "charset", "sms", "whatsapp",
     "contentType", "files", "contacts", "latitude", "latitute", "longitude", "selectedItem",
     "selectedItems", "postbackData", "encryptionKey", "caption", "locationName", "nobodyKnows"]
)  # fmt: skip
KINDS = st.sampled_from(
    ["moText", "moMedia", "moLocation", "moContacts", "moSuggestedResponse", "statusIsTyping",
     "moListPickerResponse", "moButtonResponse", "messageStatusUpdate", "messageFallback", "moNew"]
)  # fmt: skip
CHANNELS = st.sampled_from(["sms", "whatsapp", "sms ", "WhatsApp", "rcs"])
EVENTS = st.builds(
    lambda fields, channel, at: {"channel": channel, "timestamp": EPOCH_MS + at} | fields,
    st.dictionaries(FIELDS, JSON, max_size=6),
    CHANNELS,
    st.integers(-(10**12), 10**12),
)
BODIES = st.binary(max_size=20) | st.builds(
    lambda event: json.dumps({"event": event}).encode(),
    JSON | st.dictionaries(KINDS, st.lists(EVENTS, max_size=3) | JSON, max_size=2),
)


@given(st.lists(st.tuples(st.floats(0, 10**6), BODIES), max_size=8), st.booleans())
@settings(max_examples=150, deadline=None)
@example([(0.0, b'{"event":{"moText":[{"channel":"sms","content":"\\u0000\\u2028$x"}]}}')], False)
def test_whatever_comes_makes_a_scenario_that_can_be_played_or_none(arrivals, ids):
    recorder = Recorder(1, ids=ids)
    for at, body in sorted(arrivals):
        recorder.take(body, at)
    text = as_scenario(recorder.recording(), name="recorded", ids=ids)
    if text is None:
        return
    scenario = mockatell.parse(text)
    assert all(events_of(each.callback.body) for each in plan(scenario, seed=1, epoch_ms=EPOCH_MS))


def test_ten_thousand_messages_are_cut_off_where_a_scenario_ends(status, written):
    text = written([(float(n), status("READ", 6, n, f"m{n}")) for n in range(20_000)])
    scenario = mockatell.parse(text)
    assert 1000 < len(scenario.messages) < 20_000
    assert f"{20_000 - len(scenario.messages):,} messages and 0 callbacks are left out" in text


def test_more_bodies_than_can_be_kept_are_counted(status):
    recorder = Recorder(1)
    manners = Counter(
        recorder.take(status("READ", 6, n, f"m{n}"), float(n)).manner
        for n in range(MOST_BODIES + 5)
    )
    assert manners == {"new": MOST_BODIES, "left out": 5}
    assert recorder.recording().left_out == 5


def test_long_texts_are_kept_as_far_as_there_is_room(text, monkeypatch):
    monkeypatch.setattr("mockatell.core.recording.recorder.MOST_BYTES", 100_000)
    recorder = Recorder(1)
    manners = [recorder.take(text("x" * 19_990 + str(n)), float(n)).manner for n in range(8)]
    assert manners == ["new"] * 4 + ["left out"] * 4


def steps(text):
    [message] = mockatell.parse(text).messages
    return message


def test_copies_come_again_and_retries_do_not(status):
    recorder = Recorder(1)
    refused, lost, taken = (status(*s) for s in [("QUEUED", 2), ("SENT_TO_SUPPLIER", 4, 1),
                                                 ("DEVICE_ACK", 5, 2)])  # fmt: skip
    for body, answers in ((refused, (500, 200)), (lost, (None, 200)), (taken, (200, 200))):
        at = [refused, lost, taken].index(body)
        for tried, answer in enumerate(answers):
            recorder.take(body, at + tried * 0.5)
            recorder.answered(body, answer)
    text = as_scenario(recorder.recording(), name="recorded", ids=False)
    assert [step.delivery and step.delivery.again for step in steps(text).steps] == [
        None,
        None,
        (0.5,),
    ]
    assert "# 2 retries of what was not acknowledged" in text
    assert "# answers: 200 4 times, 500 1 time, none 1 time" in text


def test_a_copy_that_comes_before_the_first_was_answered_races_it(status):
    recorder = Recorder(1)
    for at in (0.0, 0.0):
        recorder.take(status("READ", 6), at)
    text = as_scenario(recorder.recording(), name="recorded", ids=False)
    assert steps(text).steps[0].delivery.again == (0.0,)


def test_ids_are_left_out_or_kept(status, text, written):
    arrivals = [
        (0.0, status("SENT_TO_SUPPLIER", 4, 0, clientMessageId="order-17")),
        (1.0, text("Yes", 1, related="m1")),
    ]
    message = steps(written(arrivals))
    assert (message.message_id, message.client_message_id) == (None, None)
    assert message.steps[1].message_id is None
    message = steps(written(arrivals, ids=True))
    assert (message.message_id, message.client_message_id) == ("m1", "order-17")
    assert message.steps[1].message_id == "reply to m1"


def test_a_message_without_a_client_id_stays_without_one(status, written):
    assert steps(written([(0.0, status("READ", 6))])).client_message_id == ""


def test_the_default_side_of_a_quirk_goes_without_saying(status, written):
    assert "quirks" not in written([(0.0, status("READ", 6))])


def test_quirks_are_those_that_were_seen(envelope, written):
    absent = {"channel": "whatsapp ", "timestamp": EPOCH_MS, "statusCode": 6, "status": "READ",
              "messageId": "m1"}  # fmt: skip
    place = {"channel": "whatsapp ", "timestamp": EPOCH_MS + 2000, "from": "1234567",
             "to": "7654321", "latitute": "1.5", "longitude": "2.5",
             "relatedMessageId": "m1"}  # fmt: skip
    text = written([(0.0, envelope("messageStatusUpdate", absent)),
                    (2.0, envelope("moLocation", place)),
                    (3.0, envelope("moText", place | {"content": "x"}))])  # fmt: skip
    quirks = mockatell.parse(text).quirks
    assert (quirks.no_client_message_id, quirks.channel_blank) == ("absent", True)
    assert (quirks.latitude, quirks.reply_timestamp) == ("latitute", "seconds")


def test_somebody_who_types_writes_the_message_that_they_answer(status, text, envelope, written):
    typing = {"channel": "whatsapp", "timestamp": EPOCH_MS + 1000, "from": "447700900123"}
    message = steps(
        written(
            [
                (0.0, status("READ", 6)),
                (1.0, envelope("statusIsTyping", typing)),
                (2.0, text("Yes", 2, related="m1", channel="whatsapp")),
            ]
        )
    )
    assert [(s.status, s.typing, s.reply) for s in message.steps] == [
        ("READ", None, None),
        (None, {}, None),
        (None, None, "moText"),
    ]


def test_one_person_stays_one_person(text, written):
    scenario = mockatell.parse(
        written(
            [
                (0.0, text("Hello", user="447700900123")),
                (1.0, text("Again", 1)),
                (2.0, text("Other", 2, user="447700900124")),
            ]
        )
    )
    first, second, other = (message.from_ for message in scenario.messages)
    assert first == second != other
    assert {message.to for message in scenario.messages} == {scenario.messages[0].to}
    assert all(number.startswith("27999") for number in (first, other, scenario.messages[0].to))


def test_words_that_the_app_looks_for_can_stay(text, written):
    arrivals = [(0.0, text(" Stop ")), (1.0, text("Stop it", 1))]
    first, second = mockatell.parse(written(arrivals, keep=["STOP"])).messages
    assert first.content == " Stop "
    assert second.content != "Stop it"


def test_nothing_that_can_be_played_is_no_scenario(written):
    assert written([]) is None
    assert written([(0.0, b"nonsense"), (1.0, b'{"event":{"moNew":[{}]}}')]) is None


def test_as_much_is_written_as_a_scenario_can_hold(written, status):
    """What counts most there are values: steps that say how they are delivered have many."""
    arrivals = [
        (n + copy / 4, status("READ", 6, n, f"m{n}")) for n in range(6_000) for copy in range(3)
    ]
    text = written(arrivals)
    more = text.replace("messages:\n", "messages:\n" + "  - {lifecycle: sent}\n" * 1_000)
    assert mockatell.parse(text)
    with pytest.raises(mockatell.ScenarioError, match=r"100000 values|1 MiB"):
        mockatell.parse(more.replace("{lifecycle: sent}", "{lifecycle: sent, count: 1, at: 1s}"))
