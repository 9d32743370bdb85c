import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockatell.core.agenda import Agenda
from mockatell.core.retry import from_schedule
from mockatell.model import (
    Answer,
    Callback,
    Cause,
    Conduct,
    Delivery,
    Outcome,
    Role,
    RunEnded,
    Trouble,
)

CALLBACK = {role: Callback(role, "moText", "m1", b"{}") for role in Role}
OK, REDIRECT, BROKEN = Answer(200), Answer(302), Answer(500, detail="oops")
TIMEOUT = Answer(trouble=Trouble.TIMEOUT, detail="5s", took=5.0)
REFUSED = Answer(trouble=Trouble.REFUSED, detail="[Errno 111]")


def delivery(seq, due, role=Role.STATUS, race=None):
    return Delivery(seq, due, Cause.ORIGINAL, CALLBACK[role], origin=seq - 1, race=race)


def agenda(*deliveries, delays=(2.0, 4.0), **settings):
    return Agenda(deliveries, dict.fromkeys(Role, from_schedule(delays)), **settings)


def seqs(groups):
    return [tuple(exchange.delivery.seq for exchange in group) for group in groups]


def run(agenda, answer):
    """Turn an agenda to its end in virtual time; every exchange ends at once."""
    attempts, now = [], 0.0
    while True:
        groups = agenda.take(now)
        for group in groups:
            for exchange in group:
                ended = agenda.ended(exchange, answer(exchange), now)
                attempts.append(ended)
        due = agenda.next_due()
        if due is None and not agenda.held:
            return attempts
        now = now if due is None else max(now, due)


def test_only_what_is_due_is_taken():
    plan = agenda(delivery(1, 0.0), delivery(2, 1.0), delivery(3, 1.0), delivery(4, 2.5))
    assert seqs(plan.take(0.5)) == [(1,)]
    assert plan.next_due() == 1.0
    assert seqs(plan.take(1.0)) == [(2,), (3,)]
    assert seqs(plan.take(99.0)) == [(4,)]
    assert plan.next_due() is None


@pytest.mark.parametrize(
    ("answer", "outcome", "status_code", "detail", "retried"),
    [
        (Answer(200), Outcome.ACKNOWLEDGED, 200, None, False),
        (Answer(204), Outcome.ACKNOWLEDGED, 204, None, False),
        (Answer(299, detail="x"), Outcome.ACKNOWLEDGED, 299, None, False),
        (Answer(301), Outcome.REDIRECTED, 301, None, False),
        (Answer(304), Outcome.REDIRECTED, 304, None, False),
        (Answer(400, detail="no"), Outcome.REJECTED, 400, "no", True),
        (Answer(404), Outcome.REJECTED, 404, None, True),
        (Answer(429), Outcome.REJECTED, 429, None, True),
        (BROKEN, Outcome.REJECTED, 500, "oops", True),
        (Answer(600), Outcome.REJECTED, 600, None, True),
        (TIMEOUT, Outcome.TIMED_OUT, None, "timeout: 5s", True),
        (REFUSED, Outcome.UNREACHABLE, None, "refused: [Errno 111]", True),
        (Answer(trouble=Trouble.CLOSED), Outcome.UNREACHABLE, None, "closed", True),
    ],
)
def test_how_an_attempt_ends(answer, outcome, status_code, detail, retried):
    plan = agenda(delivery(1, 0.0))
    [[exchange]] = plan.take(0.0)
    attempt = plan.ended(exchange, answer, sent_at=0.25)
    assert (attempt.outcome, attempt.status_code, attempt.detail) == (outcome, status_code, detail)
    assert attempt.sent_at == 0.25
    assert attempt.ended_at == 0.25 + answer.took
    assert attempt.next_due == (attempt.ended_at + 2.0 if retried else None)
    assert plan.next_due() == attempt.next_due


def test_retries_until_the_policy_runs_out():
    attempts = run(agenda(delivery(1, 1.0)), lambda _: BROKEN)
    assert [(a.number, a.due, a.next_due) for a in attempts] == [
        (1, 1.0, 3.0),
        (2, 3.0, 7.0),
        (3, 7.0, None),
    ]


