"""Clickatell as a sidecar plays it: requests, time and answers in, exchanges and changes out.

    request ──▶ stand-in ──▶ messages ──▶ deliveries ──▶ agenda ──▶ exchanges ──▶ sender
                                │             ▲            ▲
                            happenings      runs         answers

Pure: the same seed and the same calls give the same ids, times and bytes. Times are seconds since
the world's epoch.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from mockatell._version import __version__
from mockatell.clickatell.ledger import assumptions
from mockatell.clickatell.standin import Standin
from mockatell.core.agenda import Agenda
from mockatell.core.oracle import judge_acknowledged
from mockatell.core.plan import platform_of
from mockatell.core.report import Fold
from mockatell.core.retry import RetryPolicy, policies
from mockatell.core.sidecar.changes import Changes
from mockatell.core.sidecar.counters import Counters
from mockatell.core.sidecar.emitting import callback_of
from mockatell.core.sidecar.kin import Kin
from mockatell.core.sidecar.planning import happening_of, life, sent_row
from mockatell.core.sidecar.retention import Retention
from mockatell.core.sidecar.rows import (
    AttemptRow,
    DeliveryRow,
    MessageRow,
    NoteRow,
    PersonRow,
    UploadRow,
)
from mockatell.core.sidecar.shelf import Shelf
from mockatell.core.sidecar.talks import Talks
from mockatell.core.sidecar.tallies import Tallies
from mockatell.core.sidecar.tracks import Track, Tracks
from mockatell.core.sidecar.troubles import Troubles
from mockatell.errors import ConflictError, UnknownError
from mockatell.model import Cause, Conduct, Delivery, Frozen, Role, RunStarted
from mockatell.rng import Purpose, Stream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from mockatell.clickatell.standin import ApiRequest, ApiResponse, SentMessage, StandinSettings
    from mockatell.clickatell.standin.uploads import Upload
    from mockatell.core.report import Report
    from mockatell.core.scenario.spec import FaultSpec, Scenario
    from mockatell.core.sidecar.counters import Of
    from mockatell.core.sidecar.rows import Happening, Keep
    from mockatell.core.sidecar.runs import Run
    from mockatell.core.sidecar.talks import Talk
    from mockatell.core.sidecar.views import EventRequest
    from mockatell.model import Answer, Attempt, Callback, Exchange, Expectation

KEPT = 2_000
"""Bytes of an answer's body that are kept."""
MOST_HEADERS = 32
"""Headers of an answer that are kept."""
_SEVEREST = (Conduct.OUTAGE, Conduct.LOSE_ACK)


class Setup(Frozen, frozen=True, kw_only=True):
    """What a world is like.

    Args:
        standin: The send side.
        scenario: What one would say of integration, retries, quirks and encryption.
        retry: A preset's name or a policy, which goes before the scenario's; or None.
        roles: The roles that have an endpoint.
        limits: Most exchanges at once, by role.
        retention: How much is held.
        media_base_url: Where `downloadUrl` points.
    """

    standin: StandinSettings
    scenario: Scenario
    retry: Any = None
    roles: frozenset[Role]
    limits: Mapping[Role, int]
    retention: Retention = Retention()
    media_base_url: str


