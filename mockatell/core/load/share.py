"""A worker's share of a plan, and what became of it: the parts of a load on many machines."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from mockatell.core.faults.future import accompanied
from mockatell.core.load.spread import Counts
from mockatell.model import Cause, Frozen, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from mockatell.model import Attempt, Delivery, Exchange


def share(deliveries: Iterable[Delivery], index: int, workers: int) -> Iterator[Delivery]:
    """The deliveries of one of so many workers, with the numbers that they have in the whole plan.

    A callback goes with all of its duplicates, and with what is unknown and comes just before it,
    to the same worker, and every one to exactly one.
    """
    return (each for each in deliveries if accompanied(each.origin) % workers == index)


class ShareTotals(Frozen, frozen=True):
    """What became of a share, or of several.

    Args:
        callbacks: Different callbacks that were begun.
        deliveries: Callbacks and their duplicates that were begun.
        attempts: Exchanges that ended.
        acknowledged: Deliveries that ended with a 2xx.
        redirected: Deliveries that ended with a 3xx.
        exhausted: Deliveries whose retry policy ran out.
        lag_p99: Seconds that the latest hundredth was begun late, of the worst worker.
        latency_p99: Seconds from due to the end of the answer, likewise.
        finished: Whether nothing of the plan is left to be done.
    """

    callbacks: int = 0
    deliveries: int = 0
    attempts: int = 0
    acknowledged: int = 0
    redirected: int = 0
    exhausted: int = 0
    lag_p99: float = 0.0
    latency_p99: float = 0.0
    finished: bool = True

    @property
    def pending(self) -> int:
        """Deliveries that were begun and have not ended."""
        return self.deliveries - self.acknowledged - self.redirected - self.exhausted

    def __str__(self) -> str:
        return (
            f"{self.callbacks:,} callbacks, {self.deliveries:,} deliveries in "
            f"{self.attempts:,} attempts: {self.acknowledged:,} acknowledged, "
            f"{self.redirected:,} redirected, {self.exhausted:,} given up, "
            f"{self.pending:,} pending"
        )


def together(parts: Iterable[ShareTotals]) -> ShareTotals:
    """Several shares as one."""
    each = list(parts)
    return ShareTotals(
        callbacks=sum(part.callbacks for part in each),
        deliveries=sum(part.deliveries for part in each),
        attempts=sum(part.attempts for part in each),
        acknowledged=sum(part.acknowledged for part in each),
        redirected=sum(part.redirected for part in each),
        exhausted=sum(part.exhausted for part in each),
        lag_p99=max((part.lag_p99 for part in each), default=0.0),
        latency_p99=max((part.latency_p99 for part in each), default=0.0),
        finished=all(part.finished for part in each),
    )


class Word(Frozen, frozen=True):
    """What a worker tells its master.

    Args:
        totals: How its share stands.
        last: Whether it has stopped, so that nothing more comes.
    """

    totals: ShareTotals
    last: bool = False


class Fleet:
    """The workers that have a share, and what each has told of it.

    Args:
        workers: By name; what others tell is not counted.
    """

    def __init__(self, workers: Iterable[str] = ()) -> None:
        self._words = dict.fromkeys(workers, Word(ShareTotals(finished=False)))

    def __len__(self) -> int:
        return len(self._words)

    def tell(self, worker: str, word: Word) -> None:
        """A worker says how its share stands."""
        if worker in self._words:
            self._words[worker] = word

    def totals(self) -> ShareTotals:
        """How it stands, of all of them."""
        return together(word.totals for word in self._words.values())

    def is_done(self, lost: Callable[[str], bool]) -> bool:
        """Whether nothing more is to be waited for, given which workers are lost."""
        return all(word.totals.finished or lost(name) for name, word in self._words.items())

    def unheard(self) -> list[str]:
        """Those that have told neither that their share is done nor that they have stopped."""
        words = self._words.items()
        return [name for name, word in words if not (word.totals.finished or word.last)]


class ShareTally:
    """Counts what becomes of a share."""

    def __init__(self) -> None:
        self._begun: Counter[Cause] = Counter()
        self._ends: Counter[Outcome] = Counter()
        self._attempts = 0
        self._lag, self._latency = Counts(), Counts()

    def begun(self, exchange: Exchange, now: float) -> None:
        """An attempt is handed to whoever sends it, for the first time."""
        if exchange.number == 1:
            self._begun[exchange.delivery.cause] += 1
        self._lag.add([now - exchange.due])

    def ended(self, attempt: Attempt) -> None:
        """An attempt is over."""
        self._attempts += 1
        self._latency.add([attempt.ended_at - attempt.due])
        if attempt.next_due is None:
            self._ends[attempt.outcome] += 1

    def totals(self, *, finished: bool) -> ShareTotals:
        """How it stands."""
        acknowledged, redirected = self._ends[Outcome.ACKNOWLEDGED], self._ends[Outcome.REDIRECTED]
        return ShareTotals(
            callbacks=self._begun[Cause.ORIGINAL],
            deliveries=self._begun.total(),
            attempts=self._attempts,
            acknowledged=acknowledged,
            redirected=redirected,
            exhausted=self._ends.total() - acknowledged - redirected,
            lag_p99=self._lag.quantiles(0.99)[0],
            latency_p99=self._latency.quantiles(0.99)[0],
            finished=finished,
        )
