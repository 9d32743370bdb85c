"""A typed client of the sidecar's control API: drives, waits and asserts from a test.

It needs no more than mockatell itself, and what mocks httpx in the same test does not reach it.
"""

from __future__ import annotations

from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar
from urllib.parse import quote, urlencode, urlsplit

import msgspec
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from mockatell.core.report import Report
from mockatell.core.scenario.units import format_seconds
from mockatell.core.scenario.urls import flaw, masked
from mockatell.core.sidecar.views import (
    ClockView,
    DeliveryDetail,
    DeliveryView,
    EventRequest,
    MessageView,
    Overview,
    RefusalView,
    RunRequest,
    RunView,
    ScenarioView,
    WaitResult,
)
from mockatell.errors import ConfigurationError, MockatellError, UnreachableError

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

T = TypeVar("T")
Until = Literal["quiet", "acknowledged"]

_API: Final = "/mockatell/api"
_FAILING: Final = 400
_BETWEEN: Final = 0.1


class SidecarError(MockatellError):
    """The sidecar did not do as it was asked.

    Args:
        status: The HTTP status of its answer.
        detail: Why, in its words.
    """

    def __init__(self, status: int, detail: str) -> None:
        self.status = status
        self.detail = detail
        super().__init__(f"{detail} (HTTP {status})")


class NotReachedError(MockatellError, AssertionError):
    """What was waited for has not come; says what is missing.

    Args:
        result: How it stood at the timeout, and what was missing.
    """

    exit_code = 1

    def __init__(self, result: WaitResult) -> None:
        self.result = result
        self.missing = result.missing
        waited = f" in {format_seconds(result.waited)}" if result.pending else ""
        lines = [f"not reached{waited}: {result.detail}", *map(_told, result.missing)]
        super().__init__("\n".join(lines))


