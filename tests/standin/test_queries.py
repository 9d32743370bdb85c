"""Statuses by polling, the balance, notifications, sending by GET, and what is remembered."""

import pytest

USER = "27999000001"
READ = {"channel": "whatsapp", "statusCode": 1001, "messageId": "3a8", "clientEventId": "a"}
KEY = "apiKey=iWJsw01234567890abcdef=="


def status_of(client, message):
    status, answer = client.json("GET", f"/v1/message/{message.api_message_id}")
    assert status == 200
    return answer


def test_a_status_is_what_happened_last(client):
    message = client.sent(channel="whatsapp")
    happened = client.standin.happened
    assert status_of(client, message) == {"whatsapp": {"status": "QUEUED", "timestamp": client.now}}
    happened(message.api_message_id, "DEVICE_ACK", client.now + 20)
    happened(message.api_message_id, "SENT_TO_SUPPLIER", client.now + 10)
    expected = {"status": "DEVICE_ACK", "timestamp": client.now + 20}
    assert status_of(client, message) == {"whatsapp": expected}
    happened(message.api_message_id, "SENT_TO_SUPPLIER", client.now + 30, "sms")
    assert status_of(client, message) == {
        "whatsapp": expected,
        "sms": {"status": "SENT_TO_SUPPLIER", "timestamp": client.now + 30},
    }


def test_an_unknown_id_has_no_channel(client):
    client.standin.happened("unknown", "READ", 1)
    unknown = {"status": "UNKNOWN", "timestamp": client.now}
    assert client.json("GET", "/v1/message/unknown") == (200, unknown)


def test_the_balance(make_client):
    client = make_client(balance=12.5, currency="ZAR")
    assert client.json("GET", "/v1/balance") == (200, {"balance": 12.5, "currency": "ZAR"})


@pytest.mark.parametrize(
    ("marks", "status", "codes"),
    [
        ([READ], 202, [None]),
        ([READ, READ], 202, [None, None]),
        ([READ | {"clientEventId": None}], 202, [None]),
        ([READ | {"channel": "sms"}], 400, [23]),
        ([READ | {"statusCode": 6}], 400, [23]),
        ([READ | {"statusCode": "1001"}], 400, [23]),
        ([READ | {"messageId": ""}], 400, [23]),
        ([READ | {"messageId": ["a"]}, READ], 207, [23, None]),
        ([{}, {}], 207, [23, 23]),
    ],
)
def test_marking_as_read(client, marks, status, codes):
    body = {"event": {"messageStatusUpdate": marks}}
    found, answer = client.json("POST", "/v1/notification", body=body)
    assert (found, answer["error"]) == (status, None)
    told = answer["event"]["messageStatusUpdate"]
    assert [each["error"] and each["error"]["code"] for each in told] == codes
    assert [each["accepted"] for each in told] == [code is None for code in codes]
    assert len(client.last.read) == codes.count(None)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        {"event": {}},
        {"event": {"messageStatusUpdate": READ}},
        {"event": {"messageStatusUpdate": []}},
        {"event": {"messageStatusUpdate": ["a"]}},
        {"messageStatusUpdate": [READ]},
    ],
)
def test_a_notification_of_another_shape(client, body):
    error = {"code": 21, "description": "Payload data is malformed"}
    assert client.json("POST", "/v1/notification", body=body) == (400, {"error": error})


def test_too_many_notifications(client):
    body = {"event": {"messageStatusUpdate": [READ] * 201}}
    status, answer = client.json("POST", "/v1/notification", body=body)
    assert (status, answer["error"]["code"]) == (400, 22)


NONE = {"errorCode": None, "error": None, "errorDescription": None}


def test_sending_by_get(client):
    query = f"{KEY}&to={USER}&content=Test+message+%C3%A9&from=12027530410"
    status, answer = client.json("GET", "/messages/http/send", query, headers=())
    [message] = client.last.accepted
    result = {"apiMessageId": message.api_message_id, "accepted": True, "to": USER}
    assert (status, answer) == (202, {"messages": [result | NONE]} | NONE)
    assert (message.content, message.from_, message.channel) == (
        "Test message é",
        "12027530410",
        "sms",
    )


