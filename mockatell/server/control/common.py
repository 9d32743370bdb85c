"""What the control API's resources share: the sidecar that they talk to, and their parameters."""

from typing import Annotated, Any, Final, TypeVar

from fastapi import Depends, HTTPException, Path, Query, Request
from pydantic import BeforeValidator, Field, WithJsonSchema

from mockatell.core.scenario.units import parse_seconds
from mockatell.rooms.sidecar import Sidecar
from mockatell.server.problems import MEDIA_TYPE, Problem

T = TypeVar("T")

MOST_WAITED: Final = 600
_MOST_SEQ: Final = 2**63 - 1


def _sidecar(request: Request) -> Sidecar:
    sidecar: Sidecar = request.app.state.sidecar
    return sidecar


def _seconds(given: object) -> object:
    """A duration with its unit as seconds; anything else as it is."""
    return parse_seconds(given) if isinstance(given, str) and given[-1:].isalpha() else given


Here = Annotated[Sidecar, Depends(_sidecar)]
Seq = Annotated[int, Path(ge=0, le=_MOST_SEQ, description="A delivery's number.")]
Limit = Annotated[int, Query(ge=1, le=1000, description="At most so many, the newest first.")]
BeforeSeq = Annotated[int | None, Query(ge=0, le=_MOST_SEQ, description="Only older ones.")]
Name = Annotated[str | None, Query(max_length=256)]
Seconds = Annotated[
    float,
    Field(ge=0, allow_inf_nan=False),
    BeforeValidator(_seconds),
    WithJsonSchema(
        {
            "description": "Seconds, or a number with its unit: `1.5`, `200ms`, `2m`.",
            "anyOf": [
                {"type": "number", "minimum": 0},
                {"type": "string", "pattern": "^[0-9]+(ms|s|m|h|d)$"},
            ],
        }
    ),
]


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problems that a resource may answer with, for its description."""
    reference = {"$ref": f"#/components/schemas/{Problem.__name__}"}
    content = {MEDIA_TYPE: {"schema": reference}}
    return {status: {"description": "A problem.", "content": content} for status in statuses}


def found(thing: T | None, what: str) -> T:
    """What was looked for.

    Raises:
        HTTPException: 404, as there is none.
    """
    if thing is None:
        raise HTTPException(404, f"there is no {what}")
    return thing
