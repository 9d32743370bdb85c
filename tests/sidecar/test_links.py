"""What `downloadUrl` begins with, where the sidecar cannot know how the app gets to it."""

import json

import pytest

from mockatell.clickatell.standin import ApiRequest
from mockatell.core.sidecar.links import base_of
from mockatell.core.sidecar.views import EventRequest, RunRequest
from mockatell.shell.store import SqliteStore

OWN = "http://127.0.0.1:8080"
PICTURE = {"by": "reference", "content_type": "image/jpeg"}
RUN = json.dumps({"messages": [{"steps": [{"reply": "moMedia", "after": "1s", **PICTURE}]}]})


@pytest.mark.parametrize(
    ("host", "base"),
    [
        ("clickatell:8080", "http://clickatell:8080"),
        ("my_clickatell", "http://my_clickatell"),
        ("Sidecar.Test.:80", "http://Sidecar.Test.:80"),
        ("10.0.0.7:9", "http://10.0.0.7:9"),
        ("[::1]:8080", "http://[::1]:8080"),
        (None, None),
        ("", None),
        (":8080", None),
        ("a:", None),
        ("a:0", None),
        ("a:99999", None),
        ("a:8080:8080", None),
        ("a b", None),
        ("user:secret@a", None),
        ("a/b", None),
        ("a?b", None),
        ("a#b", None),
        ("a\\b", None),
        ('a"b', None),
        ("http://a", None),
        ("[::1", None),
        ("[::::]", None),
        ("\u00e4", None),
        ("a\u2100b", None),
        ("a" * 254, None),
        ("a\n", None),
    ],
)
def test_a_host_is_linked_to_when_it_is_one(host, base):
    assert base_of(host) == base


def asking(host, to="27999900706", key="a-key"):
    body = json.dumps({"messages": [{"to": to, "content": "hi", "channel": "whatsapp"}]})
    headers = (("Authorization", key), ("Host", host))
    return ApiRequest("POST", "/v1/message", "", headers, body.encode())


@pytest.fixture
def guessing(house):
    """A sidecar that does not know how the app gets to it."""
    return lambda **given: house(**{"public_url": OWN, "guessed_url": True} | given)


def bases(h):
    """What the links begin with that the endpoint was sent, in order."""
    files = [each["moMedia"][0]["files"][0] for each in h.endpoint.events if "moMedia" in each]
    return [each["downloadUrl"].partition("/v1/media?")[0] for each in files]


async def play(h):
    await h.sidecar.advance(60)


def test_the_answer_to_a_message_links_to_where_it_was_sent(run, guessing):
    async def main():
        async with guessing() as h:
            for host in ("clickatell:8080", "other", "a@b", "clickatell:8080"):
                await h.sidecar.handle(asking(host))
                await play(h)
            assert bases(h) == [f"http://{x}" for x in ("clickatell:8080", "other", "other",
                                                        "clickatell:8080")]  # fmt: skip

    run(main())


def test_what_nothing_was_asked_for_links_to_where_the_app_asked_last(run, guessing):
    async def main():
        async with guessing() as h:
            await h.sidecar.emit(EventRequest(kind="moMedia", fields=PICTURE))
            await h.sidecar.handle(asking("clickatell:8080", to="27999000001"))
            await h.sidecar.emit(EventRequest(kind="moMedia", fields=PICTURE))
            await h.sidecar.start_run(RunRequest(yaml=RUN))
            await play(h)
            assert bases(h) == [OWN, *["http://clickatell:8080"] * 2]

    run(main())


@pytest.mark.parametrize("request_", [asking("evil", key=""), asking("evil", to="none")])
def test_who_was_not_let_in_decides_nothing(run, guessing, request_):
    async def main():
        async with guessing() as h:
            await h.sidecar.handle(request_)
            await h.sidecar.emit(EventRequest(kind="moMedia", fields=PICTURE))
            await play(h)
            assert bases(h) == [OWN]

    run(main())


def test_what_was_told_goes_before_what_is_seen(run, house):
    async def main():
        async with house(public_url=OWN) as h:
            await h.sidecar.handle(asking("clickatell:8080"))
            await play(h)
            assert bases(h) == [OWN]

    run(main())


@pytest.mark.parametrize("guessed", [True, False])
def test_a_restart_and_a_reset_know_it_still_unless_they_are_told(run, guessing, tmp_path, guessed):
    path = tmp_path / "store.db"

    async def main():
        async with guessing(store=SqliteStore(path)) as h:
            await h.sidecar.handle(asking("clickatell:8080", to="27999000001"))
            await h.sidecar.reset()
            await h.sidecar.start_run(RunRequest(yaml=RUN))
        async with guessing(store=SqliteStore(path), guessed_url=guessed) as h:
            await play(h)
            await h.sidecar.emit(EventRequest(kind="moMedia", fields=PICTURE))
            await play(h)
            assert bases(h) == [
                "http://clickatell:8080",
                "http://clickatell:8080" if guessed else OWN,
            ]

    run(main())


def test_a_run_says_that_its_links_lead_nowhere(run, guessing, house):
    async def main():
        async with guessing() as h:
            [note] = (await h.sidecar.start_run(RunRequest(yaml=RUN))).notes
            assert f"downloadUrl begins with {OWN}" in note
            assert "--public-url" in note
            text = "messages: [{lifecycle: sent}]"
            assert (await h.sidecar.start_run(RunRequest(yaml=text))).notes == ()
            await h.sidecar.handle(asking("clickatell:8080", to="27999000001"))
            assert (await h.sidecar.start_run(RunRequest(yaml=RUN))).notes == ()
        async with house() as h:
            assert (await h.sidecar.start_run(RunRequest(yaml=RUN))).notes == ()

    run(main())
