"""The part of the Dockerfile language that ours is written in; anything else is refused.

What the words mean is told in https://docs.docker.com/reference/dockerfile/.
"""

import json
import re
import shlex
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from string import Template

CARRIED_OUT = frozenset({"COPY", "RUN"})
FLAGS = re.compile(r"--([a-z-]+)=(\S+)\s+")


class NotUnderstoodError(Exception):
    """A line that this small interpreter does not know."""


@dataclass(frozen=True, slots=True)
class Step:
    """One instruction: its word, what follows, and the line on which it begins."""

    line: int
    word: str
    text: str

    def refused(self, why: str) -> NotUnderstoodError:
        """The error that says where."""
        return NotUnderstoodError(f"Dockerfile:{self.line}: {self.word} {self.text}: {why}")


@dataclass(frozen=True, slots=True)
class Stage:
    """What stands between one FROM and the next."""

    base: str
    name: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Health:
    """How a container is asked whether it is well; in seconds."""

    command: tuple[str, ...]
    interval: float = 30
    timeout: float = 30
    start_period: float = 0


@dataclass(frozen=True, slots=True)
class Config:
    """What an image says of the containers that are made of it."""

    env: Mapping[str, str]
    folder: PurePosixPath
    user: tuple[int, int] = (0, 0)
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    health: Health | None = None
    ports: tuple[int, ...] = ()
    volumes: tuple[str, ...] = ()

    @property
    def argv(self) -> tuple[str, ...]:
        """What is started."""
        return self.entrypoint + self.command


BASE = Config(
    {"PATH": "/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin"}, PurePosixPath("/")
)
"""What `python:…-slim` says, as far as anything here depends on it."""


def parse(text: str) -> list[Stage]:
    """The stages of a Dockerfile, in order.

    Raises:
        NotUnderstoodError: it begins with anything but FROM, or with a directive for the parser.
    """
    stages: list[Stage] = []
    for step in _steps(text):
        if step.word == "FROM":
            stages.append(_stage(step))
        elif stages:
            stages[-1] = replace(stages[-1], steps=(*stages[-1].steps, step))
        else:
            raise step.refused("comes before any FROM")
    return stages


def _steps(text: str) -> Iterable[Step]:
    if re.match(r"#\s*\w+\s*=", text):
        raise NotUnderstoodError("Dockerfile:1: a directive for the parser")
    begun, joined = 0, ""
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("#") or not line.strip():
            continue
        begun, joined = begun or number, joined + line.removesuffix("\\")
        if not line.endswith("\\"):
            word, _, rest = joined.strip().partition(" ")
            yield Step(begun, word.upper(), rest.strip())
            begun, joined = 0, ""


def _stage(step: Step) -> Stage:
    match step.text.split():
        case [base]:
            return Stage(base, "", ())
        case [base, as_, name] if as_.upper() == "AS":
            return Stage(base, name, ())
    raise step.refused("want FROM IMAGE [AS NAME]")


def configured(steps: Iterable[Step], config: Config = BASE) -> Config:
    """What an image says after these steps, COPY and RUN left aside.

    Raises:
        NotUnderstoodError: a step that is not known, or known in another form only.
    """
    for step in steps:
        if step.word in READERS:
            config = READERS[step.word](step, config)
        elif step.word not in CARRIED_OUT:
            raise step.refused("not known here")
    return config


def exec_form(step: Step, text: str) -> tuple[str, ...]:
    """The words of a command that no shell reads."""
    try:
        words = json.loads(text)
    except json.JSONDecodeError:
        words = None
    if not (isinstance(words, list) and words and all(isinstance(word, str) for word in words)):
        raise step.refused("want a JSON array of strings, so that no shell stands between")
    return tuple(words)


def _variables(step: Step, env: Mapping[str, str]) -> dict[str, str]:
    pairs = [word.partition("=") for word in shlex.split(step.text)]
    if not all(equals for _, equals, _ in pairs):
        raise step.refused("want NAME=VALUE")
    try:
        given = {name: Template(value).substitute(env) for name, _, value in pairs}
    except (KeyError, ValueError) as error:
        raise step.refused(f"no such variable: {error}") from None
    return {**env, **given}


