import pytest

from mockatell.clickatell.quirks import Quirks
from mockatell.clickatell.statuses import CHANNELS, LEGACY, STATUSES, find, names

DOCUMENTED = {
    1: "UNKNOWN", 2: "QUEUED", 3: "SCHEDULED", 4: "SENT_TO_SUPPLIER", 5: "DEVICE_ACK", 6: "READ",
    20: "EXPIRED", 21: "STOPPED_BY_USER", 22: "STOPPED_BY_ADMIN", 23: "DELIVERY_FAILURE",
    24: "EMULATED", 25: "INSUFFICIENT_ACCOUNT_BALANCE", 26: "VOLUME_LIMIT",
    27: "VOLUME_LIMIT_DAILY", 28: "VOLUME_LIMIT_MONTHLY", 29: "RECIPIENT_DOES_NOT_EXIST",
    60: "ENCRYPTION_ACCESS_DENIED", 61: "ENCRYPTION_CONTENT_ERROR", 80: "MEDIA_NOT_FOUND",
    81: "MEDIA_SIZE_ERROR", 82: "MEDIA_CHECKSUM_FAILURE", 83: "MEDIA_REJECTED_BY_SUPPLIER",
    84: "MEDIA_METADATA_ERROR", 85: "MEDIA_ACCESS_ERROR", 100: "ROUTING_ERROR",
    130: "WHATSAPP_ACCOUNT_PAYMENT_ISSUE", 131: "WHATSAPP_RE_ENGAGEMENT_REQUIRED",
    132: "WHATSAPP_SPAM_RATE_LIMIT_REACHED", 133: "WHATSAPP_SERVER_RATE_LIMIT",
    134: "WHATSAPP_HSM_NOT_AVAILABLE", 139: "WHATSAPP_EXPERIMENTAL_NUMBER",
    140: "WHATSAPP_TEMPLATE_TEXT_TOO_LONG", 141: "WHATSAPP_TEMPLATE_FORMAT_MISMATCH",
}  # fmt: skip


def test_the_documented_numbers_are_the_vendors():
    documented = {row.code: row.name for row in STATUSES if row.basis == "documented"}
    assert documented == DOCUMENTED


def test_names_and_numbers_are_unique_and_in_order():
    codes = [row.code for row in STATUSES if row.code is not None]
    assert codes == sorted(set(codes))
    assert len(set(names())) == len(names()) == len(STATUSES)


def test_a_number_is_there_unless_unknown():
    for row in STATUSES:
        assert (row.code is None) == (row.basis == "unknown")
        assert row.meaning
        assert row.channels
        assert set(row.final) <= set(row.channels) <= set(CHANNELS)


@pytest.mark.parametrize(
    ("name", "final", "failing"),
    [
        ("UNKNOWN", (), False),
        ("SENT_TO_SUPPLIER", (), False),
        ("DEVICE_ACK", ("sms",), False),
        ("READ", ("whatsapp",), False),
        ("EMULATED", ("sms", "whatsapp"), False),
        ("EXPIRED", ("sms", "whatsapp"), True),
        ("ROUTING_ERROR", ("sms",), True),
        ("WHATSAPP_RE_ENGAGEMENT_REQUIRED", ("whatsapp",), True),
    ],
)
def test_which_are_final(name, final, failing):
    row = find(name)
    assert (row.final, row.failing) == (final, failing)


@pytest.mark.parametrize(
    ("asked", "codes", "found"),
    [
        ("READ", {}, ("READ", 6)),
        (6, {}, ("READ", 6)),
        ("READ", {"READ": 60}, ("READ", 60)),
        (60, {"READ": 60}, ("READ", 60)),
        (6, {"READ": 60}, None),
        (60, {"READ": 60, "ENCRYPTION_ACCESS_DENIED": 61}, ("READ", 60)),
        ("ANONYMOUS_USER_ID_INVALID", {}, ("ANONYMOUS_USER_ID_INVALID", None)),
        (990, {"ANONYMOUS_USER_ID_INVALID": 990}, ("ANONYMOUS_USER_ID_INVALID", 990)),
        ("PLAYED", {"PLAYED": 7}, ("PLAYED", 7)),
        (7, {"PLAYED": 7}, ("PLAYED", 7)),
        ("PLAYED", {}, None),
        ("read", {}, None),
        (0, {}, None),
        (7, {}, None),
    ],
)
def test_find(asked, codes, found):
    row = find(asked, Quirks(status_codes=codes))
    assert (row and (row.name, row.code)) == found
    if row and row.name in codes:
        assert row.basis == "setting"


def test_every_row_is_found_by_name_and_number():
    for row in STATUSES:
        assert find(row.name) == row
        assert row.code is None or find(row.code) == row


def test_the_older_apis_numbers_mean_something_else():
    assert LEGACY[4] == "received by recipient"
    assert find(4).name == "SENT_TO_SUPPLIER"
    assert LEGACY[5] == "error with message"
    assert find(5).name == "DEVICE_ACK"
