"""What the numbers of users and businesses look like, and the names that may stand for a sender."""

from __future__ import annotations

import re
from typing import Final

MSISDN: Final = re.compile(r"[1-9][0-9]{6,14}")
"""A user's: international, digits only."""
SENDER: Final = re.compile(r"[0-9]{1,15}|[0-9A-Za-z ._-]{1,11}")
"""What `from` may be: a number, a short code or a name."""
DIGITS: Final = re.compile(r"[0-9]{0,15}")
"""How a number may begin."""