class World:
    """All that a sidecar knows, and what is due next.

    Turned by a driver as an `Agenda` is: `take`, `next_due`, `ended`.

    Args:
        setup: What it is like.
        seed: What all chance follows from.
        epoch_ms: Unix time in milliseconds of time 0.
        counters: The numbers that an earlier life gave out.

    Attributes:
        changes: What is new since somebody last asked.
        speed: By how much waits are divided.
    """

    def __init__(
        self, setup: Setup, seed: int, epoch_ms: int, counters: Counters | None = None
    ) -> None:
        self.setup = setup
        self.seed = seed
        self.epoch_ms = epoch_ms
        self.counters = counters or Counters()
        self.changes = Changes()
        self.tracks = Tracks(setup.retention, self.changes)
        self.talks = Talks(setup.retention, self.changes, self.tracks)
        self.files = Shelf(UploadRow, setup.standin.keep_media, self.changes)
        self.people = Shelf(PersonRow, setup.standin.keep_messages, self.changes)
        self.runs: dict[str, Run] = {}
        self.tallies = Tallies()
        self.fold = Fold()
        self.troubles = Troubles(setup.scenario.faults, seed)
        self.standin = Standin(setup.standin, seed=seed, handed_out=self.counters.ids)
        self.platform = platform_of(setup.scenario, setup.media_base_url)
        self._policies = _policies(setup)
        self.agenda = Agenda(
            (), self._policy, limits=setup.limits, seed=seed, conduct=self._conduct
        )

    def at_ms(self, at: float) -> int:
        """A time of the world in Unix milliseconds."""
        return self.epoch_ms + int(at * 1000)

    def rows(self) -> list[Keep]:
        """What is to be kept since the last call; belongs together, as its numbers do."""
        self.counters.ids = self.standin.handed_out
        counted = self.counters.changed()
        if counted is not None:
            self.changes.keep(counted)
        return self.changes.rows()

    # What comes from the app

    def handle(self, request: ApiRequest, now: float) -> ApiResponse:
        """Answer a request of the One API; what it accepts begins to live."""
        self.turn(now)
        handled = self.standin.handle(request, self.at_ms(now))
        for message in handled.accepted:
            self._live(message, now)
        if handled.uploaded is not None:
            self._keep_upload(handled.uploaded)
        return handled.response

    def _live(self, message: SentMessage, now: float) -> None:
        number = self.counters.next("messages")
        stream = Stream(self.seed, Purpose.MESSAGE, number)
        planned = list(life(message, self.platform, stream, now, self.epoch_ms))
        happenings = tuple(each.happening for each in planned if each.happening is not None)
        self._add_message(sent_row(message, number, now, happenings), now)
        self._plan([(each.at, each.callback) for each in planned], message.api_message_id, number)

    def _keep_upload(self, upload: Upload) -> None:
        self.changes.keep(UploadRow(*msgspec.structs.astuple(upload)))
        self.files.put(upload.file_id, len(upload.body))

    def _add_message(self, row: MessageRow, now: float) -> None:
        self.talks.add(row)
        self.changes.keep(row)
        self.changes.tell("message", row.id)
        if not row.happenings:
            self.talks.touch(row.id, now)

    # What is planned

    def _plan(
        self, planned: Iterable[tuple[float, Callback]], about: str, conversation: int
    ) -> list[Track]:
        """Put callbacks on the agenda, as the faults would have them."""
        deliveries = (
            Delivery(
                0, at, Cause.ORIGINAL, callback, self.counters.next("callbacks"),
                conversation=conversation,
            )
            for at, callback in planned
            if callback.role in self.setup.roles
        )  # fmt: skip
        kin = Kin()
        return [self._add(each, about, kin) for each in self.troubles.apply(deliveries)]

    def _add(self, delivery: Delivery, about: str, kin: Kin, run: Run | None = None) -> Track:
        """Number a delivery among all, and put it on the agenda."""
        seq = self.counters.next("deliveries")
        numbered = replace(delivery, seq=seq, race=kin.race(delivery.race, seq))
        run_id = None if run is None else run.row.id
        row = DeliveryRow.of(numbered, about, run_id, kin.twin(delivery.origin, seq), delivery.seq)
        track = Track(row, numbered)
        self.hold(track)
        self.agenda.add(numbered)
        self.changes.keep(row)
        self.changes.tell("delivery", seq)
        return track

    def hold(self, track: Track) -> None:
        """Know a delivery that is pending."""
        self.tracks.add(track)
        for tallies in self._tallies(track):
            tallies.deliveries += 1

    def emit(self, event: EventRequest, now: float) -> list[Track]:
        """An event happens now that no message's life holds.

        Raises:
            InputError: There is no such kind, or a field is wrong.
            ConflictError: Its role has no endpoint.
        """
        self.turn(now)
        about = event.message_id or ""
        talk = self.talks.find(about)
        callback = callback_of(
            event,
            None if talk is None else talk.row,
            self.platform,
            seed=self.chance("callbacks"),
            at_ms=self.at_ms(now),
        )
        if callback.role not in self.setup.roles:
            raise ConflictError(f"there is no {callback.role} endpoint to send this to")
        self._take_place(talk, happening_of(callback, now), now)
        return self._plan([(now, callback)], about, 0)

    def chance(self, of: Of) -> int:
        """A seed of its own for the next thing of this sort."""
        number = self.counters.next(of)
        return Stream(self.seed, Purpose.MESSAGE, number, 1).below(2**31)

    def redeliver(self, seq: int, now: float) -> Track:
        """Send a delivery once more, with retries of its own.

        Raises:
            UnknownError: There is none of this number, or not any more.
        """
        self.turn(now)
        before = self.track(seq)
        origin = self.counters.next("callbacks")
        callback = before.delivery.callback
        again = Delivery(0, now, Cause.REDELIVERY, callback, origin)
        kin = Kin()
        kin.twin(origin, before.family)
        return self._add(again, before.row.about, kin, self.runs.get(before.row.run or ""))

    def track(self, seq: int) -> Track:
        """The delivery of this number.

        Raises:
            UnknownError: There is none, or not any more.
        """
        track = self.tracks.find(seq)
        if track is None:
            raise UnknownError(f"there is no delivery {seq}, or not any more")
        return track

    # What time brings

    def turn(self, now: float) -> None:
        """Let happen what happens by now, draw what runs have for it, and drop what is old."""
        for talk, happening in self.talks.happen(now):
            self._take_place(talk, happening, happening.at)
        for run in self.runs.values():
            self._draw(run, now)
        self._trim(now)

    def _take_place(self, talk: Talk | None, happening: Happening, at: float) -> None:
        at_ms = self.at_ms(at)
        if talk is not None and happening.status:
            self.standin.happened(talk.row.id, happening.status, at_ms, happening.channel)
            talk.status = happening.status
            self.changes.tell("message", talk.row.id)
            self.talks.touch(talk.row.id, at)
        if happening.reply is not None:
            self._hear(happening.reply, at_ms)
            if talk is not None:
                self.talks.touch(talk.row.id, at)

    def _hear(self, reply: MessageRow, at_ms: int) -> None:
        """A user has written; what an earlier life has heard is not heard again."""
        if self.talks.find(reply.id) is not None:
            return
        row = replace(reply, number=self.counters.next("messages"))
        self._add_message(row, row.at)
        self.standin.received(row.user, at_ms, row.content)
        self.changes.keep(PersonRow(row.user, at_ms, self.standin.opted_out(row.user)))
        self.people.put(row.user)

    def _draw(self, run: Run, now: float) -> None:
        before = run.progress
        for delivery in run.draw(now):
            self._add(delivery, "", run.kin, run)
        if run.progress is not before:
            self.changes.keep(run.progress)

    def _trim(self, now: float) -> None:
        for track in self.tracks.trim(now):
            run = self.runs.get(track.row.run or "")
            if run is not None:
                self.changes.keep(run.dropped(track))
        self.talks.trim(now)

    # What a driver asks and says

    def take(self, now: float) -> list[tuple[Exchange, ...]]:
        """What is due at `now` and has a free connection, as an agenda's."""
        self.turn(now)
        groups = self.agenda.take(now)
        for group in groups:
            for exchange in group:
                self._depart(exchange, now)
        return groups

    def _depart(self, exchange: Exchange, now: float) -> None:
        track = self.track(exchange.delivery.seq)
        track.in_flight = True
        self.changes.tell("delivery", track.row.seq)
        callback = exchange.callback
        if track.row.run is not None and callback.role is Role.REPLY:
            self._take_place(None, happening_of(callback, now, track.row.run), now)

    def next_due(self, until: float = math.inf) -> float | None:
        """When there will next be something to do that is not due yet; None: not by `until`."""
        times = [self.agenda.next_due(), self.talks.next_due]
        times += [run.next_draw for run in self.runs.values()]
        due = min((at for at in times if at is not None), default=math.inf)
        return due if due <= until and due < math.inf else None

    def ended(self, exchange: Exchange, answer: Answer, sent_at: float) -> Attempt:
        """An exchange is over."""
        attempt = self.agenda.ended(exchange, answer, sent_at)
        track = self.track(attempt.delivery)
        track.in_flight = False
        row = _attempt_row(attempt, answer)
        track.attempts.append(row)
        self.changes.keep(row)
        self.changes.tell("delivery", row.seq)
        self._tell_run(track)
        self.learn(track, attempt)
        if track.row.cancelled:
            self.agenda.withdraw({row.seq})
        if track.over:
            self.close(track)
        return attempt

    def learn(self, track: Track, attempt: Attempt) -> None:
        """Count an attempt, and what it proves."""
        self.fold.add(attempt)
        if (run := self.runs.get(track.row.run or "")) is not None:
            run.fold.add(attempt)
        for tallies in self._tallies(track):
            tallies.tried(attempt.outcome)

    def close(self, track: Track) -> None:
        """A delivery is over."""
        self.tracks.close(track)
        for tallies in self._tallies(track):
            tallies.ends[track.state] += 1
        for message_id in track.messages:
            self.changes.tell("message", message_id)
            self.talks.touch(message_id, track.ended)

    # How things stand

    def scope(self, run: str | None = None, message: str | None = None) -> Iterable[Track]:
        """All deliveries, or those of a run, or those about a message.

        Raises:
            UnknownError: There is no such run or message, or not any more.
        """
        if message is not None:
            tracks = self.tracks.of(message)
            if not tracks and self.talks.find(message) is None:
                raise UnknownError(f"there is no message {message!r}, or not any more")
            return tracks
        if run is not None:
            self.run(run)
        return (track for track in self.tracks if run is None or track.row.run == run)

    def pending(self, run: str | None = None, message: str | None = None) -> int:
        """How many of these deliveries are not over."""
        if message is not None:
            return sum(not track.over for track in self.scope(run, message))
        return self.tracks.pending if run is None else self.run(run).tallies.pending

    def busy(self, run: str | None = None, message: str | None = None) -> bool:
        """Whether something is still to come in this scope."""
        if message is not None:
            talk = self.talks.find(message)
            return self.pending(None, message) > 0 or (
                talk is not None and talk.next_at is not None
            )
        if run is not None:
            return self.run(run).running or self.pending(run) > 0
        running = any(each.running for each in self.runs.values())
        return running or self.tracks.pending > 0 or self.talks.next_due is not None

    def acknowledged(self, run: str | None = None, message: str | None = None) -> bool:
        """Whether of every callback in this scope a delivery was acknowledged."""
        tracks = list(self.scope(run, message))
        families = {track.family for track in tracks if track.state == "acknowledged"}
        return families.issuperset(track.family for track in tracks)

    def report(self, endpoints: Mapping[Role, str]) -> Report:
        """What all attempts say, and whether every delivery was acknowledged.

        Args:
            endpoints: URLs by role, masked.
        """
        ended = self.tallies.run_ended()
        judged = (judge_acknowledged("all", ended),) if ended.deliveries else ()
        started = RunStarted(
            version=__version__,
            scenario="sidecar",
            seed=self.seed,
            epoch_ms=self.epoch_ms,
            assumed=assumptions(self.setup.scenario),
            endpoints={role.value: url for role, url in endpoints.items()},
        )
        return self.fold.report(started, self.tallies.run_ended(judged))

    def run(self, run_id: str) -> Run:
        """The run of this id.

        Raises:
            UnknownError: There is none.
        """
        if run_id not in self.runs:
            raise UnknownError(f"there is no run {run_id!r}")
        return self.runs[run_id]

    # What is set by hand

    def set_faults(
        self, specs: Sequence[FaultSpec], told: Sequence[dict[str, Any]], now: float
    ) -> None:
        """Faults for what is planned from now on, and for exchanges at once."""
        self.troubles = Troubles(specs, self.seed, now, tuple(told))
        self.changes.keep(NoteRow("faults", msgspec.json.encode([now, told])))
        self.changes.tell("faults")

    def start(self, run: Run) -> None:
        """Begin to play a scenario."""
        self.runs[run.row.id] = run
        self.changes.keep(run.row)
        self.changes.keep(run.progress)
        self.changes.tell("run", run.row.id)
        self.turn(run.row.start)

    def finish(self, run: Run, expectations: Sequence[Expectation], now: float) -> None:
        """A run was judged."""
        self.changes.keep(run.finish(expectations, now))
        self.changes.tell("run", run.row.id)

    def fail(self, run: Run, error: str, now: float) -> None:
        """A run cannot go on."""
        self.cancel(run, now)
        self.changes.keep(run.fail(error))

    def cancel(self, run: Run, now: float) -> None:
        """Draw nothing more for a run, and call off what is pending of it."""
        self.changes.keep(run.cancel(now))
        self.changes.tell("run", run.row.id)
        called_off = [t for t in self.tracks if t.row.run == run.row.id and not t.over]
        self.agenda.withdraw({track.row.seq for track in called_off})
        for track in called_off:
            track.row = replace(track.row, cancelled=True)
            self.changes.keep(track.row)
            self.changes.tell("delivery", track.row.seq)
            if track.over:  # what is under way ends as it ends
                self.close(track)

    def _conduct(self, delivery: Delivery, number: int, due: float) -> Conduct:
        verdicts = {self.troubles.conduct(delivery, number, due)}
        run = self._run_of(delivery)
        if run is not None:
            verdicts.add(run.conduct(delivery, number, due))
        return next((each for each in _SEVEREST if each in verdicts), Conduct.PLAIN)

    def _policy(self, delivery: Delivery) -> RetryPolicy:
        run = self._run_of(delivery)
        chosen = self._policies if run is None else run.policies or self._policies
        return chosen[delivery.callback.role]

    def _run_of(self, delivery: Delivery) -> Run | None:
        track = self.tracks.find(delivery.seq)
        return None if track is None or track.row.run is None else self.runs[track.row.run]

    def _tallies(self, track: Track) -> Iterator[Tallies]:
        yield self.tallies
        if track.row.run is not None:
            yield self.runs[track.row.run].tallies

    def _tell_run(self, track: Track) -> None:
        if track.row.run is not None:
            self.changes.tell("run", track.row.run)


def _policies(setup: Setup) -> Mapping[Role, RetryPolicy]:
    own = setup.retry or setup.scenario.retry
    return dict.fromkeys(Role, own) if isinstance(own, RetryPolicy) else policies(own)


def _attempt_row(attempt: Attempt, answer: Answer) -> AttemptRow:
    return AttemptRow(
        attempt.delivery,
        attempt.number,
        attempt.due,
        attempt.sent_at,
        attempt.ended_at,
        attempt.outcome,
        attempt.status_code,
        attempt.detail,
        attempt.next_due,
        answer.headers[:MOST_HEADERS],
        answer.body[:KEPT],
    )
