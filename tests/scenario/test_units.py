"""Amounts with units: what they stand for, and how they are written for people."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockatell.core.scenario.units import (
    MAX_SECONDS,
    Probability,
    Rate,
    Seconds,
    Span,
    UnitError,
    format_seconds,
    format_share,
    parse_probability,
    parse_rate,
    parse_seconds,
    parse_span,
)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0s", 0.0),
        ("200ms", 0.2),
        ("5s", 5.0),
        ("1.5s", 1.5),
        ("2m", 120.0),
        ("1h", 3600.0),
        ("3d", 259_200.0),
        ("1m30s", 90.0),
        ("2h 8m", 7680.0),
        ("1d2h3m4s5ms", 93_784.005),
        ("366d", MAX_SECONDS),
    ],
)
def test_durations(text, seconds):
    parsed = parse_seconds(text)
    assert type(parsed) is Seconds
    assert parsed == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("5", "'5' has no unit (write 5s)"),
        (".5", "'.5' has no unit (write .5s)"),
        ("5 s", "'5 s' has a blank before its unit (write 5s)"),
        ("5 Sec", "'5 Sec' has a unit that is not known (write 5s)"),
        ("10 millis", "'10 millis' has a unit that is not known (write 10ms)"),
        ("5 days", "'5 days' has a unit that is not known (write 5d)"),
        ("-1s", "'-1s' is negative (a duration is 0s or more)"),
        ("367d", "'367d' is too long (366d is the most)"),
        ("9" * 400 + "d", f"'{'9' * 400}d' is too long (366d is the most)"),
    ],
)
def test_what_is_no_duration(text, error):
    with pytest.raises(UnitError) as caught:
        parse_seconds(text)
    assert str(caught.value) == error


@pytest.mark.parametrize(
    "text",
    [
        "",
        "s",
        "5w",
        "1s1m",
        "1s 1s",
        "1s  1ms",
        " 1s",
        "1s ",
        "\u0665s",
        "nan",
        "inf",
        "infs",
        "1e3s",
        "+1s",
        "1_0s",
        "1,5s",
        "--1s",
        "1s\n",
    ],
)
def test_what_is_near_a_duration(text):
    with pytest.raises(UnitError):
        parse_seconds(text)


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("200ms", (0.2, 0.2)),
        ("1s..4s", (1.0, 4.0)),
        ("1s .. 4s", (1.0, 4.0)),
        ("500ms..1m30s", (0.5, 90.0)),
        ("4s..4s", (4.0, 4.0)),
    ],
)
def test_spans(text, span):
    assert parse_span(text) == Span(*span)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("4s..1s", "'4s..1s' ends before it begins (write 1s..4s)"),
        ("1..4", "'1..4' is not a range of durations (write for example 1s..4s)"),
        ("..4s", "'..4s' is not a range of durations (write for example 1s..4s)"),
        ("1s..2s..3s", "'1s..2s..3s' is not a range of durations (write for example 1s..4s)"),
        ("4", "'4' has no unit (write 4s)"),
    ],
)
def test_what_is_no_span(text, error):
    with pytest.raises(UnitError) as caught:
        parse_span(text)
    assert str(caught.value) == error


@pytest.mark.parametrize(
    ("text", "rate"), [("200/s", 200.0), ("0.5/s", 0.5), ("30/m", 0.5), ("1/h", 1 / 3600)]
)
def test_rates(text, rate):
    parsed = parse_rate(text)
    assert type(parsed) is Rate
    assert parsed == pytest.approx(rate)


@pytest.mark.parametrize(
    "text", ["", "5", "/s", "5/", "5/d", "5 / s", "0/s", "-5/s", "1e3/s", "inf/s", "1000001/s"]
)
def test_what_is_no_rate(text):
    with pytest.raises(UnitError):
        parse_rate(text)


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("0", 0.0),
        ("1", 1.0),
        ("1.0", 1.0),
        ("0.2", 0.2),
        (".5", 0.5),
        ("1.", 1.0),
        ("5e-3", 0.005),
        ("20%", 0.2),
        ("100%", 1.0),
        ("0%", 0.0),
        ("99.95%", 0.9995),
    ],
)
def test_probabilities(text, share):
    parsed = parse_probability(text)
    assert type(parsed) is Probability
    assert parsed == pytest.approx(share)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("1.4", "'1.4' is more than 1 (a probability is 0 to 1, or 0% to 100%)"),
        ("70", "'70' is more than 1 (write 70%)"),
        ("101%", "'101%' is more than 1 (a probability is 0 to 1, or 0% to 100%)"),
        ("9e999", "'9e999' is more than 1 (a probability is 0 to 1, or 0% to 100%)"),
        ("-0.2", "'-0.2' is negative (write for example 0.2 or 20%)"),
        ("nan", "'nan' is not a probability (write for example 0.2 or 20%)"),
        ("inf", "'inf' is not a probability (write for example 0.2 or 20%)"),
        ("20 %", "'20 %' is not a probability (write for example 0.2 or 20%)"),
        ("", "'' is not a probability (write for example 0.2 or 20%)"),
    ],
)
def test_what_is_no_probability(text, error):
    with pytest.raises(UnitError) as caught:
        parse_probability(text)
    assert str(caught.value) == error


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"),
        (0.0005, "0.5ms"),
        (0.2, "200ms"),
        (0.9994, "999ms"),
        (0.9996, "1s"),
        (1.5, "1.5s"),
        (59.94, "59.9s"),
        (59.96, "1m"),
        (90, "1m 30s"),
        (120, "2m"),
        (128 * 60, "2h 8m"),
        (3600, "1h"),
        (76 * 3600 + 14 * 60, "3d 4h 14m"),
        (-1.5, "-1.5s"),
    ],
)
def test_durations_for_people(seconds, text):
    assert format_seconds(seconds) == text


@given(st.integers(0, int(MAX_SECONDS)))
def test_what_people_read_can_be_written_again(seconds):
    assert parse_seconds(format_seconds(seconds)) == seconds


@given(st.text(alphabet="0123456789.%/+-eE dhms") | st.text())
def test_any_text_is_an_amount_or_a_unit_error(text):
    for parse in (parse_seconds, parse_span, parse_rate, parse_probability):
        with contextlib.suppress(UnitError):
            parsed = parse(text)
            for number in parsed if isinstance(parsed, Span) else (parsed,):
                assert 0 <= number <= MAX_SECONDS


@pytest.mark.parametrize(("share", "text"), [(0.2, "20%"), (0.9995, "99.95%"), (1, "100%")])
def test_shares_for_people(share, text):
    assert format_share(share) == text
