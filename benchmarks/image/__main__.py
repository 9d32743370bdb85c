"""`make image-proof`: the image built in a clean Debian root, and the compose example in it.

Wants Linux, root, debootstrap, iproute2 and util-linux; pip's settings come from the environment.
Leaves nothing behind.
"""

import os
import shutil
import signal
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from benchmarks.image import compose
from benchmarks.image.container import GIVEN_BY_DOCKER, Container
from benchmarks.image.dockerfile import BASE, parse
from benchmarks.image.root import Built, build, make_root, suite_of

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples/compose/compose.yaml"
TOOLS = ("chroot", "debootstrap", "ip", "nsenter", "unshare")
OWN = "mine.yaml", "messages: [{count: 1, channel: sms, lifecycle: delivered}]\n"
LIST = "from mockatell.client import Client; print(*(s.name for s in Client().scenarios()))"
SAY = "from mockatell.client import Client; Client().emit('moText', channel='sms', content='{}')"
READ = (
    "from urllib.request import urlopen; print(urlopen('http://app:8000/replies').read().decode())"
)
PLACES = ("/", "/data", "/opt/mockatell/bin", "/scenarios", "/usr/bin")
LAST_WORDS = "these are my last words"
HELD = 1.0
"""Seconds for which the app does not answer what is under way."""


class Proof:
    """What holds and what does not, a line each."""

    failed = 0

    def holds(self, what: str, truth: object, shown: object = "") -> None:
        """Print one line; what is shown says more of it."""
        self.failed += not truth
        print("ok   " if truth else "FAILED", what, f"({shown})" if shown != "" else "", flush=True)

    def healthy(self, name: str, container: Container) -> None:
        """Wait until a container's own check holds; if it never does, say why and end."""
        waited = container.becomes_healthy()
        shown = container.said if waited is None else f"{waited:.1f} s"
        self.holds(f"{name} is healthy, by its own check", waited is not None, shown)
        if waited is None:
            raise SystemExit(1)


