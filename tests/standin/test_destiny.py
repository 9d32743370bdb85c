"""What becomes of accepted messages: magic, the window, opting out, time and encryption."""

import base64
import json

import pytest

from mockatell.clickatell.encryption import LocalKeyService, encrypt_content
from mockatell.clickatell.lifecycles import lifecycle
from mockatell.clickatell.platform import Platform
from mockatell.clickatell.standin import MAGIC
from mockatell.clickatell.standin.moments import moment
from mockatell.clickatell.statuses import CHANNELS, STATUSES
from mockatell.rng import Purpose, Stream

USER = "27999000001"
DAY = 86_400_000


def names(message):
    return [stage.name or stage.what for stage in message.destiny]


def to(suffix):
    return f"27999912{suffix}"


@pytest.mark.parametrize(
    ("suffix", "sms", "whatsapp"),
    [
        ("001", ["SENT_TO_SUPPLIER", "DEVICE_ACK"], ["SENT_TO_SUPPLIER", "DEVICE_ACK", "READ"]),
        ("002", [], []),
        ("004", ["SENT_TO_SUPPLIER"], ["SENT_TO_SUPPLIER"]),
        ("005", ["SENT_TO_SUPPLIER", "DEVICE_ACK"], ["SENT_TO_SUPPLIER", "DEVICE_ACK"]),
        ("006", ["SENT_TO_SUPPLIER", "DEVICE_ACK"], ["SENT_TO_SUPPLIER", "DEVICE_ACK", "READ"]),
        ("020", ["SENT_TO_SUPPLIER", "EXPIRED"], ["SENT_TO_SUPPLIER", "EXPIRED"]),
        ("024", ["EMULATED"], ["EMULATED"]),
        ("025", ["INSUFFICIENT_ACCOUNT_BALANCE"], ["INSUFFICIENT_ACCOUNT_BALANCE"]),
        ("100", ["ROUTING_ERROR"], ["SENT_TO_SUPPLIER", "DEVICE_ACK", "READ"]),
        (
            "131",
            ["SENT_TO_SUPPLIER", "DEVICE_ACK"],
            ["SENT_TO_SUPPLIER", "WHATSAPP_RE_ENGAGEMENT_REQUIRED"],
        ),
        (
            "702",
            ["SENT_TO_SUPPLIER", "DEVICE_ACK", "moText"],
            ["SENT_TO_SUPPLIER", "DEVICE_ACK", "READ", "typing", "moText"],
        ),
        (
            "704",
            ["SENT_TO_SUPPLIER", "DEVICE_ACK"],
            ["SENT_TO_SUPPLIER", "DEVICE_ACK", "READ", "typing", "moText"],
        ),
        (
            "800",
            ["SENT_TO_SUPPLIER", "DEVICE_ACK"],
            ["SENT_TO_SUPPLIER", "fallback", "SENT_TO_SUPPLIER", "DEVICE_ACK"],
        ),
    ],
)
def test_the_last_three_digits_choose(client, suffix, sms, whatsapp):
    assert names(client.sent(to=to(suffix))) == sms
    assert names(client.sent(to=to(suffix), channel="whatsapp")) == whatsapp


@pytest.mark.parametrize("status", [s for s in STATUSES if s.failing and s.code], ids=str)
def test_every_failing_status_has_its_number(client, status):
    for channel in status.channels:
        message = client.sent(to=to(f"{status.code:03}"), channel=channel)
        assert names(message)[-1] == status.name


@pytest.mark.parametrize(
    ("suffix", "http", "code"),
    [
        ("918", 500, 18),
        ("919", 503, 19),
        ("920", 402, 20),
        ("925", 400, 25),
        ("926", 400, 26),
        ("927", 400, 27),
        ("928", 400, 28),
        ("943", 400, 43),
        ("944", 400, 44),
        ("946", 400, 46),
    ],
)
def test_numbers_that_are_refused(client, suffix, http, code):
    assert client.refused(to=to(suffix))[:2] == (http, code)
    status, _ = client.send({"to": to(suffix), "content": "a"}, {"to": USER, "content": "a"})
    assert status == 207


@pytest.mark.parametrize("suffix", MAGIC)
def test_a_row_of_the_table_says_what_it_does_and_can_be_lived(suffix):
    row = MAGIC[suffix]
    assert len(suffix) == 3
    assert suffix.isdigit()
    assert row.does.endswith(".")
    for channel in row.channels:
        assert not row.life or lifecycle(row.life, channel)
    assert row.channels
    assert bool(row.reply) == (row.life == "replied")


