"""The examples' naive handlers, over real HTTP: explore breaks each of them, knowing nothing."""

import shutil
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
FASTAPI = """
import sqlite3, sys, uvicorn
from app import create_app
db = sqlite3.connect(":memory:")
uvicorn.run(create_app(db), port=int(sys.argv[1]), log_level="warning")
"""
FLASK = """
import logging, sqlite3, sys
from werkzeug.serving import run_simple
from app import create_app
logging.getLogger("werkzeug").disabled = True
run_simple("127.0.0.1", int(sys.argv[1]), create_app(sqlite3.connect(":memory:")))
"""
DJANGO = """
import logging, os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "shop.settings"
import django
from django.core.management import call_command
from wsgiref.simple_server import make_server, WSGIRequestHandler
django.setup()
django.conf.settings.ALLOWED_HOSTS = ["127.0.0.1"]
call_command("migrate", run_syncdb=True, verbosity=0)
WSGIRequestHandler.log_message = lambda *_: None
from django.core.wsgi import get_wsgi_application
make_server("127.0.0.1", int(sys.argv[1]), get_wsgi_application()).serve_forever()
"""
SERVERS = {"fastapi": FASTAPI, "flask": FLASK, "django": DJANGO}


@pytest.fixture(params=SERVERS)
def base(request, tmp_path, app_server):
    """The URL of an example, in a process of its own."""
    folder = tmp_path / "app"
    shutil.copytree(EXAMPLES / request.param, folder)
    line = (sys.executable, "-c", SERVERS[request.param])
    return app_server(*line, cwd=folder, env={"PYTHONPATH": str(folder)})


@pytest.fixture
def explore(cli, base, tmp_path):
    def run(handler):
        told = [f"--{role}-url={base}/{handler}/{role}/" for role in ("status", "reply")]
        probes = [f"--probe={base}/messages/{{messageId}}", f"--probe={base}/answers/{{from}}"]
        bounds = ("--budget=10s", "--seed=1", "--most=400", f"--out={tmp_path / 'out'}")
        return cli("explore", "conversation", *told, *probes, *bounds)

    return run


def test_the_naive_handler_breaks_within_ten_seconds(explore, tmp_path):
    ran = explore("naive")
    assert ran.returncode == 1, ran.stderr
    assert "  1. DEVICE_ACK of message m1 (event 2)\n  2. SENT_TO_SUPPLIER of" in ran.stderr
    found = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert found[0] == "finding-1.yaml"
    assert any(name.startswith("test_finding_1_") for name in found)


def test_the_guarded_handler_does_not(explore):
    ran = explore("guarded")
    assert ran.returncode == 0, ran.stderr
    assert "nothing found in " in ran.stderr
