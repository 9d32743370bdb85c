"""What holds of a sidecar whatever happens: nothing is lost, and nothing hangs on chance."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockatell.clickatell.reading import said
from mockatell.core.scenario.load import parse_keys
from mockatell.core.sidecar.retention import Retention
from mockatell.core.sidecar.rows import RunRow
from mockatell.core.sidecar.views import EventRequest
from mockatell.model import Answer, Trouble

LONG = 86400 * 5
DOWN = Answer(trouble=Trouble.REFUSED)
NUMBERS = ["27999000001", *(f"27999999{last}" for last in ("002", "004", "023", "701", "702"))]
SCENARIO = json.dumps(
    {"messages": [{"count": 6, "over": "20s", "lifecycle": "replied", "channel": "whatsapp"}]}
)
FAULTS = [
    {"duplicate": {"probability": 0.5}},
    {"reorder": {"probability": 0.5}},
    {"lose_ack": {"probability": 0.5}},
    {"race": {"probability": 0.5}},
    {"outage": {"at": "0s", "for": "30s"}},
    {"delay": {"by": "1s..9s"}},
]
STEPS = st.one_of(
    st.tuples(st.just("send"), st.sampled_from(NUMBERS)),
    st.tuples(st.just("play"), st.sampled_from([0.01, 0.2, 3.0, 400.0])),
    st.tuples(st.just("play_unkept"), st.sampled_from([0.2, 3.0])),
    st.tuples(st.just("die_before_the_answer"), st.just(None)),
    st.tuples(st.just("endpoint"), st.sampled_from([Answer(200), Answer(500), DOWN])),
    st.tuples(st.just("trouble"), st.sampled_from(FAULTS)),
    st.tuples(st.just("emit"), st.sampled_from(["moText", "messageStatusUpdate"])),
    st.tuples(st.just("start"), st.just(None)),
    st.tuples(st.just("crash"), st.just(None)),
)


class Story:
    """Takes steps, and remembers what the app was promised."""

    def __init__(self, played):
        self.played = played
        self.accepted = []
        self.runs = 0

    def take(self, step, what):
        getattr(self, step)(what)

    def send(self, to):
        self.accepted += filter(None, self.played.send({"to": to, "content": "hi"}))

    def play(self, seconds):
        self.played.play(seconds)

    def play_unkept(self, seconds):
        self.played.play(seconds, flush=False)

    def die_before_the_answer(self, _):
        groups = self.played.world.take(self.played.now)
        self.played.received += [each.callback for group in groups for each in group]
        self.played.crash()

    def endpoint(self, answer):
        self.played.answer = answer

    def trouble(self, fault):
        specs = parse_keys({"faults": [fault]}, name="faults").faults
        self.played.world.set_faults(specs, [fault], self.played.now)
        self.played.flush()

    def emit(self, kind):
        self.played.world.emit(EventRequest(kind=kind), self.played.now)
        self.played.flush()

    def crash(self, _):
        self.played.crash()

    def start(self, _):
        played = self.played
        self.runs += 1
        name = f"r{self.runs}"
        row = RunRow(name, self.runs, "run", SCENARIO, (), False, self.runs, played.now)
        played.world.start(played._run(row, None, played.world))
        played.flush()


def told_of(played):
    """Each status of each message that the endpoint was sent."""
    found = [said(callback.body) for callback in played.received]
    return {(each.message_id, each.status) for each in found}


@settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=st.lists(STEPS, max_size=25))
def test_whatever_crashes_nothing_that_was_accepted_is_lost(make_played, steps):
    story = Story(make_played(retry="central-status", window="off"))
    for step, what in steps:
        story.take(step, what)
    played = story.played
    played.answer = Answer(200)
    played.play(LONG)
    played.crash()
    played.play(LONG)
    world = played.world
    assert not world.tracks.pending
    assert all(track.over for track in world.tracks)
    for message_id in story.accepted:
        talk = world.talks.find(message_id)
        assert talk is not None
        assert world.talks.settled(talk)
        expected = {(message_id, each.status) for each in talk.row.happenings if each.status}
        assert expected <= told_of(played)
    assert all(run.tallies.deliveries == 30 for run in world.runs.values())
    assert len(world.runs) == story.runs


@settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=st.lists(STEPS, max_size=20), seed=st.integers(0, 2**31))
def test_the_same_seed_and_the_same_calls_give_the_same_bytes(make_played, steps, seed):
    def play():
        story = Story(make_played(seed))
        for step, what in steps:
            story.take(step, what)
        story.played.play(LONG)
        return story.accepted, story.played.received, story.played.shelf.rows

    assert play() == play()


@settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=st.lists(STEPS, max_size=30))
def test_what_is_held_is_what_is_kept_and_no_more_than_was_asked_for(make_played, steps):
    story = Story(make_played(retention=Retention(messages=3, deliveries=5)))
    for step, what in steps:
        story.take(step, what)
    played = story.played
    played.answer = Answer(200)
    played.play(LONG)
    played.flush()
    world = played.world
    assert len(world.talks) <= 3
    assert len(world.tracks) <= 5
    kept = {key[:2] for key in played.shelf.rows}
    held = {track.row.seq for track in world.tracks}
    assert {key for sort, key in kept if sort.__name__ == "DeliveryRow"} == held
    assert {key for sort, key in kept if sort.__name__ == "AttemptRow"} == held


@settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=st.lists(STEPS, max_size=20))
def test_what_is_acknowledged_is_counted_as_a_look_at_all_of_it_would_have_it(make_played, steps):
    story = Story(make_played(retry="none"))
    for step, what in steps:
        story.take(step, what)
        world = story.played.world
        assert world.acknowledged() == all_acknowledged(world, None)
        assert all(world.acknowledged(run) == all_acknowledged(world, run) for run in world.runs)


def all_acknowledged(world, run):
    tracks = list(world.scope(run))
    families = {track.family for track in tracks if track.state == "acknowledged"}
    return families >= {track.family for track in tracks}


def test_a_restart_changes_nothing_that_can_be_seen(make_played):
    played = make_played(retry="central-status", window="off")
    played.message("27999999702")
    played.message(channel="whatsapp", clientMessageId="mine")
    played.play(1)
    played.answer = DOWN
    played.message()
    played.play(100)
    before = picture(played.world)
    played.crash()
    assert picture(played.world) == before


def picture(world):
    return (
        [(t.row, t.attempts, t.state, t.next_due) for t in world.tracks],
        [(t.row, t.status, t.happened) for t in world.talks],
        vars(world.tallies),
        world.fold.totals(),
        world.next_due(),
        world.counters.changed(),
    )


@pytest.mark.parametrize("when", [0.0, 1.0, 30.0, 3600.0])
def test_an_endpoint_that_is_back_is_told_of_everything(make_played, when):
    played = make_played(retry="central-status")
    played.answer = DOWN
    ids = [played.message() for _ in range(20)]
    played.play(when)
    played.crash()
    played.received.clear()
    played.answer = Answer(200)
    played.play(LONG)
    assert {each for each, _ in told_of(played)} == set(ids)
    assert set(played.states()) == {"acknowledged"}
