"""The world, pure: what comes of a request, and of time and answers."""

import json

import pytest

from mockatell.clickatell.reading import said
from mockatell.clickatell.standin import ApiRequest
from mockatell.core.scenario.load import parse_keys
from mockatell.core.sidecar.views import EventRequest
from mockatell.errors import ConflictError, InputError, UnknownError
from mockatell.model import Answer, Cause, Role, Trouble

DOWN = Answer(trouble=Trouble.REFUSED)
LIVES = [
    ("27999000001", "sms", ["SENT_TO_SUPPLIER", "DEVICE_ACK"]),
    ("27999000001", "whatsapp", ["SENT_TO_SUPPLIER", "DEVICE_ACK", "READ"]),
    ("27999999002", "sms", []),
    ("27999999004", "sms", ["SENT_TO_SUPPLIER"]),
    ("27999999020", "sms", ["SENT_TO_SUPPLIER", "EXPIRED"]),
    ("27999999003", "sms", ["SCHEDULED", "QUEUED", "SENT_TO_SUPPLIER", "DEVICE_ACK"]),
    ("27999999701", "sms", ["SENT_TO_SUPPLIER", "DEVICE_ACK", None]),
]


@pytest.mark.parametrize(("to", "channel", "statuses"), LIVES)
def test_a_message_lives_its_destiny(played, to, channel, statuses):
    message_id = played.message(to, channel=channel, clientMessageId="mine")
    played.play(3600)
    told = [said(callback.body) for callback in played.received]
    assert [each.status for each in told] == statuses
    assert {each.message_id for each in told if each.status} <= {message_id}
    assert {each.client_message_id for each in told} <= {"mine"}
    assert played.world.talks.settled(played.world.talks.find(message_id))
    assert not played.world.busy()


def test_without_an_id_of_its_own_statuses_carry_null(played):
    played.message()
    played.play(60)
    events = [
        json.loads(callback.body)["event"]["messageStatusUpdate"] for callback in played.received
    ]
    assert [each[0]["clientMessageId"] for each in events] == [None, None]


def test_a_status_is_known_when_it_happens_and_not_before(played):
    message_id = played.message()
    talk = played.world.talks.find(message_id)
    seen = [talk.status]
    for happening in talk.row.happenings:
        played.play(happening.at - played.now)
        seen.append(talk.status)
    assert seen == [None, "SENT_TO_SUPPLIER", "DEVICE_ACK"]


def test_events_carry_the_time_at_which_they_happen_and_come_then(played):
    played.message()
    due = [track.row.due for track in reversed(list(played.world.tracks))]
    played.play(60)
    stamps = [
        json.loads(c.body)["event"]["messageStatusUpdate"][0]["timestamp"] for c in played.received
    ]
    assert stamps == [played.world.at_ms(at) for at in due]
    assert [each.attempts[0].sent_at for each in reversed(list(played.world.tracks))] == due


def test_stop_opts_out_when_it_is_written_and_start_in_again(played):
    to = "27999999702"
    played.message(to)
    assert played.message(to)
    played.play(60)
    assert played.send({"to": to, "content": "hi"}) == [None]
    played.world.emit(
        EventRequest(kind="moText", fields={"from": to, "content": "start"}), played.now
    )
    assert played.message(to)


def test_what_a_user_writes_is_a_message_that_the_app_receives(played):
    played.message("27999999701")
    assert len(played.world.talks) == 1
    played.play(60)
    received, sent = played.world.talks
    assert (received.row.direction, received.row.content) == ("received", "YES")
    assert received.row.user == sent.row.user
    assert played.world.talks.settled(received)


def test_a_role_without_an_endpoint_is_sent_nothing_but_life_goes_on(make_played):
    played = make_played(roles=frozenset({Role.STATUS}))
    played.message("27999999702")
    played.play(60)
    assert {callback.role for callback in played.received} == {Role.STATUS}
    assert played.send({"to": "27999999702", "content": "hi"}) == [None]
    with pytest.raises(ConflictError, match="no reply endpoint"):
        played.world.emit(EventRequest(kind="moText"), played.now)


def test_a_failing_delivery_is_retried_by_its_policy_and_then_exhausted(make_played):
    played = make_played(keys={"retry": {"schedule": ["2s", "4s"]}}, retry=None)
    played.answer = DOWN
    played.message("27999999004")
    played.play(60)
    [track] = played.world.tracks
    first, second, third = [attempt.due for attempt in track.attempts]
    assert (second - first, third - second) == pytest.approx((2, 4))
    assert played.states() == ["exhausted"]
    assert not played.world.acknowledged()


@pytest.mark.parametrize(
    ("answer", "state"),
    [(Answer(200), "acknowledged"), (Answer(302), "redirected"), (DOWN, "pending")],
)
def test_a_delivery_stands_as_its_last_answer_says(played, answer, state):
    played.message("27999999004")
    assert played.states() == ["pending"]
    played.answer = answer
    played.play(60)
    assert played.states() == [state]


def test_duplicates_are_copies_of_a_delivery_that_they_name(played):
    faults = parse_keys({"faults": [{"duplicate": {}}]}, name="faults").faults
    played.world.set_faults(faults, [{"duplicate": {}}], 0.0)
    played.message("27999999004")
    played.play(60)
    assert played.received[0] == played.received[1]
    original, copy = reversed(list(played.world.tracks))
    assert (original.row.twin, copy.row.twin) == (None, original.row.seq)
    assert copy.row.cause is Cause.DUPLICATE


