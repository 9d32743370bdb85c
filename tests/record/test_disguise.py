"""What stands for what: the same for the same, of the same shape, and never itself."""

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mockatell.core.recording.disguise import Disguise

KEYS = st.integers(0, 2**53 - 1)
LETTERS = st.characters(categories=["Lu", "Ll", "Lo", "Nd", "So"])


@given(st.text(), KEYS)
def test_a_text_keeps_its_length_and_what_is_no_letter(text, key):
    made = Disguise(key).text(text)
    assert len(made) == len(text)
    assert Disguise(key).text(text) == made
    for before, after in zip(text, made, strict=True):
        assert before.isspace() == after.isspace()
        assert before.isdigit() <= after.isdigit() or after == "x"


@given(st.text(LETTERS, min_size=1), KEYS)
def test_no_letter_stays(text, key):
    assume("x" not in text)
    made = Disguise(key).text(text)
    assert all(before != after for before, after in zip(text, made, strict=True))


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("Yes, please! 50 %", r"[B-Z][aiou][a-z], [a-z]{6}! \d\d %"),
        ("נתראה ב-10:30", r"[א-ת]{5} [א-ת]-\d\d:\d\d"),
        ("Où êtes-vous ?", r"[A-Z][à-ü] [à-ÿ][a-z]{3}-[a-z]{4} \?"),
        ("はい", "[ぁ-ん]{2}"),
        ("OK 👍", r"[AEIOU][B-Z] \S"),
        ("", ""),
    ],
)
def test_a_text_keeps_its_script(text, shape):
    assert re.fullmatch(shape, Disguise(3).text(text))


def test_another_key_says_something_else():
    texts = {Disguise(key).text("Yes please") for key in range(20)}
    assert len(texts) == 20


@given(st.lists(st.from_regex(r"\+?[0-9]{3,15}", fullmatch=True), max_size=30), KEYS)
def test_numbers_are_in_the_range_that_nobody_has_and_no_two_alike(numbers, key):
    disguise = Disguise(key)
    made = {number.lstrip("+"): disguise.number(number) for number in numbers}
    assert all(re.fullmatch("27999[0-8][0-9]{5}", each) for each in made.values())
    assert len(set(made.values())) == len(made)
    assert {n.lstrip("+"): disguise.number(n) for n in numbers} == made


def test_many_numbers_are_still_told_apart():
    disguise = Disguise(1)
    assert len({disguise.number(str(n)) for n in range(20_000)}) == 20_000
    businesses = {disguise.number(str(10**9 + n), business=True) for n in range(2_000)}
    assert len(businesses) == 2_000
    assert all(re.fullmatch("279999[0-9]{5}", each) for each in businesses)


def test_a_name_is_the_same_one_in_a_longer_name():
    disguise = Disguise(1)
    assert disguise.name("Ann Other").split() == [disguise.name("Ann"), disguise.name("Other")]


@pytest.mark.parametrize("name", ["holiday.jpeg", "a.b", "no-extension", ".hidden", "x.TOO_LONG_1"])
def test_a_file_keeps_its_extension(name):
    made = Disguise(1).file_name(name)
    assert len(made) == len(name)
    assert made != name
    assert made.endswith(".jpeg") == name.endswith(".jpeg")


def test_the_rest():
    disguise = Disguise(1)
    assert re.fullmatch(r"[0-9a-f]{8}@example\.com", disguise.email("ann@real.org"))
    assert re.fullmatch(r"https://www\.example\.com/[0-9a-f]{8}", disguise.url("https://real.org"))
    assert re.fullmatch(r"19\d\d-\d\d-\d\d", disguise.date("1980-01-31"))
    assert re.fullmatch(r"\d\d\.\d\d\.19\d\d", disguise.date("31.01.1980"))
    assert abs(float(disguise.degrees("51.5", 89))) <= 89


def test_words_that_stay_stay_whatever_their_case():
    disguise = Disguise(1, [" Stop "])
    assert (disguise.text("STOP"), disguise.text("stop\n")) == ("STOP", "stop\n")
    assert disguise.text("STOPP") != "STOPP"
