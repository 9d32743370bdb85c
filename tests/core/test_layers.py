"""The house: which room may know which."""

import ast
from pathlib import Path

import mockatell

PACKAGE = Path(mockatell.__file__).parent

LAYERS = {
    "words": ["_version", "errors", "model", "rng"],
    "provider": ["clickatell"],
    "core": ["core"],
    "shell": ["shell"],
    "rooms": ["rooms"],
    "doors": [
        "__init__",
        "__main__",
        "cli",
        "client",
        "locustfile",
        "public",
        "pytest_plugin",
        "server",
        "strategies",
    ],
}
RANK = {room: rank for rank, rooms in enumerate(LAYERS.values()) for room in rooms}
# Standard modules that only the shell and the doors may know: they read time, disk or network.
IMPURE = {"asyncio", "os", "random", "secrets", "signal", "socket", "ssl", "subprocess", "time"}
ALLOWED = {
    ("rng", "random"): "makes a Random of a stream, for faker",
    ("rng", "secrets"): "draws a seed when none is given",
    ("core", "os"): "takes a path as its caller has it",
}


def room_of(path):
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path):
    """Dotted names that a file imports, those for types included."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module
            if node.module == "mockatell":
                yield from (f"mockatell.{alias.name}" for alias in node.names)


FILES = sorted(PACKAGE.rglob("*.py"))


def test_every_room_has_its_layer():
    assert {room_of(path) for path in FILES} <= set(RANK)


def test_imports_point_down():
    up = [
        f"{path.relative_to(PACKAGE)} imports {name}"
        for path in FILES
        for name in imports(path)
        if name.startswith("mockatell.")
        and (room := name.split(".")[1]) in RANK
        and RANK[room] > RANK[room_of(path)]
    ]
    assert up == []


def test_words_and_provider_know_nothing_above_them():
    for path in FILES:
        if RANK[room_of(path)] == 0 and room_of(path) != "_version":
            own = {n for n in imports(path) if n.startswith("mockatell")}
            assert own <= {"mockatell.rng", "mockatell.model", "mockatell.errors"}, path


def test_the_core_reads_no_time_no_disk_and_no_network():
    impure = [
        (room_of(path), name)
        for path in FILES
        for name in imports(path)
        if RANK[room_of(path)] <= 2 and name.split(".")[0] in IMPURE
    ]
    assert set(impure) <= set(ALLOWED)


def test_only_the_provider_knows_clickatell_s_names():
    """The vendor's field names stay in one package (the scenario's own are snake_case)."""
    fields = ('"messageStatusUpdate"', '"relatedMessageId"', '"statusCode"', '"integrationId"')
    elsewhere = {
        str(path.relative_to(PACKAGE))
        for path in FILES
        if room_of(path) != "clickatell" and any(f in path.read_text() for f in fields)
    }
    # One plays a customer, the other one hands out factories by the vendor's names.
    assert elsewhere == {"rooms/demo/receivers.py", "__init__.py"}
