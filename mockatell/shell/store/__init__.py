"""Where a sidecar's messages, deliveries and attempts outlive it."""

from mockatell.shell.store.base import MemoryStore, Store

__all__ = ["MemoryStore", "Store"]