class Client:
    """Talks to one sidecar; every call is an exchange of its own, so there is nothing to close.

    Args:
        url: The sidecar's, for example `http://localhost:8080`.
        token: What `mockatell serve` was given as `--token`.
        timeout: Seconds that an answer may take, beyond what a `wait` waits.

    Raises:
        ConfigurationError: The URL cannot be used.
        SidecarError: From every method: the sidecar refuses; its sentence says why.
        UnreachableError: From every method: no sidecar answers there.
    """

    def __init__(
        self, url: str = "http://127.0.0.1:8080", *, token: str | None = None, timeout: float = 10.0
    ) -> None:
        if found := flaw(url):
            raise ConfigurationError(f"url: {masked(url)!r} {found[0]} ({found[1]})")
        self.url = url.rstrip("/")
        self._token = token
        self._timeout = timeout

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Nothing to let go of."""

    def __repr__(self) -> str:
        return f"Client({masked(self.url)!r})"

    def wait_until_ready(self, timeout: float = 30.0) -> Self:
        """Return once the sidecar serves.

        Raises:
            UnreachableError: It does not in so many seconds.
        """
        asking = Retrying(
            retry=retry_if_exception_type((UnreachableError, SidecarError)),
            stop=stop_after_delay(timeout),
            wait=wait_fixed(_BETWEEN),
            reraise=True,
        )
        asking(self._exchange, "GET", "/readyz")
        return self

    def overview(self) -> Overview:
        """How everything stands."""
        return self._ask(Overview, "GET", "overview")

    def messages(
        self,
        *,
        limit: int = 100,
        before: str | None = None,
        direction: Literal["sent", "received"] | None = None,
        to: str | None = None,
        run: str | None = None,
    ) -> list[MessageView]:
        """Messages, the newest first; `before` is the id of one that is known already."""
        query = {"limit": limit, "before": before, "direction": direction, "to": to, "run": run}
        return self._ask(list[MessageView], "GET", "messages", query)

    def message(self, message_id: str) -> MessageView:
        """One message."""
        return self._ask(MessageView, "GET", f"messages/{_step(message_id)}")

    def refusals(self) -> list[RefusalView]:
        """What the One API has refused since the start or a reset: the latest 200, newest first."""
        return self._ask(list[RefusalView], "GET", "refusals")

    def deliveries(
        self,
        *,
        limit: int = 100,
        before: int | None = None,
        message: str | None = None,
        kind: str | None = None,
        role: Literal["status", "reply"] | None = None,
        state: str | None = None,
        outcome: str | None = None,
        run: str | None = None,
    ) -> list[DeliveryView]:
        """Deliveries, the newest first; `before` is the `seq` of one that is known already."""
        query = {
            "limit": limit,
            "before": before,
            "message": message,
            "kind": kind,
            "role": role,
            "state": state,
            "outcome": outcome,
            "run": run,
        }
        return self._ask(list[DeliveryView], "GET", "deliveries", query)

    def delivery(self, seq: int) -> DeliveryDetail:
        """One delivery with its body and every attempt."""
        return self._ask(DeliveryDetail, "GET", f"deliveries/{seq}")

    def redeliver(self, seq: int) -> DeliveryView:
        """Send the same bytes once more, as a delivery of its own."""
        return self._ask(DeliveryView, "POST", f"deliveries/{seq}/redeliver")

    def emit(
        self,
        kind: str,
        *,
        channel: Literal["sms", "whatsapp"] | None = None,
        message_id: str | None = None,
        **fields: Any,
    ) -> list[DeliveryView]:
        """Let one event happen now: `emit("moText", content="STOP")`.

        Args:
            kind: One of the ten.
            channel: The kind's usual one when None.
            message_id: Of the message that a status is about, or that a reply answers.
            fields: By the names of `mockatell send`.
        """
        event = EventRequest(kind=kind, fields=fields, channel=channel, message_id=message_id)
        return self._ask(list[DeliveryView], "POST", "events", sent=event)

    def start_run(
        self,
        scenario: str | None = None,
        *,
        yaml: str | None = None,
        seed: int | None = None,
        overrides: dict[str, Any] | None = None,
    ) -> RunView:
        """Start a scenario: by its name, or given as YAML."""
        wanted = RunRequest(scenario=scenario, yaml=yaml, seed=seed, set=overrides or {})
        return self._ask(RunView, "POST", "runs", sent=wanted)

    def runs(self) -> list[RunView]:
        """Every run, the newest first."""
        return self._ask(list[RunView], "GET", "runs")

    def run(self, run_id: str) -> RunView:
        """How a run stands."""
        return self._ask(RunView, "GET", f"runs/{_step(run_id)}")

    def cancel_run(self, run_id: str) -> RunView:
        """Plan nothing more of a run, and drop what of it has not been sent."""
        return self._ask(RunView, "POST", f"runs/{_step(run_id)}/cancel")

    def wait(
        self,
        until: Until = "quiet",
        *,
        timeout: float = 30.0,
        run: str | None = None,
        message: str | None = None,
    ) -> WaitResult:
        """Return as soon as nothing is pending; of a run or a message, or of everything.

        Args:
            until: `acknowledged`: and all of it was acknowledged.
            timeout: Real seconds, at most 600.
            run: The id of a run.
            message: The id of a message, or its client id; one that is not known yet is waited for.

        Raises:
            NotReachedError: It has not come in time; an `AssertionError` that says what is missing.
        """
        query = {"until": until, "timeout": timeout, "run": run, "message": message}
        result = self._ask(WaitResult, "GET", "wait", query, patience=timeout)
        if not result.reached:
            raise NotReachedError(result)
        return result

    def faults(self) -> list[dict[str, Any]]:
        """The faults that are on, as a scenario's `faults` writes them."""
        return self._ask(list[dict[str, Any]], "GET", "faults")

    def set_faults(self, *faults: dict[str, Any]) -> list[dict[str, Any]]:
        """Have these faults from now on and no others: `set_faults({"lose_ack": {...}})`."""
        return self._ask(list[dict[str, Any]], "PUT", "faults", sent=faults)

    def clock(self) -> ClockView:
        """What time it is there."""
        return self._ask(ClockView, "GET", "clock")

    def advance(self, seconds: float | str) -> ClockView:
        """Go on by seconds, or `3d`, at once; what is due meanwhile is sent, each at its time."""
        sent = {"seconds": seconds}
        return self._ask(ClockView, "POST", "clock/advance", sent=sent, patience=600.0)

    def set_speed(self, speed: float) -> ClockView:
        """Divide waits by this from now on."""
        return self._ask(ClockView, "PATCH", "clock", sent={"speed": speed})

    def pause(self) -> ClockView:
        """Let time stand still."""
        return self._ask(ClockView, "PATCH", "clock", sent={"paused": True})

    def resume(self) -> ClockView:
        """Let time go on."""
        return self._ask(ClockView, "PATCH", "clock", sent={"paused": False})

    def reset(self, seed: int | None = None) -> Overview:
        """Forget everything, uploads too, and begin anew at the real time; None: the same seed."""
        return self._ask(Overview, "POST", "reset", sent={"seed": seed})

    def report(self, run: str | None = None) -> Report:
        """The report on a run, or on everything that was sent; `str()` of it is for people."""
        return self._ask(Report, "GET", "report", {"run": run})

    def scenarios(self) -> list[ScenarioView]:
        """Every scenario that can be started by its name."""
        return self._ask(list[ScenarioView], "GET", "scenarios")

    def scenario(self, name: str) -> str:
        """One scenario, as it is written: its YAML."""
        return self._exchange("GET", f"{_API}/scenarios/{_step(name)}").decode()

    def upload(self, name: str, yaml: str) -> ScenarioView:
        """Have a scenario of this name from now on."""
        path = f"{_API}/scenarios/{_step(name)}"
        answer = self._exchange("PUT", path, yaml.encode(), "application/yaml")
        return msgspec.json.decode(answer, type=ScenarioView)

    def _ask(
        self,
        type_: type[T],
        method: str,
        resource: str,
        query: dict[str, Any] | None = None,
        *,
        sent: object = None,
        patience: float = 0.0,
    ) -> T:
        given = {name: value for name, value in (query or {}).items() if value is not None}
        path = f"{_API}/{resource}" + (f"?{urlencode(given)}" if given else "")
        body = None if sent is None else msgspec.json.encode(sent)
        answer = self._exchange(method, path, body, patience=patience)
        return msgspec.json.decode(answer, type=type_)

    def _exchange(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        content_type: str = "application/json",
        *,
        patience: float = 0.0,
    ) -> bytes:
        parts = urlsplit(self.url)
        kind = HTTPSConnection if parts.scheme.lower() == "https" else HTTPConnection
        connection = kind(parts.hostname or "", parts.port, timeout=self._timeout + patience)
        headers = {} if body is None else {"Content-Type": content_type}
        if self._token is not None:
            headers["Authorization"] = f"Bearer {self._token}"
        try:
            connection.request(method, parts.path + path, body, headers)
            response = connection.getresponse()
            answer = response.read()
        except (OSError, HTTPException) as error:
            why = str(error) or type(error).__name__
            raise UnreachableError(f"no sidecar answers at {masked(self.url)}: {why}") from error
        finally:
            connection.close()
        if response.status >= _FAILING:
            raise SidecarError(response.status, _detail(answer))
        return answer


def _step(text: str) -> str:
    """A text as one step of a path."""
    return quote(text, safe="")


def _detail(answer: bytes) -> str:
    try:
        return str(msgspec.json.decode(answer)["detail"])
    except (msgspec.DecodeError, UnicodeError, KeyError, TypeError):
        return answer[:200].decode(errors="replace").strip()


def _told(delivery: DeliveryView) -> str:
    last = delivery.last_status_code or delivery.last_outcome or "not sent yet"
    what = " ".join(filter(None, (delivery.kind, delivery.status)))
    return (
        f"  #{delivery.seq} {what} of message {delivery.message_id} to the {delivery.role} "
        f"endpoint: {delivery.state} after {delivery.attempts} attempts (latest: {last})"
    )
