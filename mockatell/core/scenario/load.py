"""From a file, or a shipped scenario's name, to a `Scenario`, or to one error that says where."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from mockatell.core.scenario import shipped
from mockatell.core.scenario.channels import settle_channels
from mockatell.core.scenario.checks import check
from mockatell.core.scenario.near import quoted, suggestion
from mockatell.core.scenario.nodes import MapNode
from mockatell.core.scenario.overrides import set_values
from mockatell.core.scenario.place import root
from mockatell.core.scenario.read import read
from mockatell.core.scenario.spec import Scenario
from mockatell.core.scenario.tree import MAX_BYTES, compose
from mockatell.errors import ScenarioError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_LONGEST_NAME = 200


def load(
    source: str | os.PathLike[str],
    *,
    env: Mapping[str, str],
    overrides: Sequence[str] = (),
    unless_said: Sequence[str] = (),
) -> Scenario:
    """Read a scenario.

    Args:
        source: A file's path, or the name of a shipped scenario; of both, the file.
        env: Where `${VAR}` is looked up.
        overrides: `path=value` each, as with `--set`.
        unless_said: `key=value` each, for keys that the scenario has not.

    Raises:
        ScenarioError: There is no such file or shipped scenario, or it cannot be used.
    """
    name = os.fspath(source)
    return parse(
        _text(name), name=_shown(name), env=env, overrides=overrides, unless_said=unless_said
    )


def parse(
    text: bytes | str,
    *,
    name: str = "<string>",
    env: Mapping[str, str],
    overrides: Sequence[str] = (),
    unless_said: Sequence[str] = (),
) -> Scenario:
    """Turn YAML into a scenario; pure.

    Args:
        text: YAML; bytes are UTF-8.
        name: What errors call the text.
        env: Where `${VAR}` is looked up.
        overrides: `path=value` each, as with `--set`.
        unless_said: `key=value` each, for keys that the text has not.

    Raises:
        ScenarioError: It cannot be used; says where, and how to mend it.
    """
    tree = set_values(compose(text, file=name, env=env), overrides, env=env)
    said = tree.entries if isinstance(tree, MapNode) else {}
    missing = [each for each in unless_said if each.partition("=")[0] not in said]
    place = root(set_values(tree, missing, env=env))
    scenario = settle_channels(read(Scenario, place), place)
    check(scenario, place)
    return scenario


def parse_keys(keys: Mapping[str, Any], *, name: str) -> Scenario:
    """Some keys of a scenario, checked as a scenario's are; its one message is there for form.

    Args:
        keys: As YAML would have them; there is no environment for a `${VAR}`.
        name: What errors call them.

    Raises:
        ScenarioError: They cannot be used.
    """
    whole = {"messages": [{"lifecycle": "sent"}], **keys}
    try:
        text = msgspec.json.encode(whole)
    except UnicodeEncodeError:
        problem = "holds half a character, which UTF-8 cannot write"
        raise ScenarioError(problem, file=name) from None
    return parse(text, name=name, env={})


def _text(name: str) -> bytes:
    path = _path(name)
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise ScenarioError(f"cannot be read: {reason}", file=_shown(name)) from error


def _path(name: str) -> Path:
    try:
        if Path(name).is_file():
            return Path(name)
    except (OSError, ValueError):  # a name that no file can have
        raise ScenarioError("is no name that a file can have", file=_shown(name)) from None
    found = shipped.find(name)
    if found is not None:
        return found
    if Path(name).exists():
        return Path(name)
    hint = suggestion(name, shipped.names())
    problem = "no such file, nor a shipped scenario of that name"
    raise ScenarioError(problem, file=_shown(name), hint=hint)


def _shown(name: str) -> str:
    return name if name.isprintable() and len(name) <= _LONGEST_NAME else quoted(name)