@pytest.mark.parametrize("suffix", [s for s, row in MAGIC.items() if row.reply])
def test_a_reply_of_the_table_can_be_made(client, suffix):
    platform = Platform(integration_id="a", integration_name="b")
    stream = Stream(1, Purpose.MESSAGE, 1)
    for channel in MAGIC[suffix].channels:
        message = client.sent(to=to(suffix), channel=channel)
        kind = message.destiny[-1].name
        callback = platform.reply(kind, message.conversation, 1, stream, message.answer)
        assert message.api_message_id.encode() in callback.body
        assert all(
            str(v).encode() in callback.body for v in message.answer.values() if v != "reference"
        )


BUTTONS = [
    {"type": "url", "title": "Our shop"},
    {"title": "Yes", "postbackData": "CONFIRM-17"},
    {"type": "reply", "title": "No", "postbackData": "CANCEL-17"},
]
OFFER = {"content": None, "button": {"body": "Well?", "items": BUTTONS}}
ROWS = [{"title": "Red", "postbackData": "RED"}, {"title": "Blue", "postbackData": "BLUE"}]
LIST = {"content": None, "listPicker": {"body": "?", "sections": [{"title": "a", "rows": ROWS}]}}
TAPPED = {"postbackData": "CONFIRM-17", "content": "Yes"}


def templated(**button):
    return {"content": None, "template": {"templateName": "a", "buttons": [button]}}


@pytest.mark.parametrize(
    ("suffix", "offer", "kind", "told"),
    [
        ("704", OFFER, "moButtonResponse", {"selectedItem": TAPPED}),
        ("709", OFFER, "moSuggestedResponse", TAPPED),
        ("705", LIST, "moListPickerResponse", {"selectedItems": [{"postbackData": "RED"}]}),
        (
            "704",
            OFFER | {"button": {"body": "a", "items": [{"title": "Yes"}]}},
            "moButtonResponse",
            {"selectedItem": {"postbackData": "Yes", "content": "Yes"}},
        ),
        (
            "704",
            templated(listPosition=2, postbackData="P"),
            "moButtonResponse",
            {"selectedItem": {"postbackData": "P", "content": "Button 2"}},
        ),
        (
            "704",
            templated(listPosition=1, postbackData=17),
            "moButtonResponse",
            {"selectedItem": {"postbackData": "Button 1", "content": "Button 1"}},
        ),
        ("704", {"content": "Well?"}, "moText", {}),
        ("704", LIST, "moText", {}),
        ("705", OFFER, "moText", {}),
        ("705", {"content": None, "listPicker": {"rows": [{"title": "Red"}]}}, "moText", {}),
        ("704", OFFER | {"button": {"body": "a", "items": BUTTONS[:1]}}, "moText", {}),
        ("709", {"content": "Well?"}, "moText", {}),
    ],
)
def test_a_choice_is_one_of_what_the_message_offers(client, suffix, offer, kind, told):
    message = client.sent(to=to(suffix), channel="whatsapp", **offer)
    assert names(message)[-1] == kind
    platform = Platform(integration_id="a", integration_name="b")
    callback = platform.reply(
        kind, message.conversation, 1, Stream(1, Purpose.MESSAGE, 1), message.answer
    )
    [event] = json.loads(callback.body)["event"][kind]
    assert told.items() <= event.items()


def test_a_list_that_is_nested_without_end_offers_nothing(client):
    tree = {"postbackData": "far down"}
    for _ in range(100):
        tree = {"rows": [tree]}
    message = client.sent(to=to("705"), channel="whatsapp", content=None, listPicker=tree)
    assert names(message)[-1] == "moText"


@pytest.mark.parametrize("number", ["27999000020", "2799900020", "12027530020", "27999900001"])
def test_ordinary_numbers_have_no_magic(client, number):
    assert names(client.sent(to=number)) == ["SENT_TO_SUPPLIER", "DEVICE_ACK"]


def test_every_number_can_be_magic(make_client):
    client = make_client(magic_prefix="")
    assert names(client.sent(to="12027530020"))[-1] == "EXPIRED"


WHATSAPP = {"channel": "whatsapp"}
PLACE = WHATSAPP | {"content": None, "location": {"latitude": 1, "longitude": 1}}
TEMPLATE = WHATSAPP | {"content": None, "hsm": {"template": "a"}}


