"""The scenarios that can be started by name: shipped ones, those of a folder, uploaded ones."""

from __future__ import annotations

import asyncio
import logging
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import msgspec
from msgspec.structs import replace

from mockatell.core.scenario import shipped
from mockatell.core.scenario.load import parse
from mockatell.core.scenario.near import suggestion
from mockatell.core.scenario.spec import Scenario
from mockatell.core.scenario.tree import MAX_BYTES
from mockatell.core.sidecar.views import ScenarioView
from mockatell.errors import ConfigurationError, ConflictError, InputError, UnknownError
from mockatell.model import Frozen

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mockatell.core.sidecar.views import RunRequest

LOG: Final = logging.getLogger("mockatell")
MOST_UPLOADED: Final = 200
_BROKEN: Final = "cannot be used"
_UNNAMED: Final = Scenario().name
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


class Script(Frozen, frozen=True):
    """A scenario's text.

    Args:
        name: What errors call it, and others where it has no name of its own.
        trusted: Whether it may read the environment: one that came over the network may not.
        overrides: `path=value` each, as with `--set`.
    """

    name: str
    text: str
    trusted: bool
    overrides: tuple[str, ...] = ()


class Library:
    """Finds scenarios; of two of one name, the uploaded one, then the folder's.

    Args:
        folder: The folder, or None.
        environment: What `${VAR}` is looked up in.

    Raises:
        ConfigurationError: There is no such folder.
    """

    def __init__(self, folder: str | None, environment: Mapping[str, str]) -> None:
        self._folder = None if folder is None else Path(folder)
        self._environment = environment
        self.uploaded: dict[str, str] = {}
        if self._folder is not None and not self._folder.is_dir():
            raise ConfigurationError(f"there is no folder of scenarios {folder}")
        self._listed: dict[str, tuple[str, ScenarioView]] = {}
        for view in self.views():
            if view.summary.startswith(_BROKEN):
                LOG.warning("scenario %s of --scenarios %s", view.name, view.summary)

    def views(self) -> list[ScenarioView]:
        """All of them, by name."""
        found = {name: view for views in self._sorts() for name, view in views}
        return [found[name] for name in sorted(found)]

    def script(self, name: str) -> Script:
        """The scenario of this name.

        Raises:
            UnknownError: There is none.
            ConfigurationError: Its file cannot be read.
        """
        if name in self.uploaded:
            return Script(name, self.uploaded[name], trusted=False)
        path = self._files().get(name) or shipped.find(name)
        if path is None:
            known = [view.name for view in self.views()]
            raise UnknownError(f"there is no scenario {name!r} ({suggestion(name, known)})")
        return Script(name, _text(path), trusted=True)

    def asked(self, request: RunRequest) -> Script:
        """The scenario that a run is asked for with.

        Raises:
            InputError: None is given, or two, or there is none of this name.
        """
        if (request.scenario is None) == (request.yaml is None):
            raise InputError("a run is started with `scenario`, a name, or with `yaml`, a text")
        if request.yaml is not None:
            script = Script("run", request.yaml, trusted=False)
        else:
            script = self.script(request.scenario or "")
        # JSON is YAML, which values are written in.
        values = ((path, msgspec.json.encode(value)) for path, value in request.set.items())
        return replace(script, overrides=tuple(f"{path}={v.decode()}" for path, v in values))

    async def read(self, script: Script) -> Scenario:
        """A scenario that can be played; in a thread, as a large one takes its time.

        Raises:
            ScenarioError: It cannot be used.
        """
        return await asyncio.to_thread(self.read_now, script)

    def read_now(self, script: Script) -> Scenario:
        """The same on this thread."""
        env = self._environment if script.trusted else {}
        scenario = parse(script.text, name=script.name, env=env, overrides=script.overrides)
        return replace(scenario, name=script.name) if scenario.name == _UNNAMED else scenario

    def _of_folder(self, name: str, text: str) -> ScenarioView:
        """A file as it is listed; tried only when it is new, or has changed."""
        known = self._listed.get(name)
        if known is None or known[0] != text:
            known = self._listed[name] = text, self._tried(name, text)
        return known[1]

    def _tried(self, name: str, text: str) -> ScenarioView:
        try:
            self.read_now(Script(name, text, trusted=True))
        except InputError as error:
            return ScenarioView(name=name, summary=f"{_BROKEN}: {error}", source="directory")
        return _view(name, text, "directory")

    async def upload(self, name: str, text: str) -> ScenarioView:
        """Add a scenario, or replace the one that was uploaded by this name.

        Raises:
            ConfigurationError: The name cannot be one.
            ScenarioError: The scenario cannot be used.
            ConflictError: There are too many.
        """
        if not _NAME.fullmatch(name):
            raise ConfigurationError(
                f"{name[:100]!r} cannot be a scenario's name (letters, digits, dots, - and _ can)"
            )
        if name not in self.uploaded and len(self.uploaded) >= MOST_UPLOADED:
            raise ConflictError(f"{MOST_UPLOADED} scenarios are uploaded: no more are kept")
        await self.read(Script(name, text, trusted=False))
        self.uploaded[name] = text
        return _view(name, text, "uploaded")

    def _sorts(self) -> Iterator[Iterator[tuple[str, ScenarioView]]]:
        yield (
            (name, ScenarioView(name=name, summary=shipped.first_comment(name), source="shipped"))
            for name in shipped.names()
        )
        yield ((name, self._of_folder(name, _text(path))) for name, path in self._files().items())
        yield ((name, _view(name, text, "uploaded")) for name, text in self.uploaded.items())

    def _files(self) -> dict[str, Path]:
        if self._folder is None:
            return {}
        paths = sorted((*self._folder.glob("*.yml"), *self._folder.glob("*.yaml")))
        return {path.stem: path for path in paths if path.is_file()}


def _view(
    name: str, text: str, source: Literal["shipped", "directory", "uploaded"]
) -> ScenarioView:
    first = text.partition("\n")[0]
    summary = first[1:].strip() if first.startswith("#") else ""
    return ScenarioView(name=name, summary=summary, source=source)


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1).decode(errors="replace")
    except OSError as error:
        why = (error.strerror or type(error).__name__).lower()
        raise ConfigurationError(f"scenario {path} cannot be read: {why}") from error
