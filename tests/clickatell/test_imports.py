import pkgutil
import subprocess
import sys

import mockatell.clickatell

PROGRAM = """
import importlib, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
print(*sorted({'faker', 'cryptography'} & set(sys.modules)))
"""


def test_faker_and_cryptography_are_imported_only_when_something_needs_them():
    found = pkgutil.walk_packages(mockatell.clickatell.__path__, "mockatell.clickatell.")
    modules = [module.name for module in found]
    assert "mockatell.clickatell.platform" in modules
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *modules], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []
