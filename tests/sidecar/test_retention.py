"""What is held, and for how long: never less than what is pending."""

from mockatell.core.sidecar.retention import Retention
from mockatell.core.sidecar.rows import DeliveryRow, MessageRow
from mockatell.model import Answer


def test_the_oldest_that_is_over_goes_first_and_what_is_pending_stays(make_played):
    played = make_played(retention=Retention(messages=2, deliveries=2), retry="central-status")
    played.answer = Answer(500)
    stuck = [played.message("27999999004") for _ in range(3)]
    played.play(60)
    played.answer = Answer(200)
    for _ in range(3):
        played.message("27999999004")
        played.play(1)
    states = [track.state for track in played.world.tracks]
    assert states.count("pending") == 3
    assert {talk.row.id for talk in played.world.talks} >= set(stuck)
    played.play(86400)
    assert (len(played.world.tracks), len(played.world.talks)) == (2, 2)


def test_what_is_over_goes_when_it_is_old_however_few_there_are(make_played):
    played = make_played(retention=Retention(age=3600))
    played.message()
    played.play(1800)
    played.message("27999999002")
    assert len(played.world.talks) == 2
    played.play(2700)
    assert [talk.row.user for talk in played.world.talks] == ["27999999002"]
    assert len(played.world.tracks) == 0
    played.play(3600)
    assert len(played.world.talks) == 0
    played.flush()
    assert {key[0] for key in played.shelf.rows} & {DeliveryRow, MessageRow} == set()


def test_a_message_that_is_sent_again_is_not_dropped_meanwhile(make_played):
    played = make_played(retention=Retention(messages=1, deliveries=9), retry="central-status")
    first = played.message("27999999004")
    played.play(10)
    played.answer = Answer(500)
    played.world.redeliver(1, played.now)
    played.play(1)
    played.answer = Answer(200)
    played.message("27999999004")
    played.play(10)
    assert played.world.talks.find(first) is not None
    played.play(86400)
    assert len(played.world.talks) == 1


def test_attempts_are_numbered_on_over_a_restart(make_played):
    played = make_played(retry="central-status")
    played.answer = Answer(500)
    played.message("27999999004")
    played.play(400)
    played.crash()
    played.play(86400 * 5)
    [track] = played.world.tracks
    assert [attempt.number for attempt in track.attempts] == list(range(1, 10))
    delays = [b.due - a.due for a, b in zip(track.attempts, track.attempts[1:], strict=False)]
    assert [round(each / 60) for each in delays] == [2, 4, 8, 16, 32, 64, 128, 4320]
