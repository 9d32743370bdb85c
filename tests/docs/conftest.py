"""The pages as data, and what runs what they say: the command line, a receiver, an app."""

import re
import time
from functools import partial
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = {page.name: page for page in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))}
NO_SCENARIO = "<!-- not a scenario -->"


def blocks(page, language):
    """The code blocks of a page, each with the line above it."""
    for above, found, text in re.findall(
        r"([^\n]*)\n+^```(\w*)\n(.*?)^```$", PAGES[page].read_text(), re.MULTILINE | re.DOTALL
    ):
        if found == language:
            yield above, text


def pytest_generate_tests(metafunc):
    """What a test takes of the pages becomes a test each."""
    if "page" in metafunc.fixturenames:
        metafunc.parametrize("page", list(PAGES))
    if "scenario_block" in metafunc.fixturenames:
        found = {
            f"{page}-{number}": text
            for page in PAGES
            for number, (above, text) in enumerate(blocks(page, "yaml"), 1)
            if above != NO_SCENARIO
        }
        metafunc.parametrize("scenario_block", found.values(), ids=found.keys())


@pytest.fixture(scope="session")
def text():
    """A page's text by its name."""
    return {name: path.read_text() for name, path in PAGES.items()}


@pytest.fixture(scope="session")
def code():
    """The code blocks of a page in a language."""
    return lambda page, language: [text for _, text in blocks(page, language)]


@pytest.fixture(scope="session")
def table():
    """The rows of the first table under a heading, each a list of cells."""

    def rows(page, heading):
        prose = re.sub(r"^```.*?^```$", "", PAGES[page].read_text(), flags=re.MULTILINE | re.DOTALL)
        _, found, section = f"\n{prose}".partition(f"# {heading}\n")
        assert found, f"{page} has no heading {heading!r}"
        first = re.search(r"^(?:\|.*\n)+", section, re.MULTILINE)[0]
        lines = first.splitlines()[2:]  # below the head and its rule
        return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]

    return rows


@pytest.fixture(scope="session")
def cli(finished):
    """Run `mockatell` to its end, where a reader of the pages is."""
    return partial(finished, cwd=ROOT)


@pytest.fixture
def cli_started(started, tmp_path):
    """Start `mockatell serve` on a free port; gives its URL once it is ready."""
    serving = []

    def start(*args):
        log = tmp_path / "serve.log"
        with log.open("wb") as out:
            serving.append(started("serve", "--port", "0", *args, stderr=out))
        deadline = time.monotonic() + 30
        while not (ready := re.search(r"ready: .* at (http://\S+)", log.read_text())):
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        return ready[1]

    yield start
    for process in serving:
        process.terminate()
        assert process.wait(20) == 0


@pytest.fixture(scope="session")
def options(cli):
    """The options of each command, by the command's name."""
    listed = cli("--help").stdout.partition("Commands:")[2]
    commands = re.findall(r"^  (\w+)", listed, re.MULTILINE)
    return {
        command: set(re.findall(r"--[a-z][a-z-]*", cli(command, "--help").stdout))
        for command in commands
    }


@pytest.fixture
def receiver(started):
    """The URL of the demo's guarded receiver, as a newcomer would start it."""
    serving = started("demo", "--serve", "guarded", "--port", "0", stderr=None)
    return re.search(r"http://[\d.:]+", serving.stdout.readline())[0]


@pytest.fixture
def app():
    """An ASGI app that answers every callback alike."""

    def answering(status):
        async def app(scope, receive, send):
            if scope["type"] != "http":
                return
            while (await receive()).get("more_body"):
                pass
            await send({"type": "http.response.start", "status": status, "headers": []})
            await send({"type": "http.response.body", "body": b""})

        return app

    return answering
