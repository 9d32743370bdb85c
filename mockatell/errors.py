"""What can be wrong with our own input; a customer's failure is never an exception but an outcome.

MockatellError               anything below; carries the exit code of a command that meets it
├── InputError          (2)  what we were given is wrong; says where and how to mend it
│   ├── ScenarioError        the scenario: file, line, path, nearest valid word
│   ├── ConfigurationError   flags, environment, a missing extra, a URL, a certificate file
│   ├── JournalError         a journal that cannot be read as one
│   ├── UnknownError         nothing of this id or name is there
│   └── ConflictError        it cannot be done as things stand now
├── UnreachableError    (3)  what was waited for did not come to accept connections in time
├── OutputError         (4)  what we were to write could not be written (disk full, closed pipe)
├── BrokenError         (4)  the sidecar can go on no longer, by a bug of ours
└── StoreError          (2)  the sidecar's file: locked, damaged, of a newer version, disk full
"""

from __future__ import annotations


class MockatellError(Exception):
    """Root of every exception that mockatell raises on purpose."""

    exit_code = 4


class InputError(MockatellError):
    """Something that we were given is wrong; the message names the place and the remedy."""

    exit_code = 2


class ScenarioError(InputError):
    """A scenario that cannot be used.

    Args:
        problem: What is wrong, in one sentence without a full stop.
        file: Where the text came from (a path, or `<string>`).
        line: 1-based line, or None where no line can be named.
        path: The place inside the scenario, for example `messages[0].steps[1].after`.
        hint: How to mend it, for example `did you mean 'probability'?`.
    """

    def __init__(
        self,
        problem: str,
        *,
        file: str = "<scenario>",
        line: int | None = None,
        path: str = "",
        hint: str = "",
    ) -> None:
        self.problem = problem
        self.file = file
        self.line = line
        self.path = path
        self.hint = hint
        super().__init__(str(self))

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        where = f"{place}: {self.path}: " if self.path else f"{place}: "
        return f"{where}{self.problem}" + (f" ({self.hint})" if self.hint else "")


class ConfigurationError(InputError):
    """Flags, environment variables, files or extras that do not fit together."""


class JournalError(InputError):
    """A journal that cannot be read; names the file and the line."""


class OutputError(MockatellError):
    """A journal or report that could not be written; what was written stays readable."""

    exit_code = 4


class UnknownError(InputError):
    """Nothing of this id or name is there."""


class ConflictError(InputError):
    """What is asked for cannot be done as things stand now."""


class BrokenError(MockatellError):
    """Something of ours has failed, and nothing is sent any more; a log has the traceback."""


class StoreError(MockatellError):
    """The sidecar's store cannot be used, or not any more; names the file and the remedy."""

    exit_code = 2


class UnreachableError(MockatellError):
    """Nothing came to accept connections where it was waited for; names the place."""

    exit_code = 3
