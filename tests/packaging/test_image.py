"""The Dockerfile: what it says, what it lets in, and what a container of it says first.

`make image-proof` carries it out; here is what needs no root and few seconds.
"""

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path, PurePosixPath

import pytest

from benchmarks.image.dockerfile import BASE, configured, copy_of, is_ignored, parse
from benchmarks.image.root import copy, suite_of
from mockatell.cli import COMMANDS, cli
from mockatell.cli.options import PORT

ROOT = Path(__file__).parents[2]
STAGES = parse((ROOT / "Dockerfile").read_text())
BUILD, LAST = STAGES[0], STAGES[-1]
IMAGE = configured(LAST.steps)


@pytest.fixture
def started():
    """What a container says and how it ends that is started with these words and variables."""

    def start(*words, **env):
        program, *rest = words
        assert program == IMAGE.entrypoint[0] == "mockatell"
        said = {name: text for name, text in IMAGE.env.items() if name not in BASE.env}
        clean = {name: text for name, text in os.environ.items() if "MOCKATELL" not in name}
        return subprocess.run(
            [sys.executable, "-m", program, *rest],
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
            env=clean | said | env,
        )

    return start


def test_what_builds_stays_behind():
    assert [stage.name for stage in STAGES] == ["build", ""]
    assert not any("pip" in step.text for step in LAST.steps if step.word == "RUN")
    [taken] = (copy_of(step) for step in LAST.steps if step.word == "COPY")
    assert taken.stage == "build"


def test_its_base_is_slim_and_one_that_can_be_proven():
    [base] = {stage.base for stage in STAGES}
    assert suite_of(base)


def test_it_is_not_root_and_kubernetes_can_see_it():
    assert all(number > 0 for number in IMAGE.user)


def test_the_folder_for_a_store_is_its_user_s():
    user, group = IMAGE.user
    [made] = (step.text for step in LAST.steps if step.word == "RUN")
    assert made == f"install --directory --owner={user} --group={group} /data"


def test_its_health_is_asked_for_with_our_own_command():
    program, command = IMAGE.health.command
    assert (program,) == IMAGE.entrypoint
    assert command in COMMANDS
    assert IMAGE.health.interval < IMAGE.health.start_period


def test_its_variables_are_flags_of_what_it_starts():
    [command] = IMAGE.command
    known = {parameter.envvar for parameter in cli.get_command(None, command).params}
    assert {name for name in IMAGE.env if name.startswith("MOCKATELL_")} <= known
    assert IMAGE.env["MOCKATELL_SCENARIOS"] in IMAGE.volumes


def test_there_is_one_port_and_it_is_the_default():
    assert IMAGE.ports == (PORT.default,)


def test_started_without_a_word_it_says_what_it_needs(started):
    ran = started(*IMAGE.argv)
    assert ran.returncode == 2
    [sentence] = ran.stderr.splitlines()
    told = set(re.findall(r"MOCKATELL_\w+", sentence))
    assert told == {"MOCKATELL_TOKEN", "MOCKATELL_INSECURE_OPEN"}
    assert ran.stdout == ""


def test_any_other_command_can_be_given(started):
    assert "Commands:" in started(*IMAGE.entrypoint, "--help").stdout
    assert "receipts" in started(*IMAGE.entrypoint, "scenarios").stdout


@pytest.mark.parametrize("left", ["mockatell/__pycache__", "mockatell/core/__pycache__/a.pyc"])
def test_what_python_left_behind_is_not_let_in(left):
    assert is_ignored(left, (ROOT / ".dockerignore").read_text().split())


def test_what_is_let_in_makes_the_same_wheel(packed, wheel, tmp_path):
    for step in BUILD.steps:
        if step.word == "COPY":
            copy(step, ROOT, tmp_path, PurePosixPath("/src"))
    made = packed(tmp_path / "src")
    assert made.name == wheel.name
    assert set(zipfile.ZipFile(made).namelist()) == set(zipfile.ZipFile(wheel).namelist())
