"""What the One API has refused of late: the latest of it, for as long as the process lives."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from mockatell.core.sidecar.views import RefusalView

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockatell.clickatell.standin import ApiRequest, ApiResponse

MOST: Final = 200
_LONGEST: Final = 256


class Refusals:
    """The latest 200 refusals."""

    def __init__(self) -> None:
        self._latest: deque[RefusalView] = deque(maxlen=MOST)

    def __iter__(self) -> Iterator[RefusalView]:
        """The newest first."""
        return reversed(self._latest)

    def note(self, request: ApiRequest, response: ApiResponse, at_ms: int) -> bool:
        """Keep what a request was refused; says whether anything was."""
        for refused in response.refused:
            refusal = refused.refusal
            view = RefusalView(
                at_ms=at_ms,
                method=request.method[:_LONGEST],
                path=request.path[:_LONGEST],
                code=refusal.code,
                description=refusal.description,
                why=refusal.why,
                to=_cut(refused.to),
                client_message_id=_cut(refused.client_message_id),
            )
            self._latest.append(view)
        return bool(response.refused)


def _cut(text: str | None) -> str | None:
    return None if text is None else text[:_LONGEST]
