"""The wheel, installed alone into an environment of its own."""

import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """The folder of the programs of an environment that has the wheel and nothing else."""
    folder = tmp_path_factory.mktemp("env")
    venv.create(folder, with_pip=True)
    subprocess.run([folder / "bin/pip", "install", "--quiet", wheel], check=True)
    return folder / "bin"


@pytest.fixture(scope="module")
def a_customers(wheel, tmp_path_factory):
    """The folder of the programs of an environment that has the wheel, pytest and Flask."""
    folder = tmp_path_factory.mktemp("customer")
    venv.create(folder, with_pip=True)
    subprocess.run([folder / "bin/pip", "install", "--quiet", wheel, "pytest", "flask"], check=True)
    return folder / "bin"


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True, cwd="/").stdout


def test_what_travels(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {
        "mockatell/py.typed",
        "mockatell/scenarios/receipts.yaml",
        "mockatell/rooms/demo/demo.yaml",
        "mockatell/core/render/page/page.html",
    } <= names
    assert not any(name.startswith(("tests/", "benchmarks/")) for name in names)


def test_dependencies_fit_together(installed):
    assert "No broken requirements" in run(installed / "pip", "check")


def test_a_web_server_is_not_among_them(installed):
    listed = run(installed / "pip", "list", "--format", "freeze").lower()
    assert not any(name in listed for name in ("fastapi", "uvicorn", "hypothesis", "cryptography"))


def test_the_commands_work(installed):
    program = installed / "mockatell"
    assert run(program, "--version").startswith("mockatell ")
    assert "of 40 wrong" in run(program, "demo")
    assert "receipts" in run(program, "scenarios")
    assert "valid" in run(program, "validate", "receipts")
    assert run(program, "fidelity").count("assumed") > 10


def test_what_needs_an_extra_says_which(installed):
    code = (
        "import mockatell\n"
        "try:\n"
        "    list(mockatell.plan(mockatell.parse("
        "'messages: [{channel: whatsapp, reply: moText, encrypted: true}]')))\n"
        "except mockatell.ConfigurationError as error:\n"
        "    print(error)"
    )
    assert "mockatell[crypto]" in run(installed / "python", "-c", code)


def test_the_fixture_works_beside_pytest_and_flask_alone(a_customers, tmp_path):
    shutil.copytree(ROOT / "examples/flask", tmp_path, dirs_exist_ok=True)
    ran = subprocess.run(
        [a_customers / "pytest", "-W", "error", "-k", "guarded"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert "4 passed, 4 deselected" in ran.stdout
    assert "mockatell: seed" in ran.stdout


DOORS = {
    "crypto": "import mockatell; mockatell.plan(mockatell.parse("
    "'messages: [{channel: whatsapp, reply: moText, encrypted: true}]')).__next__()",
    "explore": "import mockatell.strategies, mockatell.cli.explore",
    "load": "import mockatell.cli.load, mockatell.rooms.load.load as load; load.new_loop().close()",
    "locust": "import mockatell.locustfile",
    "serve": "import mockatell.cli.serve, mockatell.server.app, mockatell.server.life",
    "sql": "import mockatell, sqlalchemy; from mockatell.shell import probes",
}


@pytest.mark.parametrize("extra", DOORS)
def test_each_door_opens_with_its_own_extra_alone(wheel, tmp_path, extra):
    venv.create(tmp_path)
    python = tmp_path / "bin/python"
    pip = [sys.executable, "-m", "pip", "--python", python]
    subprocess.run([*pip, "install", "--quiet", f"{wheel}[{extra}]"], check=True)
    assert "No broken requirements" in run(*pip, "check")
    run(python, "-c", DOORS[extra])
    others = {"fastapi", "hypothesis", "locust", "sqlalchemy", "cryptography"}
    own = {"explore": "hypothesis", "locust": "locust", "serve": "fastapi", "sql": "sqlalchemy"}
    listed = run(*pip, "list", "--format", "freeze").lower()
    there = {name for name in others if f"{name}==" in listed}
    assert there <= {own.get(extra, "cryptography")}
