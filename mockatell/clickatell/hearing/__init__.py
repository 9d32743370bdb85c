"""Callbacks the other way round: from the bytes that were received to a scenario's words."""

from mockatell.clickatell.hearing.body import hear
from mockatell.clickatell.hearing.words import Heard, Letter

__all__ = ["Heard", "Letter", "hear"]