@pytest.mark.parametrize(
    ("window", "heard", "item", "closed"),
    [
        ("known", None, WHATSAPP, False),
        ("known", 0, WHATSAPP, False),
        ("known", DAY, WHATSAPP, False),
        ("known", DAY + 1, WHATSAPP, True),
        ("known", DAY + 1, TEMPLATE, False),
        ("known", DAY + 1, {"channel": "sms"}, False),
        ("known", DAY + 1, WHATSAPP | {"to": to("006")}, True),
        ("known", DAY + 1, PLACE, True),
        ("strict", None, WHATSAPP, True),
        ("strict", None, TEMPLATE, False),
        ("strict", None, {"channel": "sms"}, False),
        ("strict", DAY, WHATSAPP, False),
        ("strict", DAY + 1, WHATSAPP, True),
        ("off", DAY + 1, WHATSAPP, False),
        ("off", None, WHATSAPP, False),
    ],
)  # fmt: skip
def test_the_24_hour_window(make_client, window, heard, item, closed):
    client = make_client(window=window)
    if heard is not None:
        client.standin.received(item.get("to", USER), client.now - heard)
    message = client.sent(**item)
    assert (names(message)[-1] == "WHATSAPP_RE_ENGAGEMENT_REQUIRED") is closed


def test_the_window_counts_to_when_a_message_is_sent(client):
    client.standin.received(USER, client.now)
    late = client.sent(channel="whatsapp", scheduledDeliveryTime="2023-11-16T22:13:20Z")
    assert names(late)[-1] == "WHATSAPP_RE_ENGAGEMENT_REQUIRED"
    assert late.scheduled_ms == client.now + 2 * DAY


def test_an_older_message_does_not_close_the_window_again(client):
    client.standin.received(USER, client.now)
    client.standin.received(USER, client.now - 2 * DAY)
    assert names(client.sent(channel="whatsapp"))[-1] == "READ"


@pytest.mark.parametrize("word", ["STOP", "stop", " Stop\n"])
def test_stop_opts_out_until_start(client, word):
    client.standin.received(USER, 1, word)
    assert client.standin.opted_out(USER)
    assert client.refused() == (400, 26, "Recipient opted out")
    assert client.refused(channel="whatsapp")[1] == 26
    assert client.sent(to="27999000002")
    client.standin.received(USER, 2, "please stop")
    assert client.standin.opted_out(USER)
    client.standin.received(USER, 2, "start")
    assert client.sent()


@pytest.mark.parametrize("word", ["please stop", "STOPP", "", None])
def test_other_words_do_not(client, word):
    client.standin.received(USER, 1, word)
    assert client.sent()


def test_opting_out_by_hand(client):
    client.standin.opt_out(USER)
    assert client.refused()[1] == 26
    client.standin.opt_in(USER)
    client.standin.opt_in(USER)
    assert client.sent()


@pytest.mark.parametrize("pace", [0.0, 0.1, 1.0, 3.0])
def test_the_pace_is_the_lifecycle_s_by_a_factor(make_client, pace):
    message = make_client(pace=pace).sent(channel="whatsapp")
    usual = lifecycle("read", "whatsapp")
    assert [(s.low, s.high) for s in message.destiny] == [
        (s.low * pace, s.high * pace) for s in usual
    ]


def test_by_default_a_message_is_over_in_seconds(client):
    for channel in CHANNELS:
        assert sum(stage.high for stage in client.sent(channel=channel).destiny) < 5


@pytest.mark.parametrize(("expires", "low"), [("soon", 3.0), ("validity", 7 * 60.0)])
def test_expiry_is_soon_or_after_the_validity_period(make_client, expires, low):
    message = make_client(expires=expires).sent(to=to("020"), validityPeriod=7)
    assert message.validity_minutes == 7
    assert message.destiny[-1].low == pytest.approx(low)


@pytest.mark.parametrize(
    ("suffix", "soon", "validity"),
    [
        ("002", [], ["EXPIRED"]),
        ("004", ["SENT_TO_SUPPLIER"], ["SENT_TO_SUPPLIER", "EXPIRED"]),
        ("005", ["SENT_TO_SUPPLIER", "DEVICE_ACK"], ["SENT_TO_SUPPLIER", "DEVICE_ACK"]),
    ],
)
def test_what_would_stay_expires_after_its_validity_period(make_client, suffix, soon, validity):
    assert names(make_client().sent(to=to(suffix), validityPeriod=5)) == soon
    message = make_client(expires="validity").sent(to=to(suffix), validityPeriod=5)
    assert names(message) == validity
    assert (message.destiny[-1].low == 300.0) is (validity[-1] == "EXPIRED")


def test_an_ordinary_message_that_stays_sent_expires_as_well(make_client):
    message = make_client(expires="validity", life_sms="sent").sent(validityPeriod=5)
    assert names(message) == ["SENT_TO_SUPPLIER", "EXPIRED"]


