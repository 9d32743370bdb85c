"""The compose example: its steps as plain processes, and that both say the same."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from mockatell.cli.serve import command

FOLDER = Path(__file__).parents[2] / "examples/compose"
ANYTHING_BUT_PLACES = {"MOCKATELL_INSECURE_OPEN", "MOCKATELL_PORT"}


@pytest.fixture(scope="module")
def composed():
    return yaml.safe_load((FOLDER / "compose.yaml").read_text())["services"]


@pytest.fixture
def plain(environment, free_port):
    """Run the steps; `broken` is a variable that is set to something else."""

    def run(*, broken=""):
        script = (FOLDER / "plain.sh").read_text()
        if broken:
            script = re.sub(rf"export {broken}=.*", f"export {broken}=something-else", script)
        return subprocess.run(
            ["sh", "-c", script, FOLDER / "plain.sh", str(free_port()), str(free_port())],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
            env=environment | {"PATH": f"{Path(sys.executable).parent}:{environment['PATH']}"},
        )

    return run


def test_the_steps_pass_as_plain_processes(plain):
    ran = plain()
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.count("passed  test_") == 6


def test_and_fail_where_something_is_wrong(plain):
    ran = plain(broken="MOCKATELL_API_KEY")
    assert ran.returncode == 1
    assert "FAILED  test_the_message_is_delivered" in ran.stdout


def test_every_variable_is_a_flag_of_serve(composed):
    known = {parameter.envvar for parameter in command.params}
    given = composed["clickatell"]["environment"].keys()
    assert given <= known
    exported = set(re.findall(r"^export (\w+)", (FOLDER / "plain.sh").read_text(), re.MULTILINE))
    assert exported ^ given == ANYTHING_BUT_PLACES


def test_the_test_container_gives_the_verdict(composed):
    assert composed["test"]["entrypoint"] == ["python", "/test.py"]
    assert set(composed["test"]["depends_on"]) == {"clickatell", "app"}
