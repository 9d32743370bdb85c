"""What is packed, made once."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def packed(tmp_path_factory):
    """Make a wheel of a source tree; gives its path."""

    def pack(source):
        folder = tmp_path_factory.mktemp("wheel")
        build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", folder, source]
        subprocess.run(build, check=True)
        [made] = folder.glob("*.whl")
        return made

    return pack


@pytest.fixture(scope="session")
def wheel(packed):
    return packed(ROOT)
