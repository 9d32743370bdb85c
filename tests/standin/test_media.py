"""Media: uploads, their metadata, and downloads of these and of what users send."""

import hashlib
import json
from urllib.parse import urlsplit

import pytest

from mockatell.clickatell.media import media_for
from mockatell.clickatell.platform import Platform
from mockatell.clickatell.standin.uploads import bare_type
from mockatell.rng import Purpose, Stream

USER = "27999000001"
DAY = 86_400_000


def sha(body):
    return hashlib.sha256(body).hexdigest()


def names(message):
    return [stage.name for stage in message.destiny]


def test_what_was_uploaded_can_be_looked_up_and_downloaded(client):
    body = bytes(range(256))
    status, answer = client.upload(body)
    assert (status, answer["accepted"], answer["error"]) == (200, True, None)
    uploaded = client.last.uploaded
    assert (uploaded.file_id, uploaded.body) == (answer["fileId"], body)
    query = f"fileId={answer['fileId']}&sha256Hash={sha(body)}"
    response = client.call("GET", "/v1/media", query)
    assert (response.status, response.body) == (200, body)
    assert dict(response.headers) == {"Content-Type": "image/png"}
    assert client.json("GET", f"/v1/media/{answer['fileId']}")[1] == {
        "expirationTime": (client.now + 30 * DAY) // 1000,
        "broadcastAllowed": True,
    }


@pytest.mark.parametrize(
    ("query", "status", "code", "text"),
    [
        ("", 400, 23, "Invalid or missing parameter: fileName"),
        ("fileName=&broadcastAllowed=true", 400, 23, "Invalid or missing parameter: fileName"),
        ("fileName=a.png", 400, 23, "Invalid or missing parameter: to"),
        ("fileName=a.png&broadcastAllowed=false", 400, 23, "Invalid or missing parameter: to"),
        ("fileName=a.png&to=%2B279", 400, 25, "Invalid recipient address: +279"),
        ("a=1&" * 1000, 400, 23, "Invalid or missing parameter: fileName"),
    ],
)
def test_an_upload_says_what_it_is_and_for_whom(client, query, status, code, text):
    found, answer = client.upload(query=query or "&")
    assert found == status
    assert answer == {
        "fileId": None,
        "accepted": False,
        "error": {"code": code, "description": text},
    }


@pytest.mark.parametrize(
    ("size", "code"), [(0, 21), (1, None), (30 * 2**20, None), (30 * 2**20 + 1, 31)]
)
def test_an_upload_has_up_to_30_mb(client, size, code):
    status, answer = client.upload(bytes(size))
    assert status == (400 if code else 200)
    assert code is None or answer["error"]["code"] == code


@pytest.mark.parametrize(
    ("name", "content_type", "ending"),
    [
        ("a.png", "image/png", ".png"),
        ("A.B.JPG", "image/jpg", ".jpg"),
        ("a", "image/jpeg", ".bin"),
        ("a.p%2Fng", "IMAGE/PNG; q=1", ".bin"),
        ("a.gif", "image/gif", ".unsupported"),
        ("a.png", "", ".unsupported"),
        ("a.png", "x\r\nSet-Cookie: a", ".unsupported"),
    ],
)
def test_a_file_id_ends_in_what_it_is(client, name, content_type, ending):
    _, answer = client.upload(name=name, content_type=content_type)
    file_id = answer["fileId"]
    assert file_id[36:] == f"-2{ending}"
    assert media_for(file_id) is None, "never taken for what a user sends"
    query = f"fileId={file_id}&sha256Hash={sha(b'picture')}"
    [(_, told)] = client.call("GET", "/v1/media", query).headers
    assert told == bare_type(content_type)
    assert not {"\r", "\n"} & set(told)


def test_an_uploaded_file_is_sent_by_its_id(client):
    _, answer = client.upload()
    media = {"fileId": answer["fileId"], "caption": "look", "contentType": "image/png"}
    message = client.sent(channel="whatsapp", content=None, media=media)
    assert (message.kind, names(message)[-1]) == ("media", "READ")
    header = {"type": "media", "media": media}
    template = {"templateName": "a", "header": header}
    assert client.sent(channel="whatsapp", content=None, template=template).kind == "template"
    missing = {"templateName": "a", "header": {"media": {"fileId": "x"}}}
    assert client.refused(channel="whatsapp", content=None, template=missing)[1] == 33


@pytest.mark.parametrize(
    ("query", "fields", "ends"),
    [
        ("broadcastAllowed=true", {"sha256Hash": "0" * 64}, "MEDIA_CHECKSUM_FAILURE"),
        ("broadcastAllowed=true", {"sha256Hash": sha(b"picture").upper()}, "READ"),
        ("to=27999000002", {}, "MEDIA_ACCESS_ERROR"),
        (f"to={USER}", {}, "READ"),
        ("to=27999000002&broadcastAllowed=true", {}, "READ"),
    ],
)
def test_a_file_that_is_another_or_for_another(client, query, fields, ends):
    _, answer = client.upload(query=f"fileName=a.png&{query}")
    media = {"fileId": answer["fileId"]} | fields
    assert names(client.sent(channel="whatsapp", content=None, media=media))[-1] == ends


@pytest.mark.parametrize(
    ("size", "uploaded_as", "sent_as", "told"),
    [
        (6 * 2**20, "image/png", None, (400, 31, "Media file size exceeds limit of 5 MB")),
        (6 * 2**20, "application/pdf", None, None),
        (6 * 2**20, "video/mp4", None, None),
        (17 * 2**20, "video/mp4", None, (400, 31, "Media file size exceeds limit of 16 MB")),
        (10, "image/gif", None, (400, 30, "Content type not supported")),
        (10, "image/gif", "image/png", None),
        (10, "image/png", "image/gif", (400, 30, "Content type not supported")),
    ],
)
def test_whatsapp_s_limits_hold_for_uploads(client, size, uploaded_as, sent_as, told):
    _, answer = client.upload(bytes(size), content_type=uploaded_as)
    media = {"fileId": answer["fileId"], "contentType": sent_as}
    item = {"channel": "whatsapp", "content": None, "media": media}
    if told is None:
        assert client.sent(**item)
    else:
        assert client.refused(**item) == told


def test_an_upload_is_gone_after_thirty_days(client):
    _, answer = client.upload()
    item = {"channel": "whatsapp", "content": None, "media": {"fileId": answer["fileId"]}}
    client.now += 30 * DAY - 1
    assert client.sent(**item)
    client.now += 1
    assert client.refused(**item)[1] == 33
    assert client.json("GET", f"/v1/media/{answer['fileId']}")[0] == 404


def test_a_callback_s_download_url_downloads(client):
    platform = Platform(integration_id="a", integration_name="b")
    message = client.sent(to="27999900706", channel="whatsapp")
    stream = Stream(1, Purpose.MESSAGE, 1)
    kind = message.destiny[-1].name
    callback = platform.reply(kind, message.conversation, 1, stream, message.answer)
    [file] = json.loads(callback.body)["event"]["moMedia"][0]["files"]
    url = urlsplit(file["downloadUrl"])
    response = client.call("GET", url.path, url.query)
    assert response.status == 200
    assert len(response.body) == file["byteSize"]
    assert sha(response.body) == file["sha256Hash"]
    assert dict(response.headers)["Content-Type"] == file["contentType"]
    wrong = url.query.replace(file["sha256Hash"], "0" * 64)
    status, answer = client.json("GET", url.path, wrong)
    assert (status, answer["error"]["code"]) == (404, 33)
    assert client.call("GET", url.path, url.query, headers=()).status == 401


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("", 400, 23),
        ("fileId=a", 400, 23),
        ("sha256Hash=a", 400, 23),
        ("fileId=&sha256Hash=", 400, 23),
        ("fileId=a&sha256Hash=b", 404, 33),
        ("fileId=../../etc/passwd&sha256Hash=b", 404, 33),
    ],
)
def test_a_download_that_is_not_there(client, query, status, code):
    found, answer = client.json("GET", "/v1/media", query)
    assert (found, answer["error"]["code"]) == (status, code)
