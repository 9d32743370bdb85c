"""A container: a program alone in a root, with mounts, processes and a network of its own."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from benchmarks.image.root import APART, Built, entering, environment

TCP, UDP = ("tcp", "tcp6"), ("udp", "udp6")
CONNECTED, LISTENS = "01", "0A"
"""As the kernel writes these states in /proc/net/tcp."""
GIVEN_BY_DOCKER = 10.0
"""Seconds between SIGTERM and SIGKILL, unless told."""


class Container:
    """Started when entered, and killed when left.

    The first has a network of its own, with loopback alone; others may join it, as in a pod. `pid`
    is the program's process id on this machine; inside it is 1.
    """

    def __init__(
        self,
        built: Built,
        log: Path,
        *,
        binds: Mapping[str, Path] | None = None,
        joins: "Container | None" = None,
    ) -> None:
        self.config = built.config
        self.pid = 0
        argv = built.config.argv
        self._script = entering(built.root, built.config, argv, env={}, binds=binds or {})
        self._root = built.root
        self._joins = joins
        self._log = log

    def __enter__(self) -> Self:
        alone = ["--net", "sh", "-ec", f"ip link set lo up\n{self._script}"]
        joining = ["sh", "-ec", self._script]
        network = ["nsenter", f"--net=/proc/{self._joins.pid}/ns/net"] if self._joins else []
        command = [*network, *APART, *(joining if self._joins else alone)]
        self._begun = time.perf_counter()
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        while self._process.poll() is None and not self._is_inside():
            time.sleep(0.01)
        return self

    def _is_inside(self) -> bool:
        """Whether the shell that mounts has gone in; what it becomes there follows at once."""
        unshare = self._process.pid
        try:
            children = Path(f"/proc/{unshare}/task/{unshare}/children").read_text().split()
            self.pid = int(children[0]) if children else 0
            return bool(children) and Path(f"/proc/{self.pid}/root").readlink() == self._root
        except FileNotFoundError:  # it ended meanwhile
            return False

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process.poll() is None:
            os.kill(self.pid, signal.SIGKILL)  # and the kernel, all that is inside
        self._process.wait()

    @property
    def said(self) -> str:
        """All that it wrote so far."""
        return self._log.read_text()

    def ended(self, within: float) -> int | None:
        """The exit code, or None if it still runs after so many seconds."""
        try:
            return self._process.wait(within)
        except subprocess.TimeoutExpired:
            return None

    def terminate(self) -> None:
        """What `docker stop` does first."""
        os.kill(self.pid, signal.SIGTERM)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Takes connections, as the kernel does that for it, and does nothing else meanwhile."""
        os.kill(self.pid, signal.SIGSTOP)
        yield
        os.kill(self.pid, signal.SIGCONT)

    def run(self, *argv: str) -> subprocess.CompletedProcess[str]:
        """What `docker exec` does."""
        user, group = self.config.user
        inside = ["--mount", "--pid", "--net", "--root", f"--setuid={user}", f"--setgid={group}"]
        command = ["nsenter", f"--target={self.pid}", *inside, *environment(self.config, {}), *argv]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    def becomes_healthy(self) -> float | None:
        """Seconds from its start until its own check said so; None if it never does."""
        health = self.config.health
        assert health
        while self.age < health.start_period + 3 * health.interval:
            if self.run(*health.command).returncode == 0:
                return self.age
            if self.ended(within=0.1) is not None:
                break
        return None

    @property
    def age(self) -> float:
        """Seconds since its start."""
        return time.perf_counter() - self._begun

    @property
    def program(self) -> str:
        """The file that runs as process 1."""
        return Path(f"/proc/{self.pid}/exe").readlink().name

    def status(self, field: str) -> list[str]:
        """What the kernel says of the program."""
        told = Path(f"/proc/{self.pid}/status").read_text()
        [line] = (line for line in told.splitlines() if line.startswith(f"{field}:"))
        return line.split()[1:]

    def listening(self) -> list[tuple[str, int]]:
        """The kind and port of all that takes connections or datagrams in its network."""
        tcp = [(kind, local) for kind in TCP for local, _ in self._sockets(kind, LISTENS)]
        return tcp + [(kind, local) for kind in UDP for local, _ in self._sockets(kind, "")]

    def is_calling(self, within: float = 5) -> bool:
        """Whether it has a connection to another port than its own; waits for one."""
        until = time.perf_counter() + within
        while time.perf_counter() < until:
            calls = self._sockets("tcp", CONNECTED)
            if any(not {local, other} & set(self.config.ports) for local, other in calls):
                return True
            time.sleep(0.05)
        return False

    def _sockets(self, kind: str, state: str) -> list[tuple[int, int]]:
        """The local and the other port of all in its network, in this state if there is one."""
        lines = Path(f"/proc/{self.pid}/net/{kind}").read_text().splitlines()[1:]
        rows = [line.split() for line in lines]
        return [(_port(row[1]), _port(row[2])) for row in rows if state in ("", row[3])]


def _port(address: str) -> int:
    return int(address.rpartition(":")[2], 16)
