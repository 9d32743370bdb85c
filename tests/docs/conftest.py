"""The pages as data, and what runs what they say: the command line, a receiver, an app."""

import os
import re
import subprocess
import sys
import time
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
def environment():
    """No MOCKATELL_ variables, a fixed width, no colours."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("MOCKATELL")}
    return clean | {"COLUMNS": "100", "NO_COLOR": "1", "PYTHONWARNINGS": "error"}


@pytest.fixture(scope="session")
def cli(environment):
    """Run `mockatell` to its end."""

    def run(*args, cwd=ROOT):
        return subprocess.run(
            [sys.executable, "-m", "mockatell", *map(str, args)],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            cwd=cwd,
            env=environment,
        )

    return run


@pytest.fixture
def cli_started(environment, tmp_path):
    """Start `mockatell serve` on a free port; gives its URL once it is ready."""
    started = []

    def start(*args):
        log = tmp_path / "serve.log"
        with log.open("wb") as out:
            command = [sys.executable, "-m", "mockatell", "serve", "--port", "0", *args]
            started.append(subprocess.Popen(command, stderr=out, env=environment))
        deadline = time.monotonic() + 30
        while not (ready := re.search(r"ready: .* at (http://\S+)", log.read_text())):
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        return ready[1]

    yield start
    for process in started:
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
def receiver(environment):
    """The URL of the demo's guarded receiver, as a newcomer would start it."""
    serving = subprocess.Popen(
        [sys.executable, "-m", "mockatell", "demo", "--serve", "guarded", "--port", "0"],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )
    try:
        yield re.search(r"http://[\d.:]+", serving.stdout.readline())[0]
    finally:
        serving.kill()
        serving.communicate()


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
