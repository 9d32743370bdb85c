"""What links in callbacks begin with: how the app gets to the sidecar, as its requests say."""

from __future__ import annotations

import re
from typing import Final

from mockatell.core.scenario.urls import flaw

_NAME: Final = r"[a-z0-9_][a-z0-9_.-]{0,252}"
_HOST: Final = re.compile(rf"({_NAME}|\[[0-9a-f:.]{{2,45}}\])(:[0-9]{{1,5}})?", re.IGNORECASE)


def base_of(host: str | None) -> str | None:
    """The base URL that a `Host` header stands for; None where it is none that can be linked to."""
    if host is None or not _HOST.fullmatch(host):
        return None
    base = f"http://{host}"
    return base if flaw(base) is None else None
