"""The Dockerfile: what it names is there, and a container of it does as it should."""

import json
import re
from pathlib import Path

import pytest

from mockatell.cli import COMMANDS, cli
from mockatell.cli.options import PORT

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "Dockerfile").read_text().replace("\\\n", "")


def last(instruction):
    return re.findall(rf"^{instruction} (.*)$", TEXT, re.MULTILINE)[-1]


@pytest.mark.parametrize("instruction", ["ENTRYPOINT", "CMD"])
def test_no_shell_stands_between_the_signal_and_the_program(instruction):
    assert isinstance(json.loads(last(instruction)), list)


def test_it_is_not_root_and_kubernetes_can_see_it():
    user, _, group = last("USER").partition(":")
    assert user.isdecimal()
    assert group.isdecimal()
    assert int(user) > 0


def test_its_health_is_asked_for_with_our_own_command():
    flags, _, words = last("HEALTHCHECK").partition(" CMD ")
    program, command = json.loads(words)
    assert program == json.loads(last("ENTRYPOINT"))[0]
    assert command in COMMANDS
    assert "--interval" in flags


def test_its_variables_are_flags_of_serve():
    serve = cli.get_command(None, "serve")
    known = {parameter.envvar for parameter in serve.params}
    assert set(re.findall(r"MOCKATELL_\w+(?==)", last("ENV"))) <= known


def test_there_is_one_port_and_it_is_the_default():
    assert last("EXPOSE") == str(PORT.default)


def test_what_is_copied_is_let_through():
    """`.dockerignore` leaves everything out but what it names."""
    let_through = set(re.findall(r"^!(\S+)", (ROOT / ".dockerignore").read_text(), re.MULTILINE))
    for sources in re.findall(r"^COPY (?!--from)(.*) \S+$", TEXT, re.MULTILINE):
        for source in sources.split():
            assert source in let_through
            assert (ROOT / source).exists()
