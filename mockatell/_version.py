"""The version, in one place: the build, the journal and `mockatell --version` read it."""

__version__ = "0.1.0"