def test_a_failing_delivery_holds_up_no_other():
    plan = agenda(*(delivery(n, float(n)) for n in range(1, 6)), delays=(100.0,))
    attempts = run(plan, lambda exchange: BROKEN if exchange.delivery.seq == 1 else OK)
    assert [(a.delivery, a.sent_at) for a in attempts] == [
        (1, 1.0),
        (2, 2.0),
        (3, 3.0),
        (4, 4.0),
        (5, 5.0),
        (1, 101.0),
    ]


@pytest.mark.parametrize(
    ("answer", "outcome", "status_code"),
    [
        (OK, Outcome.ACK_LOST, None),
        (BROKEN, Outcome.REJECTED, 500),
        (REDIRECT, Outcome.REDIRECTED, 302),
    ],
)
def test_only_an_acknowledgement_can_be_lost(answer, outcome, status_code):
    plan = agenda(delivery(1, 0.0), conduct=lambda *_: Conduct.LOSE_ACK)
    [[exchange]] = plan.take(0.0)
    attempt = plan.ended(exchange, answer, 0.0)
    assert (attempt.outcome, attempt.status_code) == (outcome, status_code)


def test_the_conductor_is_asked_about_every_attempt():
    asked = []

    def conduct(delivery, number, due):
        asked.append((delivery.seq, number, due))
        return Conduct.OUTAGE if number == 1 else Conduct.PLAIN

    conducts = [a.conduct for a in _exchanges(agenda(delivery(1, 0.5), conduct=conduct), BROKEN)]
    assert asked == [(1, 1, 0.5), (1, 2, 2.5), (1, 3, 6.5)]
    assert conducts == [Conduct.OUTAGE, Conduct.PLAIN, Conduct.PLAIN]


def _exchanges(plan, answer):
    seen = []

    def answering(exchange):
        seen.append(exchange)
        return answer

    run(plan, answering)
    return seen


def test_a_full_endpoint_holds_what_is_due_and_the_other_role_goes_on():
    plan = agenda(
        delivery(1, 0.0),
        delivery(2, 0.0),
        delivery(3, 0.0, Role.REPLY),
        limits={Role.STATUS: 1, Role.REPLY: 1},
    )
    first, reply = plan.take(0.0)
    assert seqs([first, reply]) == [(1,), (3,)]
    assert plan.take(1.0) == []
    assert plan.held == 1
    assert plan.next_due() is None, "what is held is due already: a driver must not spin on it"
    plan.ended(first[0], OK, 0.0)
    assert seqs(plan.take(1.0)) == [(2,)]


def test_a_burst_is_not_drawn_at_once():
    drawn = 0

    def burst():
        nonlocal drawn
        for drawn in range(1, 1_000_001):
            yield delivery(drawn, 0.0)

    plan = Agenda(burst(), dict.fromkeys(Role, from_schedule([])), limits={Role.STATUS: 2})
    first = plan.take(0.0)
    assert drawn < 20_000
    assert plan.take(0.0) == []
    assert plan.next_due() is None, "there is nothing to wait for but an answer"
    for [exchange] in first:
        plan.ended(exchange, OK, 0.0)
    assert seqs(plan.take(0.0)) == [(3,), (4,)]
    assert plan.close(interrupted=True).uncounted


def test_racing_copies_are_released_together_even_over_the_limit():
    copies = [delivery(n, 1.0, race=1) for n in (1, 2, 3)]
    plan = agenda(*copies, delivery(4, 1.0), limits={Role.STATUS: 2})
    [race] = plan.take(1.0)
    assert seqs([race]) == [(1, 2, 3)]
    for exchange in race:
        plan.ended(exchange, BROKEN, 1.0)
    assert seqs(plan.take(3.0))[:2] == [(4,), (1,)], "afterwards each retries on its own"


def test_a_delivery_can_be_added_and_comes_in_its_turn():
    plan = agenda(delivery(1, 1.0), delivery(2, 3.0))
    plan.add(delivery(3, 2.0))
    assert plan.next_due() == 1.0
    assert seqs(plan.take(5.0)) == [(1,), (3,), (2,)]
    assert plan.close().deliveries == 3