@pytest.mark.parametrize(
    ("query", "status", "codes"),
    [
        (f"{KEY}&to={USER},27999000002&content=a", 202, [None, None]),
        (f"{KEY}&to={USER},x&content=a", 207, [None, 25]),
        (f"{KEY}&to=%2B{USER}&content=a", 400, [25]),
        (f"{KEY}&to={USER}&to=x&content=a", 202, [None]),
        (f"{KEY}&content=a", 400, [23]),
        (f"{KEY}&to=&content=a", 400, [25]),
        (f"{KEY}&to={USER}", 400, [23]),
        (f"{KEY}&to={USER}&content=", 400, [23]),
        (f"{KEY}&to=27999900920&content=a", 402, [20]),
        (f"{KEY}&to=%FF&content=%FF", 400, [25]),
        (f"{KEY}&to={USER}&content=a&from=%2B1", 400, [23]),
    ],
)
def test_results_of_sending_by_get(client, query, status, codes):
    found, answer = client.json("GET", "/messages/http/send", query, headers=())
    assert found == status
    assert [each["errorCode"] for each in answer["messages"]] == codes
    assert {name: answer[name] for name in NONE} == NONE


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        (f"to={USER}&content=a", 401, 1),
        (f"apiKey=&to={USER}&content=a", 401, 1),
        (f"{KEY}&content=a&to=" + ",".join([USER] * 201), 400, 22),
    ],
)
def test_sending_by_get_refused_as_a_whole(client, query, status, code):
    found, answer = client.json("GET", "/messages/http/send", query)
    assert (found, answer["errorCode"], answer["messages"]) == (status, code, [])


def test_the_oldest_messages_are_forgotten(make_client):
    client = make_client(keep_messages=3)
    messages = [client.sent() for _ in range(5)]
    known = ["sms" in status_of(client, message) for message in messages]
    assert known == [False, False, True, True, True]


def test_the_oldest_users_are_forgotten(make_client):
    client = make_client(keep_messages=2, window="known")
    for number in ("1111111", "2222222", "1111111", "3333333"):
        client.standin.received(number, client.now - 90_000_000)
        client.standin.opt_out(number)
    assert [client.standin.opted_out(n) for n in ("1111111", "2222222", "3333333")] == [
        True, False, True,
    ]  # fmt: skip
    client.standin.opt_in("1111111")
    assert client.sent(to="2222222", channel="whatsapp").destiny[-1].name == "READ"
    closed = client.sent(to="1111111", channel="whatsapp").destiny[-1].name
    assert closed == "WHATSAPP_RE_ENGAGEMENT_REQUIRED"


def test_the_oldest_files_are_forgotten(make_client):
    client = make_client(keep_media=100)
    ids = [client.upload(bytes(40))[1]["fileId"] for _ in range(3)]
    assert [client.json("GET", f"/v1/media/{each}")[0] for each in ids] == [404, 200, 200]
    large = client.upload(bytes(101))[1]["fileId"]
    assert [client.json("GET", f"/v1/media/{each}")[0] for each in [*ids, large]] == [404] * 4
    small = client.upload(bytes(100))[1]["fileId"]
    assert client.json("GET", f"/v1/media/{small}")[0] == 200


def test_what_was_known_before_a_restart_can_be_told_again(client, make_client):
    message = client.sent()
    _, answer = client.upload()
    restarted = make_client()
    restarted.standin.keep(client.last.uploaded)
    restarted.standin.remember(message.api_message_id, "sms", "DEVICE_ACK", 5)
    assert status_of(restarted, message) == {"sms": {"status": "DEVICE_ACK", "timestamp": 5}}
    assert restarted.json("GET", f"/v1/media/{answer['fileId']}")[0] == 200
