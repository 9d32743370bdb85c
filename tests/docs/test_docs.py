"""What the pages say is true: their scenarios load, their commands and links lead somewhere."""

import json
import re
import shlex
import subprocess
import sys
from itertools import islice

import pytest

import mockatell

COMMAND = re.compile(r"mockatell ([a-z]+)")
OPTION = re.compile(r"--[a-z][a-z-]*")
HURRY = {"run": ["--speed", "60"], "explore": ["--most", "60"], "check": ["--no-limits"]}
OF_PYTEST = {"--mockatell-seed", "--mockatell-report-dir"}


def spans(text):
    """The inline code of a page, and the lines of its shell blocks."""
    shell = re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    inline = (" ".join(span.split()) for span in re.findall(r"`([^`]+)`", prose))
    return [*inline, *(line for block in shell for line in block.splitlines())]


def slug(heading):
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def test_every_scenario_on_a_page_loads_and_can_be_planned(scenario_block, monkeypatch):
    """A fragment gets a message; another program's YAML is marked `<!-- not a scenario -->`."""
    for variable in re.findall(r"\$\{(\w+)\}", scenario_block):
        monkeypatch.setenv(variable, "filled in")
    whole = re.search(r"^messages:", scenario_block, re.MULTILINE)
    fragment = "" if whole else "messages: [{channel: whatsapp, count: 9, lifecycle: read}]\n"
    scenario = mockatell.parse(fragment + scenario_block, name="the page's block")
    assert list(islice(mockatell.plan(scenario, seed=7), 200))


def test_every_command_on_a_page_exists(page, text, options):
    named = [name for span in spans(text[page]) for name in COMMAND.findall(span)]
    assert set(named) <= options.keys()


def test_every_option_on_a_page_exists(page, text, options):
    every = OF_PYTEST.union(*options.values())
    for span in spans(text[page]):
        command = COMMAND.match(span)
        known = options[command[1]] if command else every
        if command or span.startswith("--"):
            assert set(OPTION.findall(span)) <= known, span


def test_every_link_leads_somewhere(page, text):
    from_here = "docs/" if page != "README.md" else ""
    for target in re.findall(r"\]\((?!https?:)([^)]+)\)", text[page]):
        file, _, anchor = target.partition("#")
        name = file.rpartition("/")[2] or page
        if not name.endswith(".md"):
            continue
        assert name in text, f"{from_here}{page} links to {target}"
        headings = re.findall(r"^#+ (.+)$", text[name], re.MULTILINE)
        assert not anchor or anchor in map(slug, headings), f"{from_here}{page} links to {target}"


def test_the_fidelity_page_is_the_ledgers(text, cli):
    page = text["fidelity.md"]
    table = page[page.index("| id |") :]
    printed = cli("fidelity", "--format", "markdown").stdout
    assert table == printed, "docs/fidelity.md is out of date: run `make docs`"


@pytest.mark.parametrize("told_in", ["README.md", "journal.md", "reports.md"])
def test_the_commands_of_a_page_run(told_in, code, cli, receiver, tmp_path):
    """In order and for real, against the demo's receiver; only their waits are hurried."""
    lines = [line for block in code(told_in, "sh") for line in block.splitlines()]
    commands = [shlex.split(line)[1:] for line in lines if line.startswith("mockatell ")]
    # Whether a sidecar is there is asked where one is: in the test of its block.
    ending = [each for each in commands if each[-1] != "&" and each[0] != "healthcheck"]
    assert ending
    for command in ending:
        to = [word.replace("http://localhost:8000", receiver) for word in command]
        ran = cli(*to, *HURRY.get(command[0], []), cwd=tmp_path)
        # A load test on a busy machine says that its figures are not the endpoint's.
        crowded = command[0] == "load" and ran.returncode == 2 and "not valid" in ran.stdout
        assert ran.returncode == 0 or crowded, f"{shlex.join(command)}\n{ran.stdout}{ran.stderr}"


class TestTheReadme:
    def test_the_sidecar_calls_back(self, code, cli_started, receiver):
        """The block's server with a port of its own, and then its requests as they stand."""
        (block,) = (block for block in code("README.md", "sh") if "mockatell serve" in block)
        serve, asking = block.replace("http://localhost:8000", receiver).split(" &\n")
        served = cli_started(*shlex.split(serve.partition("mockatell serve")[2]))
        mine = (
            f"export MOCKATELL_PORT={served.rpartition(':')[2]}\n"
            f'mockatell() {{ "{sys.executable}" -m mockatell "$@"; }}\n'
        )
        requests = mine + asking.replace("http://localhost:8080", served)
        said = subprocess.run(["bash", "-ec", requests], capture_output=True, text=True, check=True)
        assert f"{served.replace('localhost', '127.0.0.1')} is ready" in said.stdout
        assert '"accepted":true' in said.stdout
        assert '"reached":true,"pending":0' in said.stdout
        deliveries = subprocess.run(
            ["curl", "-s", f"{served}/mockatell/api/deliveries"], capture_output=True, check=True
        )
        assert [each["state"] for each in json.loads(deliveries.stdout)] == ["acknowledged"] * 2

    def test_its_scenario_runs(self, code, cli, receiver, tmp_path):
        (scenario,) = code("README.md", "yaml")
        mine = tmp_path / "mine.yaml"
        mine.write_text(scenario.replace("http://localhost:8000", receiver))
        ran = cli("run", mine, "--seed", 7, "--speed", 60)
        assert ran.returncode == 0, ran.stderr
