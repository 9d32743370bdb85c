"""Senders for load: callbacks instead of tasks, ready-made bytes, a parser in C."""
