"""The sidecar as a whole, over HTTP: its state, time and faults, waiting, starting anew."""

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Final, Literal

from fastapi import APIRouter, Query, Request
from pydantic import Field

from mockatell.core.sidecar.views import STRICT, ClockView, Overview, WaitResult
from mockatell.rng import MAX_SEED
from mockatell.server.control.common import (
    MOST_WAITED,
    Here,
    Name,
    Seconds,
    problems,
)
from mockatell.server.ending import Ending

ROUTER: Final = APIRouter()
_MOST_ADVANCED: Final = 366 * 86_400

Until = Annotated[
    Literal["quiet", "acknowledged"],
    Query(
        description="`quiet`: nothing is pending any more. `acknowledged`: and all of it was "
        "acknowledged."
    ),
]
Timeout = Annotated[Seconds, Query(le=MOST_WAITED)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockChange:
    """What is to be otherwise about the time; what is None stays."""

    __pydantic_config__: ClassVar = STRICT

    speed: Annotated[float, Field(ge=0.001, le=1_000_000)] | None = None
    paused: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Advance:
    """How far to go on."""

    __pydantic_config__: ClassVar = STRICT

    seconds: Annotated[Seconds, Field(le=_MOST_ADVANCED)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reset:
    """How to begin anew: with this seed, or with the same as before."""

    __pydantic_config__: ClassVar = STRICT

    seed: Annotated[int, Field(ge=0, le=MAX_SEED)] | None = None


@ROUTER.get("/overview", tags=["sidecar"])
async def overview(sidecar: Here) -> Overview:
    """How everything stands."""
    return sidecar.overview()


@ROUTER.get("/wait", tags=["waiting"], responses=problems(404, 409, 503))
async def wait(
    sidecar: Here,
    request: Request,
    until: Until = "quiet",
    timeout: Timeout = 30.0,  # noqa: ASYNC109 -- the client's, not ours
    run: Name = None,
    message: Name = None,
) -> WaitResult:
    """Answer as soon as it has come, or at the timeout; of a run or a message, or of everything."""
    waiting = sidecar.wait(until, timeout, run=run, message=message)
    return await _ending(request).unless(request, waiting)


@ROUTER.get("/runs/{run_id}/wait", tags=["waiting"], responses=problems(404, 409, 503))
async def wait_for_run(
    sidecar: Here,
    request: Request,
    run_id: str,
    until: Until = "quiet",
    timeout: Timeout = 30.0,  # noqa: ASYNC109 -- the client's, not ours
) -> WaitResult:
    """The same of a run."""
    return await _ending(request).unless(request, sidecar.wait(until, timeout, run=run_id))


def _ending(request: Request) -> Ending:
    ending: Ending = request.app.state.ending
    return ending


@ROUTER.get("/faults", tags=["faults"])
async def faults(sidecar: Here) -> list[dict[str, Any]]:
    """The faults that are on, as a scenario's `faults` writes them."""
    return list(sidecar.faults())


@ROUTER.put("/faults", tags=["faults"])
async def set_faults(
    sidecar: Here, wanted: Annotated[list[dict[str, Any]], Field(max_length=100)]
) -> list[dict[str, Any]]:
    """Have these faults from now on, and no others."""
    await sidecar.set_faults(wanted)
    return list(sidecar.faults())


@ROUTER.get("/clock", tags=["clock"])
async def clock(sidecar: Here) -> ClockView:
    """What time it is."""
    return sidecar.clock()


@ROUTER.patch("/clock", tags=["clock"])
async def set_clock(sidecar: Here, change: ClockChange) -> ClockView:
    """Let time pass faster or slower, stand still, or go on."""
    if change.speed is not None:
        await sidecar.set_speed(change.speed)
    if change.paused is not None:
        await (sidecar.pause() if change.paused else sidecar.resume())
    return sidecar.clock()


@ROUTER.post("/clock/advance", tags=["clock"])
async def advance(sidecar: Here, by: Advance) -> ClockView:
    """Go on in time at once; what is due in between is sent in its order, each at its own time."""
    await sidecar.advance(by.seconds)
    return sidecar.clock()


@ROUTER.post("/reset", tags=["sidecar"])
async def reset(sidecar: Here, anew: Reset | None = None) -> Overview:
    """Forget everything, uploaded scenarios too, and begin anew, at the real time."""
    await sidecar.reset(None if anew is None else anew.seed)
    return sidecar.overview()