@pytest.mark.parametrize("word", ["ende", "ENDE"])
def test_words_are_taken_in_any_case(make_client, word):
    client = make_client(stop_words=(word,), start_words=(f"{word} nicht",))
    client.standin.received(USER, 1, "Ende")
    assert client.standin.opted_out(USER)
    client.standin.received(USER, 2, "ende nicht")
    assert not client.standin.opted_out(USER)


def test_validity_is_a_day_unless_said(client):
    assert client.sent().validity_minutes == 1440


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("1970-01-01T00:00:00+0000", 0),
        ("2017-02-27T14:30:00+0200", 1_488_198_600_000),
        ("2017-02-27T14:30:00+02:00", 1_488_198_600_000),
        ("2017-02-27T12:30:00Z", 1_488_198_600_000),
        ("2017-02-27T12:30:00", None),
        ("2017-02-27T12:30:00.000Z", None),
        ("2017-02-27T24:30:00Z", None),
        ("0001-01-01T00:00:00+1400", -62_135_647_200_000),
        ("٢٠١٧-02-27T12:30:00Z", None),
        ("", None),
    ],
)
def test_times(text, ms):
    assert moment(text) == ms


def test_a_scheduled_message_waits(client):
    message = client.sent(scheduledDeliveryTime="2023-11-14T22:14:20+0000")
    assert message.scheduled_ms == client.now + 60_000
    first, second = message.destiny
    usual = lifecycle("delivered", "sms")
    assert first.low == pytest.approx(60 + usual[0].low * 0.1)
    assert first.high == pytest.approx(60 + usual[0].high * 0.1)
    assert second.low == pytest.approx(usual[1].low * 0.1)
    assert (
        client.json("GET", f"/v1/message/{message.api_message_id}")[1]["sms"]["status"]
        == "SCHEDULED"
    )


def test_a_time_that_is_over_is_now(client):
    message = client.sent(scheduledDeliveryTime="2017-02-27T14:30:00+0200")
    assert message.destiny == client.sent().destiny


@pytest.mark.parametrize(
    ("suffix", "channel", "falls"),
    [
        ("029", "whatsapp", True),
        ("131", "whatsapp", True),
        ("006", "whatsapp", False),
        ("029", "sms", False),
    ],
)
def test_a_fallback_is_for_what_fails_on_whatsapp(client, suffix, channel, falls):
    message = client.sent(to=to(suffix), channel=channel, fallback={"channel": "sms"})
    assert ("fallback" in names(message)) is falls
    assert message.has_fallback


def test_the_sandbox(make_client):
    client = make_client(sandbox=True, registered=(USER,))
    assert names(client.sent(to="27999000002")) == ["EMULATED"]
    assert names(client.sent()) == ["SENT_TO_SUPPLIER", "DEVICE_ACK"]


KEYS = LocalKeyService("a secret")


def sealed(keys=KEYS, text="Grüße"):
    stream = Stream(1, Purpose.ENCRYPTION, 1)
    key, blob = keys.generate_data_key(stream)
    content = encrypt_content(key, text, keys.mode, stream)
    return {"encryptionKey": base64.b64encode(blob).decode(), "content": content}


def test_encrypted_content_is_read_where_there_is_a_key_service(make_client):
    message = make_client(keys=KEYS).sent(**sealed())
    assert (message.encrypted, message.plain) == (True, "Grüße")
    assert names(message)[-1] == "DEVICE_ACK"
    unread = make_client().sent(**sealed())
    assert (unread.encrypted, unread.plain, names(unread)[-1]) == (True, None, "DEVICE_ACK")


@pytest.mark.parametrize(
    ("item", "ends"),
    [
        (sealed(LocalKeyService("another")), "ENCRYPTION_ACCESS_DENIED"),
        (sealed() | {"encryptionKey": "not base64"}, "ENCRYPTION_ACCESS_DENIED"),
        (sealed() | {"encryptionKey": "ключ"}, "ENCRYPTION_ACCESS_DENIED"),
        (sealed() | {"content": "not base64"}, "ENCRYPTION_CONTENT_ERROR"),
        (sealed() | {"content": "eA=="}, "ENCRYPTION_CONTENT_ERROR"),
    ],
    ids=["other key", "no blob", "no ascii", "no base64", "no blocks"],
)
def test_what_cannot_be_decrypted_fails_after_acceptance(make_client, item, ends):
    message = make_client(keys=KEYS).sent(**item)
    assert names(message) == [ends]
    assert message.plain is None
