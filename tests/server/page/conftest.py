"""A browser, pages that must stay silent, and an endpoint that answers as it is told."""

import json
import os
import shutil

import httpx
import pytest

from mockatell.client import Client

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
SECONDS = 10  # until what should show up on a page has to be there


def pytest_collection_modifyitems(items):
    """Without a browser there is nothing to see; the summary says so."""
    missing = pytest.mark.skip(reason="no chromium here (apt-get install chromium)")
    for item in items:
        if CHROMIUM is None and "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(missing)


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=SECONDS * 1000)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield chromium
        chromium.close()


class Watched:
    """Pages of one test; what any of them complains of is kept."""

    def __init__(self, browser):
        self.browser = browser
        self.complaints = []
        self.contexts = []

    def open(self, url, *, width=1440, height=900, **how):
        context = self.browser.new_context(viewport={"width": width, "height": height}, **how)
        context.set_default_timeout(SECONDS * 1000)
        self.contexts.append(context)
        page = context.new_page()
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(f"{error}\n{error.stack}"))
        page.goto(url)
        return page

    def forgive(self, text):
        """Leave out complaints with this in them; there must be some."""
        kept = [each for each in self.complaints if text not in each]
        assert len(kept) < len(self.complaints), self.complaints
        self.complaints = kept

    def _heard(self, message):
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)


@pytest.fixture
def pages(browser):
    """Open pages; none may log an error, a warning or a violation of the policy."""
    watched = Watched(browser)
    yield watched
    for context in watched.contexts:
        context.close()
    assert watched.complaints == []


@pytest.fixture
def page(pages, fresh):
    """The page of a sidecar in which nothing has happened yet, already live."""
    page = pages.open(fresh.url)
    page.locator("#link[data-state=live]").wait_for()
    return page


class Endpoint:
    """A customer's endpoint: keeps events, answers what `answers` says in turn, then 200."""

    def __init__(self):
        self.events = []
        self.answers = []

    def handle(self, _method, _path, _headers, body):
        self.events.append(json.loads(body)["event"])
        status, text = self.answers.pop(0) if self.answers else (200, "")
        return status, [], text.encode()


@pytest.fixture(scope="module")
def endpoint(listening):
    served = Endpoint()
    with listening(served.handle) as server:
        served.url = f"{server.url}/callback?key=s3cret"
        yield served


@pytest.fixture(scope="module")
def sidecar(serve, endpoint, tmp_path_factory):
    """One that a module's tests share: quick lives, two quick retries, a fixed seed."""
    config = tmp_path_factory.mktemp("sidecar") / "quick.yaml"
    config.write_text("retry: {schedule: [20ms, 20ms]}\nmessages: [{count: 1}]\n")
    return serve("--target", endpoint.url, "--seed", 7, "--pace", 0, "--config", config)


@pytest.fixture
def fresh(sidecar, endpoint):
    """The sidecar, forgetful of what was before."""
    endpoint.answers.clear()
    client = Client(sidecar.url)
    client.set_faults()
    client.reset()
    endpoint.events.clear()
    sidecar.client = client
    return sidecar


@pytest.fixture
def send(fresh):
    """Send messages as an app does; gives the ids that were handed out."""

    def sending(*messages):
        answer = httpx.post(
            f"{fresh.url}/v1/message",
            json={"messages": messages},
            headers={"Authorization": "any-key"},
        )
        assert answer.status_code == 202, answer.text
        return [each["apiMessageId"] for each in answer.json()["messages"]]

    return sending
