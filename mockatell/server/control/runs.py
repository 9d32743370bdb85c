"""Runs and scenarios, over HTTP."""

import asyncio
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, HTTPException, Path, Query, Request, Response

from mockatell.core.journal import Journal
from mockatell.core.render import FORMATS
from mockatell.core.sidecar.views import RunRequest, RunView, ScenarioView
from mockatell.rng import MAX_SEED
from mockatell.server.control.common import Here, Name, found, problems

ROUTER: Final = APIRouter()
_YAML: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {"application/yaml": {"schema": {"type": "string"}}},
    }
}
_REPORT: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "The report, as `mockatell report` writes it in this format.",
        "content": {
            "application/json": {"schema": {"type": "object"}},
            "application/xml": {},
            "text/plain": {},
            "text/html": {},
        },
    },
}
_TYPES: Final = {
    "json": "application/json",
    "text": "text/plain",
    "junit": "application/xml",
    "html": "text/html",
}
_ONE_BY_ONE: Final = ("junit", "html")
"""What looks at attempts one by one."""

_TEXT: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "Its YAML; secrets in it are masked.",
        "content": {"application/yaml": {"schema": {"type": "object"}}},
    },
}

ScenarioName = Annotated[
    str, Path(pattern="^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", description="What to call it.")
]

Format = Annotated[
    Literal["json", "text", "junit", "html"],
    Query(alias="format", description="As with `mockatell report --format`."),
]


@ROUTER.get("/runs", tags=["runs"])
async def runs(sidecar: Here) -> list[RunView]:
    """Every run, the newest first."""
    return list(sidecar.runs())


@ROUTER.post("/runs", tags=["runs"], status_code=201, responses=problems(404, 409))
async def start(sidecar: Here, wanted: RunRequest) -> RunView:
    """Start a scenario."""
    if wanted.seed is not None and not 0 <= wanted.seed <= MAX_SEED:
        raise HTTPException(422, f"body.seed: must be 0 to {MAX_SEED}")
    return await sidecar.start_run(wanted)


@ROUTER.get("/runs/{run_id}", tags=["runs"], responses=problems(404))
async def run(sidecar: Here, run_id: str) -> RunView:
    """How a run stands."""
    return found(sidecar.run(run_id), f"run {run_id!r}")


@ROUTER.post("/runs/{run_id}/cancel", tags=["runs"], responses=problems(404, 409))
async def cancel(sidecar: Here, run_id: str) -> RunView:
    """Plan nothing more of a run, and drop what of it has not been sent."""
    return await sidecar.cancel_run(run_id)


@ROUTER.get(
    "/runs/{run_id}/report",
    tags=["runs"],
    response_class=Response,
    responses=_REPORT | problems(404),
)
async def report_of(sidecar: Here, run_id: str, format_: Format = "json") -> Response:
    """The report on a run, at any moment of it."""
    return await _reported(sidecar, run_id, format_)


@ROUTER.get("/report", tags=["runs"], response_class=Response, responses=_REPORT | problems(404))
async def report(sidecar: Here, run: Name = None, format_: Format = "json") -> Response:
    """The report on everything that was sent, or on one run."""
    return await _reported(sidecar, run, format_)


async def _reported(sidecar: Here, run: str | None, format_: str) -> Response:
    report = sidecar.report(run)
    one_by_one = format_ in _ONE_BY_ONE
    journal = sidecar.journal(report, run) if one_by_one else Journal(report.started)
    told = await asyncio.to_thread(FORMATS[format_], report, journal)
    return Response(told, media_type=_TYPES[format_])


@ROUTER.get("/scenarios", tags=["scenarios"])
async def scenarios(sidecar: Here) -> list[ScenarioView]:
    """Every scenario that can be started by its name."""
    return list(sidecar.scenarios())


@ROUTER.get(
    "/scenarios/{name}",
    tags=["scenarios"],
    response_class=Response,
    responses=_TEXT | problems(404),
)
async def scenario(sidecar: Here, name: ScenarioName) -> Response:
    """One scenario, as it is written."""
    return Response(await sidecar.scenario_text(name), media_type="application/yaml")


@ROUTER.put("/scenarios/{name}", tags=["scenarios"], openapi_extra=_YAML)
async def upload(sidecar: Here, name: ScenarioName, request: Request) -> ScenarioView:
    """Have the body, YAML, as a scenario of this name; it goes before one there already is."""
    try:
        text = (await request.body()).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise HTTPException(400, f"the scenario is not UTF-8: byte {error.start}") from None
    return await sidecar.upload(name, text)
