import pytest

from mockatell.clickatell.lifecycles import lifecycle, names
from mockatell.clickatell.replies import MAKERS
from mockatell.clickatell.statuses import CHANNELS, STATUSES, find
from mockatell.errors import InputError


def told(name, channel):
    """A lifecycle in words: kinds, status names, and where it leaves the message's channel."""
    return [
        " ".join(filter(None, (stage.what, stage.name, stage.channel)))
        for stage in lifecycle(name, channel)
    ]


@pytest.mark.parametrize(
    ("name", "channel", "stages"),
    [
        ("sent", "sms", ["status SENT_TO_SUPPLIER"]),
        ("queued", "sms", ["status QUEUED", "status SENT_TO_SUPPLIER", "status DEVICE_ACK"]),
        ("delivered", "sms", ["status SENT_TO_SUPPLIER", "status DEVICE_ACK"]),
        ("read", "whatsapp", ["status SENT_TO_SUPPLIER", "status DEVICE_ACK", "status READ"]),
        ("failed", "sms", ["status SENT_TO_SUPPLIER", "status DELIVERY_FAILURE"]),
        ("expired", "sms", ["status SENT_TO_SUPPLIER", "status EXPIRED"]),
        ("emulated", "whatsapp", ["status EMULATED"]),
        ("ROUTING_ERROR", "sms", ["status ROUTING_ERROR"]),
        (
            "WHATSAPP_RE_ENGAGEMENT_REQUIRED",
            "whatsapp",
            ["status SENT_TO_SUPPLIER", "status WHATSAPP_RE_ENGAGEMENT_REQUIRED"],
        ),
        (
            "scheduled",
            "sms",
            ["status SCHEDULED", "status QUEUED", "status SENT_TO_SUPPLIER", "status DEVICE_ACK"],
        ),
        (
            "fallback",
            "whatsapp",
            [
                "status SENT_TO_SUPPLIER",
                "fallback",
                "status SENT_TO_SUPPLIER sms",
                "status DEVICE_ACK sms",
            ],
        ),
        (
            "replied",
            "whatsapp",
            [
                "status SENT_TO_SUPPLIER",
                "status DEVICE_ACK",
                "status READ",
                "typing",
                "reply moText",
            ],
        ),
    ],
)
def test_lifecycles(name, channel, stages):
    assert told(name, channel) == stages


@pytest.mark.parametrize("channel", CHANNELS)
def test_every_failing_status_of_a_channel_has_a_lifecycle_that_ends_in_it(channel):
    failing = [row.name for row in STATUSES if row.failing and channel in row.channels]
    assert len(failing) > 10
    for name in failing:
        assert lifecycle(name, channel)[-1].name == name


@pytest.mark.parametrize("channel", CHANNELS)
def test_every_lifecycle_can_be_lived(channel):
    for name in names(channel):
        for stage in lifecycle(name, channel):
            assert 0 <= stage.low <= stage.high <= 60
            if stage.what == "status":
                assert (stage.channel or channel) in find(stage.name).channels
            elif stage.what == "reply":
                assert stage.name in MAKERS


@pytest.mark.parametrize("channel", CHANNELS)
def test_nothing_follows_a_final_status(channel):
    for name in names(channel):
        own = [stage for stage in lifecycle(name, channel) if not stage.channel]
        *before, _ = [stage.name for stage in own if stage.what == "status"]
        assert all(channel not in find(status).final for status in before)


@pytest.mark.parametrize(
    ("name", "channel", "message"),
    [
        (
            "raed",
            "whatsapp",
            r"no lifecycle 'raed' on channel 'whatsapp' \(did you mean 'read'\?\)",
        ),
        ("read", "sms", "no lifecycle 'read' on channel 'sms'"),
        ("fallback", "sms", "no lifecycle 'fallback'"),
        ("ROUTING_EROR", "sms", "did you mean 'ROUTING_ERROR'"),
        ("ROUTING_ERROR", "whatsapp", "no lifecycle 'ROUTING_ERROR'"),
        ("delivered", "rcs", "no lifecycle 'delivered' on channel 'rcs'$"),
    ],
)
def test_a_lifecycle_that_does_not_exist(name, channel, message):
    assert name not in names(channel)
    with pytest.raises(InputError, match=message):
        lifecycle(name, channel)
