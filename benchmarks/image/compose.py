"""The part of a compose file that the example is written in; anything else is refused."""

import graphlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from benchmarks.image.dockerfile import Config, Health, NotUnderstoodError

KNOWN = {"build", "image", "command", "entrypoint", "environment", "volumes", "ports"} | {
    "healthcheck",
    "depends_on",
}


@dataclass(frozen=True, slots=True)
class Service:
    """One service: what it is made of, and what it changes of that image."""

    name: str
    image: str
    said: Mapping[str, Any]

    def config(self, image: Config) -> Config:
        """The image's, as the service changes it; another entrypoint is without the image's CMD."""
        env = {**image.env, **self.said.get("environment", {})}
        config = replace(image, env=env)
        if "entrypoint" in self.said:
            config = replace(config, entrypoint=tuple(self.said["entrypoint"]), command=())
        if "command" in self.said:
            config = replace(config, command=tuple(self.said["command"]))
        if "healthcheck" in self.said:
            config = replace(config, health=_health(self.said["healthcheck"]))
        return config

    def binds(self, folder: Path) -> dict[str, Path]:
        """What of the file's folder is seen where in the container."""
        triples = [volume.split(":") for volume in self.said.get("volumes", [])]
        return {place: folder / source for source, place, _read_only in triples}


def _health(said: Mapping[str, Any]) -> Health:
    word, *command = said["test"]
    seconds = re.fullmatch(r"(\d+)s", said["interval"])
    if said.keys() != {"test", "interval"} or word != "CMD" or not seconds:
        raise NotUnderstoodError(f"healthcheck {said}: want a test [CMD, …] and an interval in s")
    return Health(tuple(command), float(seconds[1]))


def read(path: Path) -> list[Service]:
    """The services, each after those that it depends on.

    Raises:
        NotUnderstoodError: a key that is not known.
    """
    said = yaml.safe_load(path.read_text())["services"]
    order = graphlib.TopologicalSorter({name: _before(each) for name, each in said.items()})
    return [_service(name, said[name]) for name in order.static_order()]


def _before(said: Mapping[str, Any]) -> Iterable[str]:
    depends: Mapping[str, Any] = said.get("depends_on", {})
    if any(condition != {"condition": "service_healthy"} for condition in depends.values()):
        raise NotUnderstoodError(f"depends_on {depends}: want service_healthy of each")
    return depends


def _service(name: str, said: Mapping[str, Any]) -> Service:
    if unknown := said.keys() - KNOWN:
        raise NotUnderstoodError(f"{name}: {', '.join(sorted(unknown))}: not known here")
    return Service(name, said.get("image", ""), said)
