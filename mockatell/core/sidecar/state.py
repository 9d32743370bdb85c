"""What a sidecar knows of its messages, deliveries and runs, and how they stand."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from mockatell._version import __version__
from mockatell.clickatell.ledger import assumptions
from mockatell.clickatell.standin import Standin
from mockatell.core.agenda import Agenda
from mockatell.core.oracle import judge_acknowledged
from mockatell.core.plan import platform_of
from mockatell.core.report import Fold
from mockatell.core.sidecar.changes import Changes
from mockatell.core.sidecar.counters import Counters
from mockatell.core.sidecar.links import base_of
from mockatell.core.sidecar.refusals import Refusals
from mockatell.core.sidecar.rows import Drop, NoteRow, PersonRow, UploadRow
from mockatell.core.sidecar.setup import policies_of
from mockatell.core.sidecar.shelf import Shelf
from mockatell.core.sidecar.talks import Talks
from mockatell.core.sidecar.tallies import Tallies
from mockatell.core.sidecar.tracks import Tracks
from mockatell.core.sidecar.troubles import Troubles
from mockatell.errors import InputError, UnknownError
from mockatell.model import Conduct, RunStarted
from mockatell.rng import Purpose, Stream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mockatell.core.report import Report
    from mockatell.core.retry import RetryPolicy
    from mockatell.core.sidecar.changes import Told
    from mockatell.core.sidecar.counters import Of
    from mockatell.core.sidecar.rows import Keep
    from mockatell.core.sidecar.runs import Run
    from mockatell.core.sidecar.setup import Setup
    from mockatell.core.sidecar.tracks import Track
    from mockatell.model import Attempt, Delivery, Role

_SEVEREST = (Conduct.OUTAGE, Conduct.LOSE_ACK)


class State:
    """All that a sidecar knows.

    Args:
        setup: What it is like.
        seed: What all chance follows from.
        epoch_ms: Unix time in milliseconds of time 0.
        counters: The numbers that an earlier life gave out.

    Attributes:
        changes: What is new since somebody last asked.
        agenda: What is due next.
        runs: All that are known, by id.
        playing: Those that are not over.
        base_url: What links in callbacks begin with.
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
        self.refusals = Refusals()
        self.files = Shelf(UploadRow, setup.standin.keep_media, self.changes)
        self.runs: dict[str, Run] = {}
        self.playing: dict[str, Run] = {}
        self.tallies = Tallies()
        self.fold = Fold()
        self.troubles = Troubles(setup.scenario.faults, seed)
        self.standin = Standin(setup.standin, seed=seed, handed_out=self.counters.ids)
        self.base_url = setup.media_base_url
        self.platform = platform_of(setup.scenario, self.base_url)
        self._policies = policies_of(setup)
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

    def trim_people(self) -> None:
        """Keep nobody of whom nothing is known any more."""
        for number in self.standin.forgotten():
            self.changes.keep(Drop(PersonRow, number))

    def chance(self, of: Of) -> int:
        """A seed of its own for the next thing of this sort."""
        number = self.counters.next(of)
        return Stream(self.seed, Purpose.MESSAGE, number, 1).below(2**31)

    # Links

    def link_to(self, base_url: str) -> None:
        """Let links in callbacks begin with this from now on."""
        self.base_url = base_url
        self.platform = platform_of(self.setup.scenario, base_url)
        self.changes.keep(NoteRow("base_url", msgspec.json.encode(base_url)))

    def reached_at(self, host: str | None) -> None:
        """The app has got here by this `Host`: so do links, where nobody knew better."""
        base = base_of(host) if self.setup.guessed else None
        if base is not None and base != self.base_url:
            self.link_to(base)

    @property
    def unlinked(self) -> bool:
        """Whether links lead where only this machine gets, for all that is known."""
        return self.setup.guessed and self.base_url == self.setup.media_base_url

    # Deliveries

    def reachable(self, track: Track) -> bool:
        """Whether a delivery's role has an endpoint: an earlier life may have had more of them."""
        run = self.runs.get(track.row.run or "")
        return track.row.role in (self.setup.roles if run is None else run.roles)

    def stranded(self) -> Counter[Role]:
        """How many pending deliveries have no endpoint to go to, by role."""
        pending = (track for track in self.tracks if not track.over)
        return Counter(track.row.role for track in pending if not self.reachable(track))

    def track(self, seq: int) -> Track:
        """The delivery of this number.

        Raises:
            UnknownError: There is none, or not any more.
        """
        track = self.tracks.find(seq)
        if track is None:
            raise UnknownError(f"there is no delivery {seq}, or not any more")
        return track

    def hold(self, track: Track) -> None:
        """Know a delivery that is pending."""
        self.tracks.add(track)
        for tallies in self._tallies(track):
            tallies.began(track)

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
            tallies.ended(track)
        for message_id in track.messages:
            self.changes.tell("message", message_id)
            self.talks.touch(message_id, track.ended)

    def drop(self, track: Track) -> None:
        """A delivery is held no longer."""
        for tallies in self._tallies(track):
            tallies.dropped(track)

    def _tallies(self, track: Track) -> Iterator[Tallies]:
        yield self.tallies
        if track.row.run is not None:
            yield self.runs[track.row.run].tallies

    def shown(self, told: Iterable[Told]) -> list[Told]:
        """What the feed is to tell, without messages that cannot be looked at.

        A scenario's statuses are about messages that were never sent, and so may be those by hand.
        """
        return [each for each in told if each[0] != "message" or self.talks.find(each[1])]

    def know(self, run: Run) -> None:
        """Know a run, and go on with it where it is not over."""
        self.runs[run.row.id] = run
        if run.running:
            self.playing[run.row.id] = run

    # How things stand

    def scope(self, run: str | None = None, message: str | None = None) -> Iterable[Track]:
        """All deliveries, or those of a run, or those about a message.

        Args:
            run: A run's id.
            message: A message's id, or the client id that the app gave one or more.

        Raises:
            UnknownError: There is no such run or message, or not any more.
        """
        if message is not None:
            if not self.knows(message):
                raise UnknownError(f"there is no message {message!r}, or not any more")
            return [t for each in self._meant(message) for t in self.tracks.of(each)]
        if run is not None:
            self.run(run)
        return (track for track in self.tracks if run is None or track.row.run == run)

    def knows(self, message: str) -> bool:
        """Whether a message of this id or client id is known."""
        return bool(self.talks.called(message) or self.tracks.of(message))

    def _meant(self, message: str) -> list[str]:
        return self.talks.called(message) or [message]

    @property
    def full(self) -> bool:
        """Whether so much is pending that nothing more is taken."""
        return self.tracks.pending >= self.setup.most_pending

    def require_room(self) -> None:
        """See that more may be pending.

        Raises:
            InputError: Too much is already.
        """
        if self.full:
            raise InputError(
                f"{self.tracks.pending:,} deliveries are pending, and no more are taken (let your"
                " endpoint take some, reset, or give --most-pending)"
            )

    def pending(self, run: str | None = None, message: str | None = None) -> int:
        """How many of these deliveries are not over."""
        if message is not None:
            return sum(not track.over for track in self.scope(run, message))
        return self.tracks.pending if run is None else self.run(run).tallies.pending

    def busy(self, run: str | None = None, message: str | None = None) -> bool:
        """Whether something is still to come in this scope, as a message that is not known yet."""
        if message is not None:
            if not self.knows(message):
                return True
            talks = map(self.talks.find, self._meant(message))
            living = any(talk is not None and talk.next_at is not None for talk in talks)
            return living or self.pending(None, message) > 0
        if run is not None:
            return self.run(run).running or self.pending(run) > 0
        return bool(self.playing) or self.tracks.pending > 0 or self.talks.next_due is not None

    def acknowledged(self, run: str | None = None, message: str | None = None) -> bool:
        """Whether of every callback in this scope a delivery was acknowledged."""
        if message is None:
            tallies = self.tallies if run is None else self.run(run).tallies
            return not tallies.unacknowledged
        tracks = list(self.scope(run, message))
        families = {track.family for track in tracks if track.state == "acknowledged"}
        return families.issuperset(track.family for track in tracks)

    def report(self, endpoints: Mapping[Role, str]) -> Report:
        """What all attempts say, and, once nothing is pending, whether all was acknowledged.

        Args:
            endpoints: URLs by role, masked.
        """
        ended = self.tallies.run_ended()
        pending = self.busy()
        judge = ended.deliveries and not pending
        judged = (judge_acknowledged("all", ended),) if judge else ()
        started = RunStarted(
            version=__version__,
            scenario="sidecar",
            seed=self.seed,
            epoch_ms=self.epoch_ms,
            assumed=self._assumed(),
            endpoints={role.value: url for role, url in endpoints.items()},
        )
        return self.fold.report(started, self.tallies.run_ended(judged), pending=pending)

    def _assumed(self) -> tuple[str, ...]:
        """What the platform does not document, of all that was sent."""
        kinds = self.fold.kinds
        return assumptions(self.setup.scenario, kinds) if kinds else ()

    def run(self, run_id: str) -> Run:
        """The run of this id.

        Raises:
            UnknownError: There is none.
        """
        if run_id not in self.runs:
            raise UnknownError(f"there is no run {run_id!r}")
        return self.runs[run_id]

    # What the agenda asks

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
