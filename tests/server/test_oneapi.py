"""The One API over real sockets: apps written by the vendor's page, and others."""

import gzip
import hashlib
import json
import socket
import zlib

import pytest

ONE = {"messages": [{"channel": "sms", "to": "27821234567", "content": "Hello"}]}
MB = 2**20


def refused(code, description):
    return {"messages": [], "error": {"code": code, "description": description}}


MALFORMED = refused(21, "Payload data is malformed")


def test_a_message_is_accepted_and_its_statuses_come_back(http, app, client):
    sent = [{"channel": "sms", "to": "27821234567", "content": "Hi", "clientMessageId": "order-17"}]
    answer = http.post("/v1/message", json={"messages": sent})
    assert answer.status_code == 202
    [told] = answer.json()["messages"]
    assert told | {"apiMessageId": "…"} == {
        "apiMessageId": "…",
        "accepted": True,
        "to": "27821234567",
        "clientMessageId": "order-17",
        "error": None,
    }
    client.wait("acknowledged", message=told["apiMessageId"])
    about = [e for e in app.events() if e["messageId"] == told["apiMessageId"]]
    assert {e["status"] for e in about} == {"SENT_TO_SUPPLIER", "DEVICE_ACK"}
    assert {e["clientMessageId"] for e in about} == {"order-17"}
    status = http.get(f"/v1/message/{told['apiMessageId']}")
    assert status.json()["sms"]["status"] == "DEVICE_ACK"


def test_some_refused(http, api, client, serving):
    answer = http.post("/v1/message", json={"messages": [*ONE["messages"], {"to": "12"}]})
    assert answer.status_code == 207
    assert [each["accepted"] for each in answer.json()["messages"]] == [True, False]
    [refusal] = api.get("/refusals").json()
    assert (refusal["code"], refusal["to"], refusal["path"]) == (25, "12", "/v1/message")
    serving.await_line("refused: 25 Invalid recipient address: 12; to '12'")
    client.reset()
    assert api.get("/refusals").json() == []


@pytest.mark.parametrize(
    ("key", "body"),
    [
        ("", refused(1, "Invalid or missing integration API Key")),
        ("wrong==", refused(1, "Invalid or missing integration API Key")),
        ("Bearer a1b2c3d4e5f6g7h8i9j0kk==", refused(1, "Invalid or missing integration API Key")),
    ],
)
def test_a_bad_key(http, key, body):
    answer = http.post("/v1/message", json=ONE, headers={"Authorization": key})
    assert (answer.status_code, answer.json()) == (401, body)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"messages": "all"}',
        b'{"messages": []}',
        b'{"content": "Hi", "to": ["27821234567"]}',
        b'{"to": "27821234567", "content": "Hi"}',
        b'{"messages":' + b"[" * 100_000,
        json.dumps(ONE).encode("utf-16"),
    ],
)
def test_the_wrong_shape_is_never_accepted(http, body):
    answer = http.post("/v1/message", content=body)
    assert (answer.status_code, answer.json()) == (400, MALFORMED)


def test_a_list_in_to_names_the_parameter(http):
    answer = http.post("/v1/message", json={"messages": [{"to": ["27821234567"], "content": "Hi"}]})
    assert answer.status_code == 400
    [told] = answer.json()["messages"]
    assert told["error"]["code"] == 23


