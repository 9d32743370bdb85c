import json

import pytest

from mockatell.core.render.plan import PLAN_FORMATS, json_lines, table, timeline
from mockatell.model import Callback, Cause, Delivery, Role

EPOCH_MS = 1_760_000_000_000


def planned(seq, due, status="DEVICE_ACK", *, message="6f1c2a3b4d5e6f70", **given):
    """A planned delivery; `happened` is when its event did, `kind` and `fields` may be given."""
    kind = given.pop("kind", "messageStatusUpdate")
    timestamp = EPOCH_MS + round(given.pop("happened", due) * 1000)
    event = {"channel": "whatsapp", "timestamp": timestamp, "messageId": message}
    if kind == "messageStatusUpdate":
        event["status"] = status
    body = json.dumps({"integrationId": "x", "event": {kind: [event]}}, separators=(",", ":"))
    role = Role.REPLY if kind.startswith("mo") else Role.STATUS
    callback = Callback(role, kind, message, body.encode())
    cause = given.pop("cause", Cause.ORIGINAL)
    return Delivery(seq, due, cause, callback, origin=seq, **given)


def drawn(deliveries, **how):
    """The rows of a picture without their labels, and the legend."""
    lines = list(timeline(deliveries, epoch_ms=EPOCH_MS, **how))
    end = lines.index("")
    return [line[24:] for line in lines[2:end]], lines[end + 1 :]


LIFE = [
    planned(1, 0.0, "SENT_TO_SUPPLIER"),
    planned(2, 2.0),
    planned(3, 4.0, "READ"),
    planned(4, 5.0, kind="statusIsTyping"),
    planned(5, 6.0, kind="moText"),
]


def test_a_line_of_json_is_the_contract_and_the_body_its_own_bytes():
    [line] = json_lines([LIFE[1]])
    body = LIFE[1].callback.body.decode()
    assert line == (
        '{"delivery":2,"due":2.0,"cause":"original","role":"status","kind":"messageStatusUpdate",'
        f'"message_id":"6f1c2a3b4d5e6f70","body":{body}}}'
    )


def test_the_table_has_a_line_per_delivery():
    head, *lines = table(LIFE)
    assert head.split() == ["#", "due", "cause", "role", "kind", "message", "status"]
    assert lines[0].split() == [
        *("1", "0s", "original", "status", "messageStatusUpdate", "6f1c2a3b4d5e6f70"),
        "SENT_TO_SUPPLIER",
    ]
    assert lines[4].split()[-2:] == ["moText", "6f1c2a3b4d5e6f70"]


@pytest.mark.parametrize("name", PLAN_FORMATS)
def test_every_format_is_lines_that_cannot_steer_a_terminal(name):
    hostile = planned(1, 0.0, message="\x1b[31m</script>\n")
    for line in PLAN_FORMATS[name]([hostile]):
        assert line.isprintable()


def test_a_life_is_a_row_with_a_mark_per_delivery():
    [row], legend = drawn(LIFE)
    assert "".join(row.split()) == "SDR…↩"
    assert legend == ["S sent  D delivered  R read  … typing  ↩ reply"]


def test_a_row_is_named_by_its_message_and_channel():
    first, second = LIFE[0], planned(2, 1.0, kind="moText", message="abc", conversation=1)
    lines = list(timeline([first, second]))
    assert [line[:24].strip() for line in lines[2:4]] == ["6f1c2a3b whatsapp", "abc      moText"]


def test_time_is_to_scale():
    [row], _ = drawn([planned(1, 0.0), planned(2, 5.0), planned(3, 10.0)])
    first, second, third = (at for at, cell in enumerate(row) if cell == "D")
    assert first == 0
    assert abs((third - second) - (second - first)) <= 1


@pytest.mark.parametrize(
    ("status", "signs"),
    [
        ("SENT_TO_SUPPLIER", "Ss"),
        ("RECIPIENT_DOES_NOT_EXIST", "✗×"),  # noqa: RUF001 -- the small cross is the duplicate's
        ("EXPIRED", "Xx"),
        ("NEVER_HEARD_OF", "?¿"),
    ],
)
def test_a_duplicate_has_a_mark_of_its_own(status, signs):
    copy = planned(2, 1.0, status, cause=Cause.DUPLICATE, copy=1)
    [row], legend = drawn([planned(1, 0.0, status), copy])
    assert "".join(row.split()) == signs
    assert legend[1] == f"{signs[1]} duplicates of these, made by a fault"


def test_a_moved_delivery_trails_from_when_it_happened():
    sent = planned(2, 8.0, "SENT_TO_SUPPLIER", happened=1.0)
    [row], legend = drawn([planned(1, 2.0), sent, planned(3, 10.0, "READ")])
    assert row.strip("┈ ").startswith("D┈")
    assert "┈→S" in row
    assert "┈→ moved by a fault from when it happened" in legend


def test_a_reply_carries_whole_seconds_and_is_not_moved_by_that():
    [row], _ = drawn([planned(1, 2.9, kind="moText", happened=2.0)])
    assert row.strip() == "↩"


def test_without_the_epoch_nothing_is_called_moved():
    lines = timeline([planned(1, 8.0, happened=1.0)])
    assert "→" not in "".join(lines)


def test_deliveries_in_one_column_stand_side_by_side_in_their_order():
    close = [planned(1, 5.0, "SENT_TO_SUPPLIER"), planned(2, 5.0), planned(3, 5.001, "READ")]
    [row], _ = drawn([*close, planned(4, 9.0)])
    assert "SDR" in row


@pytest.mark.parametrize(("many", "sign"), [(6, "2"), (12, "8"), (40, "+")])
def test_too_many_in_one_column_are_counted(many, sign):
    crowd = [planned(n, 5.0) for n in range(1, many + 1)]
    [row], legend = drawn([*crowd, planned(99, 9.0)])
    assert f"DDDD{sign}" in row
    assert legend[-1] == "2 to 9, +: so many deliveries close together"


def test_days_of_waiting_are_cut_out():
    lines = list(timeline([planned(1, 0.0), planned(2, 1.0), planned(3, 86_400.0)]))
    assert "//" in lines[1]
    assert "1d" in lines[0]
    assert "/ time without a delivery, cut out" in lines


@pytest.mark.parametrize("width", [10, 60, 79, 100, 233])
def test_it_fits_the_width(width):
    names = [
        *("QUEUED", "SCHEDULED", "SENT_TO_SUPPLIER", "DEVICE_ACK", "READ", "EXPIRED", "EMULATED"),
        *("DELIVERY_FAILURE", "NEVER_HEARD_OF"),
    ]
    crowd = [planned(n, n * 7.3 % 50, names[n % 9], conversation=n % 11) for n in range(1, 120)]
    lines = list(timeline(sorted(crowd, key=lambda d: d.due), width=width, rows=10))
    assert max(map(len, lines)) <= max(60, width)


def test_what_is_left_out_is_said():
    crowd = [planned(n, float(n), conversation=n // 2) for n in range(100)]
    lines = list(timeline(crowd, rows=10, width=200))
    assert len(lines) == 2 + 10 + 1 + 1 + 2
    assert lines[-1].startswith(
        "The first 10 messages are drawn; 40 messages with 80 deliveries are not."
    )


def test_an_empty_plan_says_so():
    assert list(timeline([])) == ["The plan is empty: nothing would be sent."]
