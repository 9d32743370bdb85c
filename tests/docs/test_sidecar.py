"""The page on the sidecar: its table is the code's, and all that it shows works as it stands."""

import ast
import json
import re
import subprocess
import sys

import msgspec
import pytest

from mockatell.clickatell.standin import MAGIC, StandinSettings
from mockatell.client import Client

PAGE = "sidecar.md"


def written(key, default):
    """A default as the page writes it."""
    if default in (None, ()):
        return "any" if key in ("api_keys", "numbers") else "none"
    if isinstance(default, tuple):
        return ",".join(default)
    return str(default).lower() if isinstance(default, bool) else str(default)


@pytest.fixture
def served(cli_started, receiver):
    return cli_started("--target", f"{receiver}/callback", "--seed", "7")


def test_the_table_of_magic_recipients_is_the_code_s(table):
    told = [[f"`{digits}`", ", ".join(m.channels), m.does] for digits, m in sorted(MAGIC.items())]
    rows = "\n".join(f"| {' | '.join(row)} |" for row in told)
    assert table(PAGE, "Magic recipients") == told, f"the page's table should be\n{rows}"


def test_the_table_of_settings_is_the_code_s(table):
    told = [(key.strip("`"), default) for key, default, _ in table(PAGE, "Your integration")]
    defaults = msgspec.structs.asdict(StandinSettings())
    assert told == [(key, written(key, default)) for key, default in defaults.items()]


def test_every_request_is_answered_as_asked(code, served):
    blocks = [block for block in code(PAGE, "sh") if "curl" in block]
    script = "\n".join(blocks).replace("http://localhost:8080", served)
    script = re.sub(
        r"^curl ", "curl --silent --show-error --fail-with-body ", script, flags=re.MULTILINE
    )
    ran = subprocess.run(["bash", "-ec", script], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.count('"reached":true') == 2


def test_the_client_is_used_as_shown(code, served):
    [shown, container] = code(PAGE, "python")
    ast.parse(container)
    program = shown.replace("http://localhost:8080", served)
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert ran.returncode == 0, ran.stderr.decode()


def test_the_table_of_the_client_s_methods_is_the_code_s(table):
    told = re.findall(
        r"`(\w+)`", " ".join(cell for row in table(PAGE, "From Python") for cell in row)
    )
    methods = [
        name
        for name in vars(Client)
        if not name.startswith("_") and callable(getattr(Client, name))
    ]
    assert sorted(told) == sorted(methods)


def test_the_variables_are_flags_of_serve(text, options):
    named = set(re.findall(r"MOCKATELL_(\w+)", text[PAGE]))
    assert {f"--{name.lower().replace('_', '-')}" for name in named} <= options["serve"]


def test_the_description_is_where_it_is_said_to_be(served, text):
    path = re.search(r"described at `(/\S+)`", text[PAGE])[1]
    said = subprocess.run(["curl", "-s", f"{served}{path}"], capture_output=True, check=True)
    assert json.loads(said.stdout)["openapi"].startswith("3.")
