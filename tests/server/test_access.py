"""Who is let in to the control API, the page's feed and the metrics."""

import httpx
import pytest

from mockatell.client import Client, SidecarError
from mockatell.server.access import Access

HERE = {b"host": b"127.0.0.1:8080"}
BEARER = {b"authorization": b"Bearer s3cret"}


@pytest.mark.parametrize(
    ("access", "method", "headers", "status"),
    [
        (Access(), "GET", HERE, None),
        (Access(), "GET", {b"host": b"localhost"}, None),
        (Access(), "GET", {b"host": b"[::1]:8080"}, None),
        (Access(), "GET", {b"host": b"app.localhost:8080"}, None),
        (Access(), "GET", {b"host": b"rebound.example:8080"}, 403),
        (Access(), "GET", {b"host": b"127.0.0.1.example"}, 403),
        (Access(), "GET", {b"host": b"[::1"}, 403),
        (Access(), "GET", {}, 403),
        (Access(loopback=False), "POST", {b"host": b"sidecar:8080"}, None),
        (Access(), "POST", HERE | {b"sec-fetch-site": b"cross-site"}, 403),
        (Access(), "POST", HERE | {b"sec-fetch-site": b"same-origin"}, None),
        (Access(), "POST", HERE | {b"origin": b"http://evil.example"}, 403),
        (Access(), "POST", HERE | {b"origin": b"null"}, 403),
        (Access(), "POST", HERE | {b"origin": b"http://127.0.0.1:8080"}, None),
        (Access(), "GET", HERE | {b"origin": b"http://evil.example"}, None),
        (Access("s3cret"), "GET", HERE, 401),
        (Access("s3cret"), "GET", HERE | BEARER, None),
        (Access("s3cret"), "GET", {b"host": b"elsewhere"} | BEARER, None),
        (Access("s3cret"), "GET", HERE | {b"authorization": b"bearer  s3cret "}, None),
        (Access("s3cret"), "GET", HERE | {b"authorization": b"s3cret"}, 401),
        (Access("s3cret"), "GET", HERE | {b"authorization": b"Basic s3cret"}, 401),
        (Access("s3cret"), "GET", HERE | {b"authorization": b"Bearer s3cre\xff"}, 401),
        (Access("s3cret"), "GET", HERE | {b"cookie": b"a=b; mockatell_token=s3cret"}, None),
        (Access("s3cret"), "GET", HERE | {b"cookie": b"mockatell_token=wrong"}, 401),
        (Access("s3cret"), "GET", HERE | {b"cookie": b"\xff;;=;"}, 401),
    ],
)
def test_access(access, method, headers, status):
    refusal = access.refusal(method, headers)
    assert (refusal and refusal.status) == status


def test_the_token_is_not_shown():
    assert "s3cret" not in repr(Access("s3cret"))


@pytest.fixture(scope="module")
def guarded(serve, app):
    """One that listens everywhere, and asks for a token."""
    return serve("--host", "0.0.0.0", "--target", app.url, env={"MOCKATELL_TOKEN": "s3cret"})


@pytest.mark.parametrize("path", ["/mockatell/api/overview", "/mockatell/api/changes", "/metrics"])
def test_ours_is_for_those_who_have_the_token(guarded, path):
    answer = httpx.get(guarded.url + path)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer realm="mockatell"'
    assert answer.headers["content-type"] == "application/problem+json"
    assert "s3cret" not in answer.text + "\n".join(guarded.lines)


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/"])
def test_what_holds_nothing_is_for_everybody(guarded, path):
    assert httpx.get(guarded.url + path).status_code == 200


def test_the_one_api_has_keys_of_its_own(guarded):
    answer = httpx.get(f"{guarded.url}/v1/balance", headers={"Authorization": "any=="})
    assert answer.status_code == 200


def test_the_client_brings_the_token(guarded):
    assert Client(guarded.url, token="s3cret").overview().pending == 0
    with pytest.raises(SidecarError, match="token is missing or wrong") as refused:
        Client(guarded.url).overview()
    assert refused.value.status == 401


def test_the_page_has_it_kept_out_of_reach(guarded):
    with httpx.Client(base_url=guarded.url) as browser:
        wrong = browser.post("/mockatell/api/session", json={"token": "guess"})
        assert (wrong.status_code, dict(browser.cookies)) == (401, {})
        right = browser.post("/mockatell/api/session", json={"token": "s3cret"})
        assert right.status_code == 204
        flags = right.headers["set-cookie"].lower()
        assert all(flag in flags for flag in ("httponly", "samesite=strict", "path=/mockatell"))
        assert browser.get("/mockatell/api/overview").status_code == 200