def _user(step: Step) -> tuple[int, int]:
    if not (numbers := re.fullmatch(r"(\d+):(\d+)", step.text)):
        raise step.refused("want UID:GID in numbers")
    return int(numbers[1]), int(numbers[2])


def _health(step: Step) -> Health:
    flags, _, command = step.text.partition("CMD ")
    seconds = {name.replace("-", "_"): _seconds(step, text) for name, text in FLAGS.findall(flags)}
    if FLAGS.sub("", flags) or not seconds.keys() <= set(Health.__slots__):
        raise step.refused("want --interval, --timeout, --start-period and CMD")
    return Health(exec_form(step, command), **seconds)


def _seconds(step: Step, text: str) -> float:
    if not (number := re.fullmatch(r"(\d+)s", text)):
        raise step.refused("want whole seconds, as in 5s")
    return float(number[1])


def _port(step: Step) -> int:
    if not step.text.isdecimal():
        raise step.refused("want one TCP port, in digits")
    return int(step.text)


def _places(step: Step) -> tuple[str, ...]:
    places = tuple(step.text.split())
    if not all(place.startswith("/") for place in places):
        raise step.refused("want absolute paths")
    return places


READERS: Mapping[str, Callable[[Step, Config], Config]] = {
    "ENV": lambda step, so_far: replace(so_far, env=_variables(step, so_far.env)),
    "WORKDIR": lambda step, so_far: replace(so_far, folder=so_far.folder / step.text),
    "USER": lambda step, so_far: replace(so_far, user=_user(step)),
    "ENTRYPOINT": lambda step, so_far: replace(
        so_far, entrypoint=exec_form(step, step.text), command=()
    ),
    "CMD": lambda step, so_far: replace(so_far, command=exec_form(step, step.text)),
    "HEALTHCHECK": lambda step, so_far: replace(so_far, health=_health(step)),
    "EXPOSE": lambda step, so_far: replace(so_far, ports=(*so_far.ports, _port(step))),
    "VOLUME": lambda step, so_far: replace(so_far, volumes=(*so_far.volumes, *_places(step))),
    "LABEL": lambda _, so_far: so_far,
}
"""What each instruction changes of what the image said so far."""


@dataclass(frozen=True, slots=True)
class Copy:
    """What a COPY asks for: of a stage, or of the context where there is no name."""

    stage: str
    sources: tuple[str, ...]
    target: str


def copy_of(step: Step) -> Copy:
    """A COPY, read.

    Raises:
        NotUnderstoodError: another flag than --from, a pattern, or several into one file.
    """
    stage = re.match(r"--from=(\S+)\s", step.text)
    *sources, target = step.text[stage.end() if stage else 0 :].split()
    if not sources or re.search(r"(^|\s)--|[*?\[\"<$]", " ".join((*sources, target))):
        raise step.refused("want [--from=STAGE] SOURCE… TARGET, in plain words")
    if len(sources) > 1 and not target.endswith("/"):
        raise step.refused("several sources want a TARGET/ that is a folder")
    return Copy(stage[1] if stage else "", tuple(sources), target)


def is_ignored(path: str, patterns: Iterable[str]) -> bool:
    """Whether `.dockerignore` keeps a path of the context out: the last pattern that fits decides.

    A pattern fits what it names and all that is below.
    """
    ignored = False
    for pattern in patterns:
        if re.fullmatch(rf"{_regex(pattern.removeprefix('!'))}(/.*)?", path):
            ignored = not pattern.startswith("!")
    return ignored


def _regex(pattern: str) -> str:
    parts = {"**/": "(.*/)?", "*": "[^/]*"}
    return "".join(parts.get(part, re.escape(part)) for part in re.split(r"(\*\*/|\*)", pattern))
