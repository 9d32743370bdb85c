"""The command line: one file a command, each imported only when it is asked for."""

from __future__ import annotations

import signal
import sys
from importlib import import_module
from io import TextIOWrapper

import click

from mockatell._version import __version__
from mockatell.errors import MockatellError

COMMANDS = {
    "demo": "demo",
    "run": "run",
    "plan": "plan",
    "send": "send",
    "load": "load",
    "check": "check",
    "explore": "explore",
    "replay": "replay",
    "record": "record",
    "serve": "serve",
    "healthcheck": "healthcheck",
    "report": "report",
    "validate": "validate",
    "schema": "schema",
    "scenarios": "scenarios",
    "fidelity": "fidelity",
}
NETWORKED = frozenset({"run", "send", "load", "check", "explore", "replay", "record", "serve"})
INTERNAL, INTERRUPTED = 4, 130


class Commands(click.Group):
    """The commands, found by name."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 -- click's
        """In the order in which a newcomer needs them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import a command's module."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"mockatell.cli.{COMMANDS[cmd_name]}")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, naming the nearest command when there is none of that name."""
        from difflib import get_close_matches

        if args and args[0] not in COMMANDS and (near := get_close_matches(args[0], COMMANDS)):
            ctx.fail(f"there is no command '{args[0]}': did you mean '{near[0]}'?")
        return super().resolve_command(ctx, args)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="mockatell %(version)s")
def cli() -> None:
    """Plays Clickatell towards your endpoint: its callbacks, its duplicates, its disorder.

    \b
    Exit codes: 0 all held, 1 an expectation failed, 2 usage or scenario error or
    missing evidence, 3 endpoint unreachable, 4 internal error, 130 interrupted.
    Every option but --format can come from the environment, as MOCKATELL_<OPTION>.
    """


def _die_quietly_with_a_pipe() -> None:
    """What `report | head` does to a program that prints; one that sends must see it itself."""
    if not NETWORKED.intersection(sys.argv[1:2]) and hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)


def main() -> None:
    """Run the command line and exit with its code."""
    _die_quietly_with_a_pipe()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a pipe may not know all of our characters
    try:
        code = cli.main(prog_name="mockatell", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        code = INTERRUPTED
    except MockatellError as error:
        click.echo(f"mockatell: {error}", err=True)
        code = error.exit_code
    except Exception:  # noqa: BLE001 -- the outermost door: nothing may leave without an exit code
        import traceback

        traceback.print_exc()
        click.echo("mockatell: internal error: this is a bug of mockatell's", err=True)
        code = INTERNAL
    sys.exit(code or 0)