def test_what_is_due_later_can_be_left_for_another_time():
    plan = agenda(delivery(1, 1.0))
    assert plan.next_due(until=0.5) is None
    assert plan.next_due(until=1.0) == 1.0


def test_what_was_added_by_hand_races_too_each_role_by_itself():
    plan = agenda()
    for n, race, role in ((1, 7, "status"), (2, 7, "reply"), (3, 7, "status"), (4, None, "status")):
        plan.add(delivery(n, 1.0, Role(role), race=race))
    assert seqs(plan.take(1.0)) == [(1, 3), (2,), (4,)]


def test_a_race_over_both_endpoints_leaves_neither_waiting():
    """Each takes up a place at its own endpoint, so what failed there is tried again."""
    plan = agenda(
        delivery(1, 0.0),
        delivery(2, 1.0, race=2),
        delivery(3, 1.0, Role.REPLY, race=2),
        limits=dict.fromkeys(Role, 1),
    )
    attempts = run(plan, lambda exchange: BROKEN if exchange.number == 1 else OK)
    assert sorted(a.delivery for a in attempts if a.outcome == "acknowledged") == [1, 2, 3]
    assert plan.close().pending == 0


def test_two_races_are_two_groups():
    plan = agenda(*(delivery(n, 0.0, race=1 if n < 3 else 3) for n in (1, 2, 3, 4)))
    assert seqs(plan.take(0.0)) == [(1, 2), (3, 4)]


def test_the_last_line_counts_everything():
    answers = {1: OK, 2: REDIRECT, 3: BROKEN, 4: TIMEOUT}
    plan = agenda(
        *(delivery(n, 0.0) for n in answers), delivery(5, 9.0), delivery(6, 9.9), delays=()
    )
    for group in plan.take(0.0):
        for exchange in group:
            plan.ended(exchange, answers[exchange.delivery.seq], 0.0)
    assert plan.close(interrupted=True) == RunEnded(6, 4, 1, 1, 2, 2, interrupted=True)


def test_bodies_are_journalled_only_when_asked_for():
    with_body = agenda(delivery(1, 0.0), bodies=True)
    [[exchange]] = with_body.take(0.0)
    assert bytes(with_body.ended(exchange, OK, 0.0).body) == b"{}"


def test_an_answer_says_something():
    plan = agenda(delivery(1, 0.0))
    [[exchange]] = plan.take(0.0)
    with pytest.raises(ValueError, match="a status code or a trouble"):
        plan.ended(exchange, Answer(), 0.0)


dues = st.lists(st.floats(0, 100, allow_nan=False), max_size=30).map(sorted)
answers = st.sampled_from([OK, REDIRECT, BROKEN, TIMEOUT, REFUSED])


@given(dues, st.data(), st.integers(1, 4))
def test_every_delivery_ends_exactly_once(due_times, data, limit):
    plan = agenda(
        *(delivery(n, due) for n, due in enumerate(due_times, 1)), limits={Role.STATUS: limit}
    )
    attempts = run(plan, lambda _: data.draw(answers))
    last = {a.delivery: a for a in attempts}
    ended = plan.close()
    assert len(last) == len(due_times) == ended.deliveries
    assert all(a.next_due is None for a in last.values())
    assert ended.pending == 0
    assert ended.acknowledged + ended.redirected + ended.exhausted == ended.deliveries
    assert ended.attempts == len(attempts)
    for seq in last:
        numbers = [a.number for a in attempts if a.delivery == seq]
        assert numbers == list(range(1, len(numbers) + 1))


@given(dues, answers, st.integers(0, 2**32))
def test_the_same_seed_gives_the_same_attempts(due_times, answer, seed):
    def attempts():
        plan = Agenda(
            [delivery(n, due) for n, due in enumerate(due_times, 1)],
            dict.fromkeys(Role, from_schedule([1.0, 5.0], jitter=0.5)),
            seed=seed,
        )
        return run(plan, lambda _: answer)

    assert attempts() == attempts()


@given(dues)
def test_attempts_come_in_order_of_due_time(due_times):
    plan = agenda(*(delivery(n, due) for n, due in enumerate(due_times, 1)))
    sent = [a.due for a in run(plan, lambda e: BROKEN if e.delivery.seq % 3 == 0 else OK)]
    assert sent == sorted(sent)
