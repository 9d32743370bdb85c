import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockatell.clickatell.sms import parts, udh
from mockatell.errors import InputError


@pytest.mark.parametrize(
    ("text", "lengths"),
    [
        ("", [0]),
        ("a" * 160, [160]),
        ("a" * 161, [153, 8]),
        ("a" * 306, [153, 153]),
        ("a" * 307, [153, 153, 1]),
        ("€" * 80, [80]),
        ("€" * 81, [76, 5]),
        ("a" * 152 + "€" + "a" * 10, [152, 11]),
        ("ж" * 70, [70]),
        ("ж" * 71, [67, 4]),
        ("😀" * 35, [35]),
        ("😀" * 36, [33, 3]),
        ("a" * 150 + "ж", [67, 67, 17]),
    ],
)
def test_how_much_fits(text, lengths):
    assert [len(part.content) for part in parts(text, 1)] == lengths


def test_parts_tell_how_they_belong_together():
    assert [part.udh for part in parts("a" * 400, 0xAB)] == [
        "050003AB0301",
        "050003AB0302",
        "050003AB0303",
    ]
    assert [part.udh for part in parts("a", 0xAB)] == [""]
    assert udh(0, 2, 1) == "050003000201"


@settings(deadline=None)
@given(st.text(st.sampled_from("aZ€[ж😀\n"), max_size=600), st.integers(0, 255))
def test_no_character_is_lost_or_cut(text, reference):
    cut = parts(text, reference)
    assert "".join(part.content for part in cut) == text
    assert len({part.udh[:10] for part in cut}) == 1
    assert all(part.content for part in cut) or not text


def test_the_longest():
    assert len(parts("a" * 153 * 255, 1)) == 255
    with pytest.raises(InputError, match="at most 255 parts, this text needs 256"):
        parts("a" * (153 * 255 + 1), 1)