def main() -> int:
    """Prove all of it; gives the exit code."""
    if missing := [tool for tool in TOOLS if not shutil.which(tool)]:
        print(f"image-proof: not installed: {', '.join(missing)}", file=sys.stderr)
        return 2
    if os.geteuid():
        print("image-proof: only root may make a root", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # cleans up, as Ctrl-C does
    begun = time.perf_counter()
    proof = Proof()
    with tempfile.TemporaryDirectory(prefix="mockatell-image-") as folder:
        built = made(Path(folder), proof)
        refuses_to_be_open(proof, built["mockatell"], Path(folder))
        lives_in_compose(proof, built, Path(folder))
    proof.holds("nothing is left behind", not Path(folder).exists())
    print(f"{proof.failed or 'nothing'} failed, {time.perf_counter() - begun:.0f} s")
    return 1 if proof.failed else 0


def made(folder: Path, proof: Proof) -> dict[str, Built]:
    """The image and what it is based on, each by its name."""
    stages = parse((ROOT / "Dockerfile").read_text())
    [image] = {stage.base for stage in stages}
    begun = time.perf_counter()
    base = folder / "base"
    make_root(suite_of(image), base)
    took = time.perf_counter() - begun
    proof.holds(f"a clean root for {image}", True, f"Debian {suite_of(image)}, {took:.0f} s")
    begun = time.perf_counter()
    built = build(stages, ROOT, base, folder)
    proof.holds("every step of the Dockerfile", True, f"{time.perf_counter() - begun:.0f} s")
    return {"mockatell": built, image: Built(base, BASE)}


def refuses_to_be_open(proof: Proof, image: Built, folder: Path) -> None:
    """What whoever forgot the token sees."""
    with Container(image, folder / "open.log") as container:
        code = container.ended(within=20)
        said = container.said.strip()
    proof.holds("without a token it refuses, in one line", code == 2 and "\n" not in said, said)


def lives_in_compose(proof: Proof, built: dict[str, Built], folder: Path) -> None:
    """Start the services in order, look at the sidecar, and end it."""
    services = compose.read(EXAMPLE)
    hosts, own = laid_out(folder, [each.name for each in services])
    running: dict[str, Container] = {}
    with ExitStack() as stack:
        for service in services:
            image = built[service.image or "mockatell"]
            binds = {"/etc/hosts": hosts, **service.binds(EXAMPLE.parent)}
            binds.update(dict.fromkeys(image.config.volumes, own))
            container = Container(
                replace(image, config=service.config(image.config)),
                folder / f"{service.name}.log",
                binds=binds,
                joins=running.get("clickatell"),
            )
            running[service.name] = stack.enter_context(container)
            if service.name == "clickatell":
                is_as_promised(proof, container)
            elif service.name != "test":
                proof.healthy(service.name, container)
        gives_the_verdict(proof, running["test"])
        ends(proof, running["clickatell"], running["app"])


def laid_out(folder: Path, names: list[str]) -> tuple[Path, Path]:
    """The hosts file that leads every name to the one network, and a folder of scenarios."""
    hosts, own = folder / "hosts", folder / "scenarios"
    hosts.write_text(f"127.0.0.1 localhost {' '.join(names)}\n")
    own.mkdir()
    (own / OWN[0]).write_text(OWN[1])
    return hosts, own


def is_as_promised(proof: Proof, sidecar: Container) -> None:
    """How the sidecar stands in the machine."""
    waiting = sidecar.run("mockatell", "healthcheck", "--wait", "30s")
    told = waiting.stdout.strip()
    proof.holds("`healthcheck --wait` waits until it is ready", waiting.returncode == 0, told)
    proof.healthy("clickatell", sidecar)
    user, group = (str(number) for number in sidecar.config.user)
    uids, gids = sidecar.status("Uid"), sidecar.status("Gid")
    proof.holds("it is not root", set(uids) == {user} != {"0"} and set(gids) == {group}, uids)
    capable = sidecar.status("CapEff")
    proof.holds("and can nothing that root can", not int(capable[0], 16), capable[0])
    first, program = sidecar.status("NSpid")[-1] == "1", sidecar.program
    proof.holds("it is process 1, without a shell", first and "python" in program, program)
    listening = sidecar.listening()
    wanted = [("tcp", port) for port in sidecar.config.ports]
    proof.holds("nothing listens but its one port", listening == wanted, listening)
    listed = sidecar.run("python", "-c", LIST).stdout.split()
    own = OWN[0].removesuffix(".yaml")
    proof.holds("it reads /scenarios", own in listed and "receipts" in listed, f"{len(listed)}")
    writable = [place for place in PLACES if not sidecar.run("touch", f"{place}/x").returncode]
    proof.holds("it can write to /data and nowhere else", writable == ["/data"], writable)


def gives_the_verdict(proof: Proof, test: Container) -> None:
    """The app sends and is called back, as the test container sees it."""
    code = test.ended(within=120)
    for line in test.said.splitlines():
        print("      ", line)
    proof.holds("the test container exits with the verdict", code == 0, code)


def ends(proof: Proof, sidecar: Container, app: Container) -> None:
    """SIGTERM, as `docker stop` does: first to the sidecar, while the app is slow to answer."""
    with app.paused():
        said = sidecar.run("python", "-c", SAY.format(LAST_WORDS))
        proof.holds(
            "a callback is under way", said.returncode == 0 and sidecar.is_calling(), said.stderr
        )
        sidecar.terminate()
        proof.holds("the sidecar waits for its answer", sidecar.ended(within=HELD) is None)
    code = sidecar.ended(within=GIVEN_BY_DOCKER)
    proof.holds("and ends once it is there", code == 0, code)
    print("      ", sidecar.said.strip().splitlines()[-1])
    proof.holds("which the app had given", LAST_WORDS in app.run("python", "-c", READ).stdout)
    app.terminate()
    code = app.ended(within=GIVEN_BY_DOCKER)
    proof.holds("the app ends as well", code == 0, code)


if __name__ == "__main__":
    sys.exit(main())
