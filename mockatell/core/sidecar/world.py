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

from mockatell.clickatell.reading import TEXTS
from mockatell.core.sidecar.emitting import callback_of
from mockatell.core.sidecar.kin import Kin
from mockatell.core.sidecar.planning import happening_of, life, sent_row
from mockatell.core.sidecar.rows import (
    AttemptRow,
    DeliveryRow,
    MessageRow,
    NoteRow,
    PersonRow,
    UploadRow,
)
from mockatell.core.sidecar.state import State
from mockatell.core.sidecar.tracks import Track
from mockatell.core.sidecar.troubles import Troubles
from mockatell.errors import ConflictError, InputError
from mockatell.model import Cause, Delivery, Role
from mockatell.rng import Purpose, Stream

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mockatell.clickatell.standin import ApiRequest, ApiResponse, SentMessage
    from mockatell.clickatell.standin.uploads import Upload
    from mockatell.core.scenario.spec import FaultSpec
    from mockatell.core.sidecar.rows import Happening
    from mockatell.core.sidecar.runs import Run
    from mockatell.core.sidecar.talks import Talk
    from mockatell.core.sidecar.views import EventRequest
    from mockatell.model import Answer, Attempt, Callback, Exchange, Expectation


class World(State):
    """What happens to a sidecar's state: by the app, by hand, and as time goes by.

    Turned by a driver as an `Agenda` is: `take`, `next_due`, `ended`.
    """

    # What comes from the app

    def handle(self, request: ApiRequest, now: float) -> ApiResponse:
        """Answer a request of the One API; what it accepts begins to live.

        While too much is pending, as with an endpoint that is down under load, messages are refused
        with the vendor's rate limit (43).
        """
        self.turn(now)
        handled = self.standin.handle(request, self.at_ms(now), full=self.full)
        if self.refusals.note(request, handled.response, self.at_ms(now)):
            self.changes.tell("refusal")
        if handled.accepted:
            self.reached_at(request.header("host"))
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

    def emit(self, event: EventRequest, now: float) -> list[Track]:
        """An event happens now that no message's life holds.

        Raises:
            InputError: There is no such kind, a field is wrong, or too much is pending.
            ConflictError: Its role has no endpoint.
        """
        self.turn(now)
        self.require_room()
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

    def redeliver(self, seq: int, now: float) -> Track:
        """Send a delivery once more, with retries of its own.

        Raises:
            UnknownError: There is none of this number, or not any more.
            InputError: Too much is pending.
            ConflictError: Its role has no endpoint.
        """
        self.turn(now)
        self.require_room()
        before = self.track(seq)
        if not self.reachable(before):
            raise ConflictError(f"there is no {before.row.role} endpoint to send this to")
        origin = self.counters.next("callbacks")
        callback = before.delivery.callback
        again = Delivery(0, now, Cause.REDELIVERY, callback, origin)
        kin = Kin()
        kin.twin(origin, before.family)
        return self._add(again, before.row.about, kin, self.runs.get(before.row.run or ""))

    # What time brings

    def turn(self, now: float) -> None:
        """Let happen what happens by now, draw what runs have for it, and drop what is old."""
        for talk, happening in self.talks.happen(now):
            self._take_place(talk, happening, happening.at)
        for run in list(self.playing.values()):
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
        written = row.content if row.kind in TEXTS else None
        self.standin.received(row.user, at_ms, written)
        self.changes.keep(PersonRow(row.user, at_ms, self.standin.opted_out(row.user)))
        self.trim_people()

    def _draw(self, run: Run, now: float) -> None:
        before, behind = run.progress, run.behind
        try:
            for delivery in run.draw(now, self.setup.most_pending - self.tracks.pending):
                self._add(delivery, "", run.kin, run)
        except InputError as error:
            self.fail(run, str(error), now)
        if run.progress is not before:
            self.changes.keep(run.progress)
        if behind and not run.behind:
            self.changes.tell("run", run.row.id)  # it may be at its end, and not judged yet

    def _trim(self, now: float) -> None:
        for track in self.tracks.trim(now):
            self.drop(track)
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
        full = self.full
        times += [run.next_draw for run in self.playing.values() if run.behind or not full]
        due = min((at for at in times if at is not None), default=math.inf)
        return due if due <= until and due < math.inf else None

    def ended(self, exchange: Exchange, answer: Answer, sent_at: float) -> Attempt:
        """An exchange is over."""
        attempt = self.agenda.ended(exchange, answer, sent_at)
        track = self.track(attempt.delivery)
        track.in_flight = False
        row = AttemptRow.of(attempt, answer)
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

    # What is set by hand

    def set_faults(
        self, specs: Sequence[FaultSpec], told: Sequence[dict[str, Any]], now: float
    ) -> None:
        """Faults for what is planned from now on, and for exchanges at once."""
        self.troubles = Troubles(specs, self.seed, now, tuple(told))
        self.changes.keep(NoteRow("faults", msgspec.json.encode([now, told])))
        self.changes.tell("faults")

    def start(self, run: Run) -> None:
        """Begin to play a scenario; while too much is pending, it is drawn no further."""
        self.know(run)
        self.changes.keep(run.row)
        self.changes.keep(run.progress)
        self.changes.tell("run", run.row.id)
        self.turn(run.row.start)

    def finish(self, run: Run, expectations: Sequence[Expectation], now: float) -> None:
        """A run was judged."""
        self.changes.keep(run.finish(expectations, now))
        self.playing.pop(run.row.id, None)
        self.changes.tell("run", run.row.id)

    def fail(self, run: Run, error: str, now: float) -> None:
        """A run cannot go on."""
        self.cancel(run, now)
        self.changes.keep(run.fail(error))

    def cancel(self, run: Run, now: float) -> None:
        """Draw nothing more for a run, and call off what is pending of it."""
        self.changes.keep(run.cancel(now))
        self.playing.pop(run.row.id, None)
        self.changes.tell("run", run.row.id)
        called_off = [t for t in self.tracks if t.row.run == run.row.id and not t.over]
        self.agenda.withdraw({track.row.seq for track in called_off})
        for track in called_off:
            track.row = replace(track.row, cancelled=True)
            self.changes.keep(track.row)
            self.changes.tell("delivery", track.row.seq)
            if track.over:  # what is under way ends as it ends
                self.close(track)

    def _tell_run(self, track: Track) -> None:
        if track.row.run is not None:
            self.changes.tell("run", track.row.run)
