"""What the pages say is true: their scenarios load, their commands and links lead somewhere."""

import re
import shlex
from itertools import islice

import pytest

import mockatell

COMMAND = re.compile(r"mockatell ([a-z]+)")
OPTION = re.compile(r"--[a-z][a-z-]*")
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
    assert commands
    for command in commands:
        to = [word.replace("http://localhost:8000", receiver) for word in command]
        hurry = ["--speed", "60"] if command[0] == "run" else []
        ran = cli(*to, *hurry, cwd=tmp_path)
        assert ran.returncode == 0, f"{shlex.join(command)}\n{ran.stderr}"


class TestTheReadme:
    def test_its_scenario_runs(self, code, cli, receiver, tmp_path):
        (scenario,) = code("README.md", "yaml")
        mine = tmp_path / "mine.yaml"
        mine.write_text(scenario.replace("http://localhost:8000", receiver))
        ran = cli("run", mine, "--seed", 7, "--speed", 60)
        assert ran.returncode == 0, ran.stderr