def test_faults_hold_for_exchanges_at_once_and_an_outage_counts_from_then(played):
    played.message()
    played.play(0.01)
    faults = parse_keys({"faults": [{"outage": {"at": "0s", "for": "1h"}}]}, name="faults").faults
    played.world.set_faults(faults, [], played.now)
    played.play(1800)
    assert {a.detail for t in played.world.tracks for a in t.attempts} == {
        "outage: nothing was sent (fault)"
    }
    played.play(86400 * 4)
    assert set(played.states()) == {"acknowledged"}


def test_a_redelivery_is_the_same_bytes_once_more(played):
    played.message("27999999004")
    played.play(60)
    again = played.world.redeliver(1, played.now)
    played.play(1)
    assert played.received[0] == played.received[1]
    assert (again.row.cause, again.row.twin, again.state) == (Cause.REDELIVERY, 1, "acknowledged")


def test_a_redelivery_makes_good_what_was_given_up(make_played):
    played = make_played(retry="none")
    played.answer = DOWN
    message_id = played.message("27999999004")
    played.play(60)
    assert not played.world.acknowledged(None, message_id)
    played.answer = Answer(200)
    played.world.redeliver(1, played.now)
    played.play(1)
    assert played.world.acknowledged(None, message_id)


def test_an_event_about_a_known_message_is_filled_in_from_it(played):
    message_id = played.message("27999999002", channel="whatsapp", clientMessageId="mine")
    for kind, fields in (
        ("messageStatusUpdate", {"status": "READ"}),
        ("moText", {"content": "yes"}),
    ):
        played.world.emit(EventRequest(kind=kind, fields=fields, message_id=message_id), played.now)
    played.play(1)
    status, reply = (json.loads(callback.body)["event"] for callback in played.received)
    [status] = status["messageStatusUpdate"]
    [reply] = reply["moText"]
    assert (status["messageId"], status["clientMessageId"]) == (message_id, "mine")
    assert (reply["relatedMessageId"], reply["from"]) == (message_id, "27999999002")
    assert status["channel"] == reply["channel"] == "whatsapp"
    assert played.world.talks.find(message_id).status == "READ"


@pytest.mark.parametrize(
    "event",
    [
        EventRequest(kind="moSomething"),
        EventRequest(kind="moText", fields={"colour": "red"}),
        EventRequest(kind="moText", fields={"content": ["a"]}),
        EventRequest(kind="messageStatusUpdate", fields={"status": "GONE"}),
        EventRequest(kind="messageStatusUpdate", fields={"status": [5]}),
        EventRequest(kind="moLocation", fields={"latitude": "north"}, channel="mms"),
        EventRequest(kind="moText", fields={"content": "\ud800"}),
    ],
)
def test_an_event_that_cannot_be_is_refused_and_changes_nothing(played, event):
    with pytest.raises(InputError):
        played.world.emit(event, played.now)
    assert len(played.world.tracks) == len(played.world.talks) == 0


def test_what_looks_like_a_variable_in_an_event_stays_text(played):
    fields = {"content": "${HOME} costs $5"}
    played.world.emit(EventRequest(kind="moText", fields=fields), played.now)
    played.play(1)
    assert said(played.received[0].body).content == "${HOME} costs $5"


@pytest.mark.parametrize("scope", [("r9", None), (None, "nobody")])
def test_nothing_is_known_of_what_never_was(played, scope):
    with pytest.raises(UnknownError):
        played.world.scope(*scope)
    with pytest.raises(UnknownError):
        played.world.redeliver(99, played.now)


def test_one_message_s_pending_delivery_says_nothing_of_another_s(played):
    stuck = played.message("27999999004")
    played.answer = DOWN
    played.play(60)
    played.answer = Answer(200)
    done = played.message("27999999004")
    played.play(60)
    assert (played.world.busy(None, stuck), played.world.busy(None, done)) == (True, False)
    assert (played.world.pending(None, stuck), played.world.pending()) == (1, 1)


def test_a_file_that_was_uploaded_outlives_a_restart_and_the_oldest_goes(make_played):
    played = make_played(keep_media=10)
    from mockatell.clickatell.standin import ApiRequest

    def call(method, path, query="", body=b""):
        request = ApiRequest(method, path, query, (("Authorization", "k"),), body)
        return played.world.handle(request, played.now)

    ids = []
    for content in (b"123456", b"abcdef"):
        response = call("POST", "/v1/media", "fileName=a.png&broadcastAllowed=true", content)
        ids.append(json.loads(response.body)["fileId"])
    played.flush()
    played.crash()
    assert [call("GET", f"/v1/media/{file_id}").status for file_id in ids] == [404, 200]


def test_while_too_much_is_pending_nothing_is_sent_by_hand(make_played):
    played = make_played(most_pending=2)
    played.message("27999999004")
    played.play(60)
    played.answer = DOWN
    played.message()
    with pytest.raises(InputError, match="2 deliveries are pending, and no more are taken"):
        played.world.emit(EventRequest(kind="moText"), played.now)
    with pytest.raises(InputError, match="no more are taken"):
        played.world.redeliver(1, played.now)
    played.answer = Answer(204)
    played.play(86_400)
    assert played.world.redeliver(1, played.now)


def test_while_too_much_is_pending_messages_are_refused_as_over_the_rate(make_played):
    played = make_played(most_pending=4)
    played.answer = DOWN
    played.message(), played.message()
    body = json.dumps({"messages": [{"to": "27999000001", "content": "hi"}]}).encode()
    request = ApiRequest("POST", "/v1/message", "", (("Authorization", "k"),), body)
    refused = played.world.handle(request, played.now)
    assert refused.status == 400
    assert json.loads(refused.body)["error"]["code"] == 43
    balance = ApiRequest("GET", "/v1/balance", "", (("Authorization", "k"),), b"")
    assert played.world.handle(balance, played.now).status == 200
    played.answer = Answer(204)
    played.play(86_400)
    assert not played.world.tracks.pending
    assert played.message()
