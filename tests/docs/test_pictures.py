"""The README's pictures can be drawn anew, and are still what the commands print."""

import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"


def said(path):
    texts = ET.parse(path).iter("{http://www.w3.org/2000/svg}text")
    return " ".join("".join(each.itertext()) for each in texts).replace("\N{NO-BREAK SPACE}", " ")


@pytest.fixture(scope="module")
def drawn(tmp_path_factory, free_port):
    folder = tmp_path_factory.mktemp("images")
    command = [sys.executable, DOCS / "draw.py", folder, str(free_port())]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return folder


def test_the_demo_prints_what_its_picture_shows(drawn):
    assert said(drawn / "demo.svg") == said(DOCS / "images" / "demo.svg")


def test_exploring_finds_what_its_picture_shows(drawn):
    now, shown = said(drawn / "explore.svg"), said(DOCS / "images" / "explore.svg")
    for text in ("finding 1", "findings/finding-1.yaml", "seed 7", "every order of every part"):
        assert text in now
        assert text in shown