def test_more_than_two_hundred(http):
    answer = http.post("/v1/message", json={"messages": ONE["messages"] * 201})
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == 22


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", "/v1/messages", 41),
        ("GET", "/favicon.ico", 41),
        ("POST", "/v1/message/", 41),
        ("GET", "/v1/message/../balance%00", 41),
        ("PUT", "/v1/message", 42),
        ("DELETE", "/v1/media", 42),
        ("PURGE", "/v1/balance", 42),
    ],
)
def test_what_there_is_not(speak, method, path, code):
    answer = speak(f"{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert json.loads(body)["error"]["code"] == code


def test_the_balance(http):
    assert http.get("/v1/balance").json() == {"balance": 1000.0, "currency": "USD"}


def test_one_text_by_get(http):
    answer = http.get(
        "/messages/http/send",
        params={"apiKey": http.headers["Authorization"], "to": "27821234567", "content": "Größe"},
    )
    assert answer.status_code == 202
    assert answer.json()["messages"][0]["accepted"]


def test_a_read_mark(http):
    mark = {"channel": "whatsapp", "statusCode": 1001, "messageId": "a" * 32, "clientEventId": "e"}
    answer = http.post("/v1/notification", json={"event": {"messageStatusUpdate": [mark]}})
    assert answer.status_code == 202


def test_a_page_that_was_uploaded_does_nothing_in_our_origin(http):
    given = {"fileName": "a.html", "broadcastAllowed": "true"}
    page = b"<script>fetch('/mockatell/api/reset', {method: 'POST'})</script>"
    up = http.post("/v1/media", params=given, content=page, headers={"Content-Type": "text/html"})
    digest = hashlib.sha256(page).hexdigest()
    asked = {"fileId": up.json()["fileId"], "sha256Hash": digest}
    down = http.get("/v1/media", params=asked)
    assert (down.content, down.headers["content-type"]) == (page, "text/html")
    assert down.headers["x-content-type-options"] == "nosniff"
    assert down.headers["content-security-policy"] == "sandbox"
    assert "content-security-policy" not in up.headers, "the rest is as on the platform"


def test_media_goes_up_and_comes_down(http):
    picture = b"\x89PNG" + bytes(range(256)) * 4096
    up = http.post(
        "/v1/media",
        params={"fileName": "a.png", "to": "27821234567"},
        content=picture,
        headers={"Content-Type": "image/png"},
    )
    assert up.status_code == 200
    file_id = up.json()["fileId"]
    digest = hashlib.sha256(picture).hexdigest()
    down = http.get("/v1/media", params={"fileId": file_id, "sha256Hash": digest})
    assert (down.content, down.headers["content-type"]) == (picture, "image/png")
    assert http.get(f"/v1/media/{file_id}").json()["broadcastAllowed"] is False
    wrong = http.get("/v1/media", params={"fileId": file_id, "sha256Hash": "0" * 64})
    assert wrong.status_code == 404


def test_what_a_user_sends_can_be_downloaded_where_the_callback_says(http, app, client, serving):
    client.emit("moMedia", by="reference", content_type="image/jpeg")
    client.wait("acknowledged")
    [file] = app.events("moMedia")[-1]["files"]
    assert file["downloadUrl"].startswith(f"{serving.url}/v1/media?")
    down = http.get(file["downloadUrl"])
    assert (down.status_code, len(down.content)) == (200, file["byteSize"])
    assert hashlib.sha256(down.content).hexdigest() == file["sha256Hash"]


def test_an_upload_beyond_the_vendors_limit(http):
    up = http.post(
        "/v1/media",
        params={"fileName": "a.mp4", "broadcastAllowed": "true"},
        content=bytes(30 * MB + 1),
        headers={"Content-Type": "video/mp4"},
    )
    assert up.status_code == 400
    assert up.json()["error"] == {
        "code": 31,
        "description": "Media file size exceeds limit of 30 MB",
    }


def test_a_message_beyond_it_is_malformed(http):
    answer = http.post("/v1/message", content=b'{"messages": [' + b" " * 31 * MB + b"]}")
    assert (answer.status_code, answer.json()) == (400, MALFORMED)


@pytest.mark.parametrize(
    ("encoding", "compress"),
    [("gzip", gzip.compress), ("deflate", zlib.compress), ("identity", bytes)],
)
def test_a_compressed_body(http, encoding, compress):
    content = compress(json.dumps(ONE).encode())
    answer = http.post("/v1/message", content=content, headers={"Content-Encoding": encoding})
    assert answer.status_code == 202


@pytest.mark.parametrize(
    ("encoding", "content"),
    [
        ("gzip", b"not gzip"),
        ("gzip", gzip.compress(json.dumps(ONE).encode())[:-9]),
        ("gzip", gzip.compress(bytes(200 * MB), 1)),
        ("br", json.dumps(ONE).encode()),
    ],
    ids=["no-gzip", "cut", "bomb", "unknown"],
)
def test_a_body_that_is_not_what_it_says(http, encoding, content):
    answer = http.post("/v1/message", content=content, headers={"Content-Encoding": encoding})
    assert (answer.status_code, answer.json()) == (400, MALFORMED)


def test_a_chunked_body(http):
    body = json.dumps(ONE).encode()
    answer = http.post("/v1/message", content=iter([body[:10], body[10:]]))
    assert answer.status_code == 202


HEAD = b"POST /v1/message HTTP/1.1\r\nHost: x\r\nAuthorization: k\r\n"


@pytest.mark.parametrize(
    "request_",
    [
        HEAD + b"Content-Length: -1\r\n\r\n{}",
        HEAD + b"Content-Length: many\r\n\r\n{}",
        HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        HEAD + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n",
        b"GET / HTTP/1.1\r\nHo st: x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00",
        b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
)
def test_what_is_hardly_http_is_answered_and_let_go(speak, request_):
    assert speak(request_, b"")[:12] in (b"HTTP/1.1 400", b"HTTP/1.1 431")


def test_a_huge_body_that_is_announced_is_refused_unread(speak):
    answer = speak(HEAD + b"Content-Length: 9999999999\r\nExpect: 100-continue\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 4"), "and no 100 Continue"
    assert b"connection: close" in answer


def test_a_body_that_breaks_off_leaves_nothing_behind(serving, client):
    address = serving.url.removeprefix("http://").split(":")
    with socket.create_connection(address) as connection:
        connection.sendall(HEAD + b'Content-Length: 100\r\n\r\n{"messages"')
    assert client.overview().messages == 0
