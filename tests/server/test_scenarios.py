"""Scenarios of one's own: what they are called, and what is said of one that is broken."""

import pytest

from mockatell.client import Client

SENT = "messages: [{lifecycle: sent}]\n"


@pytest.fixture(scope="module")
def own(serve, tmp_path_factory):
    folder = tmp_path_factory.mktemp("scenarios")
    (folder / "whole.yaml").write_text("# Finds nothing.\n" + SENT)
    (folder / "broken.yaml").write_text("# Finds much.\nmesages: []\n")
    (folder / "binary.yaml").write_bytes(b"\xff\xfe\x00")
    serving = serve("--scenarios", folder, "--pace", 0, "--target", "http://127.0.0.1:9/")
    return serving, Client(serving.url), folder


def test_a_broken_file_is_told_at_the_start_and_marked(own):
    serving, client, _ = own
    told = [line for line in serving.lines if "of --scenarios" in line]
    assert [any(name in line for line in told) for name in ("broken", "binary", "whole")] == [
        True,
        True,
        False,
    ]
    views = {view.name: view.summary for view in client.scenarios()}
    assert views["broken"].startswith("cannot be used: broken")
    assert "messages" in views["broken"]
    assert views["binary"].startswith("cannot be used: binary")
    assert views["whole"] == "Finds nothing."


def test_a_file_that_was_mended_is_no_longer_marked(own):
    _, client, folder = own
    (folder / "later.yaml").write_text("mesages: []\n")
    assert {v.name: v.summary for v in client.scenarios()}["later"].startswith("cannot be used")
    (folder / "later.yaml").write_text("# Mended.\n" + SENT)
    assert {v.name: v.summary for v in client.scenarios()}["later"] == "Mended."


@pytest.mark.parametrize(("text", "name"), [(SENT, "mine"), (f"name: ours\n{SENT}", "ours")])
def test_a_run_is_called_by_its_scenario_s_name_or_its_upload_s(own, text, name):
    _, client, _ = own
    client.upload("mine", text)
    assert client.start_run("mine").scenario == name
