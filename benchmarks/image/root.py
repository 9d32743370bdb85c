"""A clean Debian root, and the stages of a Dockerfile carried out in copies of it."""

import os
import re
import shlex
import shutil
import subprocess
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from benchmarks.image.dockerfile import (
    BASE,
    CARRIED_OUT,
    Config,
    NotUnderstoodError,
    Stage,
    Step,
    configured,
    copy_of,
    exec_form,
    is_ignored,
)

SUITES = {"3.11": "bookworm", "3.13": "trixie"}
"""The Debian whose own Python is the image's."""
PACKAGES = "ca-certificates,python-is-python3,python3,python3-venv"
PASSED_ON = re.compile(r"PIP_\w+|\w+_proxy|\w+_PROXY|SSL_CERT_FILE")
APART = ["unshare", "--mount", "--pid", "--fork", "--kill-child"]
"""Mounts and processes of its own: both are gone when it ends, however it ends."""


@dataclass(frozen=True, slots=True)
class Built:
    """A stage's root, and what its image says."""

    root: Path
    config: Config


def suite_of(image: str) -> str:
    """The Debian suite that stands in for an image such as `python:3.13-slim`.

    Raises:
        NotUnderstoodError: another image, or a Python that no suite has.
    """
    version = re.fullmatch(r"python:(\d+\.\d+)-slim", image)
    if not version or version[1] not in SUITES:
        known = ", ".join(f"python:{each}-slim" for each in SUITES)
        raise NotUnderstoodError(f"FROM {image}: only {known} have a Debian that stands in")
    return SUITES[version[1]]


def make_root(suite: str, root: Path) -> None:
    """Install the suite, from where this machine's apt has its packages."""
    asked = ["apt-get", "indextargets", "--format", "$(LABEL) $(REPO_URI)", "Created-By: Packages"]
    told = subprocess.run(asked, capture_output=True, text=True, check=False).stdout
    mirror = re.findall(r"^Debian (\S+)", told, re.MULTILINE)[:1]
    install = ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", suite, root, *mirror]
    _apart(install, f"debootstrap {suite}")


def build(stages: Iterable[Stage], context: Path, base: Path, folder: Path) -> Built:
    """Carry out every stage in a copy of the base; gives the last."""
    built: dict[str, Built] = {}
    for number, stage in enumerate(stages):
        name = stage.name or str(number)
        root = folder / name
        subprocess.run(["cp", "--archive", base, root], check=True)
        built[name] = Built(root, _carried_out(stage, context, root, built))
    return built[name]


def _carried_out(stage: Stage, context: Path, root: Path, built: Mapping[str, Built]) -> Config:
    config = BASE
    for step in stage.steps:
        begun = time.perf_counter()
        if step.word == "COPY":
            source = copy_of(step).stage
            copy(step, built[source].root if source else context, root, config.folder)
        elif step.word == "RUN":
            _run(step, root, config)
        config = configured([step], config)
        for place in (str(config.folder), *config.volumes):
            within(root, place).mkdir(parents=True, exist_ok=True)
        if step.word in CARRIED_OUT:
            took = time.perf_counter() - begun
            what = f"{step.word} {step.text[:60]} ({took:.1f} s)"
            print(f"      {stage.name or 'last'}: {what}", flush=True)
    return config


def within(root: Path, place: PurePosixPath | str) -> Path:
    """Where a container's place is on this machine."""
    return root / str(place).lstrip("/")


def copy(step: Step, source_root: Path, root: Path, folder: PurePosixPath) -> None:
    """Carry out a COPY of the context, or of another stage's root, from a folder of this root."""
    asked = copy_of(step)
    patterns = [] if asked.stage else (source_root / ".dockerignore").read_text().split()

    def left_out(parent: str, names: list[str]) -> set[str]:
        place = Path(parent).relative_to(source_root)
        return {name for name in names if is_ignored(str(place / name), patterns)}

    target = within(root, folder / asked.target)
    for name in asked.sources:
        source = within(source_root, name)
        if is_ignored(name, patterns) or not source.exists():
            raise step.refused(f"{name} is not there, or .dockerignore leaves it out")
        if source.is_dir():
            shutil.copytree(source, target, symlinks=True, ignore=left_out, dirs_exist_ok=True)
        else:
            into = target / source.name if asked.target.endswith("/") else target
            into.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, into)


def _run(step: Step, root: Path, config: Config) -> None:
    shell = not step.text.startswith("[")
    argv = ("/bin/sh", "-c", step.text) if shell else exec_form(step, step.text)
    passed_on = {name: text for name, text in os.environ.items() if PASSED_ON.fullmatch(name)}
    binds = {text: Path(text) for text in passed_on.values() if Path(text).is_absolute()}
    there = {place: source for place, source in binds.items() if source.exists()}
    script = entering(root, config, argv, env=passed_on, binds=there)
    _apart(["sh", "-ec", script], step.text)


def _apart(command: Iterable[str | Path], what: str) -> None:
    ran = subprocess.run(
        [*APART, *command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    if ran.returncode:
        end = ran.stdout.decode(errors="replace")[-4000:]
        raise SystemExit(f"{what}\nexited with {ran.returncode}:\n{end}")


def entering(
    root: Path,
    config: Config,
    argv: Iterable[str],
    *,
    env: Mapping[str, str],
    binds: Mapping[str, Path],
) -> str:
    """The shell commands that mount what is bound, and become the program.

    Nothing of the shell is left: the program has its process id, its user and no variable but those
    of the image and `env`.
    """
    mounts = [["mount", "-t", "proc", "proc", root / "proc"]]
    for place, source in binds.items():
        point = within(root, place)
        point.parent.mkdir(parents=True, exist_ok=True)
        if not point.exists():
            point.mkdir() if source.is_dir() else point.touch()
        mounts.append(["mount", "--bind", "--options", "ro", source, point])
    user, group = config.user
    become = ["exec", "chroot", f"--userspec={user}:{group}", "--groups=", root]
    become += environment(config, env)
    return "\n".join(shlex.join(map(str, line)) for line in [*mounts, [*become, *argv]])


def environment(config: Config, env: Mapping[str, str]) -> list[str]:
    """The words before a program that give it its variables and its folder."""
    home = "/root" if config.user[0] == 0 else "/"
    together = {"HOME": home, **config.env, **env}
    pairs = (f"{name}={text}" for name, text in together.items())
    return ["env", "-i", f"--chdir={config.folder}", *pairs]
