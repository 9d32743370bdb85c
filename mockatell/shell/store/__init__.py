"""Where a sidecar's messages, deliveries and attempts outlive it."""

from mockatell.shell.store.base import MemoryStore, Store
from mockatell.shell.store.sqlite import SqliteStore

__all__ = ["MemoryStore", "SqliteStore", "Store"]
