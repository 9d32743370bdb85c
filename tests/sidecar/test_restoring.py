"""What a restart must not change, seen in what happens after it."""

import json

import pytest

from mockatell.core.scenario.load import parse_keys
from mockatell.core.sidecar.rows import PersonRow, RunRow
from mockatell.core.sidecar.views import EventRequest
from mockatell.model import Answer, Trouble

DOWN = Answer(trouble=Trouble.REFUSED)


def written(played, user, content="hello"):
    event = EventRequest(kind="moText", fields={"from": user, "content": content})
    played.world.emit(event, played.now)
    played.play(1)
    played.flush()


def known(played):
    return {key[1] for key in played.shelf.rows if key[0] is PersonRow}


def test_an_outage_goes_on_counting_from_when_it_was_switched_on(played):
    told = [{"outage": {"at": "0s", "for": "1h"}}]
    played.play(1800)
    specs = parse_keys({"faults": told}, name="faults").faults
    played.world.set_faults(specs, told, played.now)
    played.flush()
    played.play(2400)
    played.crash()
    played.message("27999999004")
    played.play(60)
    assert played.states() == ["pending"], "counted from time 0, it would be over"


def test_a_policy_s_end_counts_from_the_first_attempt(make_played):
    retry = {"exponential": {"first": "10s", "factor": 1, "max": "10s"}, "horizon": "35s"}

    def delays(crashing):
        played = make_played(keys={"retry": retry}, retry=None)
        played.answer = DOWN
        played.message("27999999004")
        for _ in range(6):
            played.play(10)
            if crashing:
                played.crash()
        [track] = played.world.tracks
        assert track.state == "exhausted"
        return [attempt.due for attempt in track.attempts]

    assert len(delays(crashing=False)) > 2
    assert delays(crashing=True) == delays(crashing=False)


def test_a_copy_that_is_drawn_after_a_restart_names_its_original(played):
    scenario = {
        "messages": [{"channel": "sms", "lifecycle": "sent"}],
        "faults": [{"duplicate": {"within": "60s"}}],
    }
    row = RunRow("r1", 1, "run", json.dumps(scenario), (), False, 3, 0.0)
    played.world.start(played._run(row, None, played.world))
    played.flush()
    assert len(played.world.tracks) == 1, "the copy is to be drawn later"
    played.crash()
    played.play(120)
    original, copy = reversed(list(played.world.tracks))
    assert (original.row.twin, copy.row.twin) == (None, original.row.seq)


@pytest.mark.parametrize("others", [0, 2, 5])
def test_who_opted_out_long_ago_is_known_as_long_as_before_a_restart(make_played, others):
    played = make_played(keep_messages=3)
    written(played, "27000000001", "STOP")
    for number in range(others):
        written(played, f"2700000010{number}")
    assert played.world.standin.opted_out("27000000001")
    played.crash()
    assert played.world.standin.opted_out("27000000001")
    for number in range(3):
        written(played, f"2700000020{number}", "STOP")
    assert not played.world.standin.opted_out("27000000001")
    assert known(played) == {f"2700000020{number}" for number in range(3)}


def test_who_opted_out_and_writes_on_is_not_the_first_to_be_forgotten(make_played):
    played = make_played(keep_messages=2)
    for user, content in (("271", "STOP"), ("272", "STOP"), ("271", "hi"), ("273", "STOP")):
        written(played, user, content)
    for _ in range(2):
        assert [played.world.standin.opted_out(f"27{n}") for n in (1, 2, 3)] == [True, False, True]
        played.crash()
