import ast
import importlib
import subprocess
import sys
from pathlib import Path

import mockatell


def test_the_door_is_what_it_says():
    assert mockatell.__all__ == sorted(mockatell.__all__)
    assert len(mockatell.__all__) == 42, "one more or less is a decision"


def test_every_name_is_there():
    for name in mockatell.__all__:
        assert getattr(mockatell, name) is not None


def test_names_for_type_checkers_are_those_at_run_time():
    """What stands under TYPE_CHECKING must come from where `__getattr__` takes it."""
    tree = ast.parse(Path(mockatell.__file__).read_text())
    [block] = [node for node in tree.body if isinstance(node, ast.If)]
    for node in block.body:
        module = importlib.import_module(node.module)
        for alias in node.names:
            assert getattr(module, alias.name) is getattr(mockatell, alias.name)
    typed = {alias.name for node in block.body for alias in node.names}
    assert typed | {"__version__"} == set(mockatell.__all__)


def test_a_name_that_is_not_there():
    code = "import mockatell; mockatell.nothing"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "module 'mockatell' has no attribute 'nothing'" in ran.stderr


def test_importing_costs_nothing_heavy():
    code = "import sys, mockatell; print(*sorted(m for m in sys.modules if m.count('.') == 0))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"asyncio", "click", "faker", "h11", "httpx", "msgspec", "rich", "tenacity", "yaml"}
    assert heavy.isdisjoint(ran.stdout.split())


def test_public_names_are_no_modules():
    code = (
        "import mockatell.cli.run, mockatell.public, mockatell\n"
        "assert all(callable(getattr(mockatell, n)) for n in ('run', 'arun', 'plan', 'report'))"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
