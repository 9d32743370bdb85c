"""Those of the page's scripts that are pure, called in a browser without the rest of the page."""

import json
from itertools import pairwise

import pytest


@pytest.fixture(scope="module")
def scripts(browser, sidecar):
    """A document of the same origin that runs nothing of its own."""
    page = browser.new_page()
    page.goto(f"{sidecar.url}/livez")
    yield page
    page.close()


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (None, ""),
        (0.0000004, "0 µs"),
        (0.0123, "12 ms"),
        (0.9996, "1 s"),
        (5, "5 s"),
        (89, "89 s"),
        (254 * 60, "4.2 h"),
        (3 * 86400, "3 d"),
    ],
)
def test_lengths_of_time_have_the_unit_that_suits_them(scripts, seconds, told):
    words = "([seconds]) => import('/mockatell/page/words.js').then((w) => w.duration(seconds))"
    assert scripts.evaluate(words, [seconds]) == told


@pytest.mark.parametrize(
    ("chunks", "events"),
    [
        (["data: 1\n\n"], [[None, "message", "1"]]),
        (["id: 4\nevent: run\nda", "ta: {}\n", "\n"], [["4", "run", "{}"]]),
        ([": still here\n\n", "data:a\ndata: b\r\n\r\n"], [[None, "message", "a\nb"]]),
        (["data: 1\n\ndata: 2"], [[None, "message", "1"]]),
    ],
)
def test_the_feed_is_cut_into_its_events(scripts, chunks, events):
    cut = """async (chunks) => {
      const { Events } = await import('/mockatell/page/feed.js');
      const events = new Events();
      return chunks.flatMap((chunk) => events.take(chunk)).map((e) => [e.id, e.type, e.data]);
    }"""
    assert scripts.evaluate(cut, chunks) == events


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"a": [1, "b", None]}, ["key", "number", "string", "word"]),
        ('{"a": 1}', []),
        ({"<b>": 'x"y'}, ["key", "string"]),
    ],
)
def test_a_body_is_coloured_and_stays_what_it_is(scripts, value, words):
    show = """async (value) => {
      const { code } = await import('/mockatell/page/json.js');
      const pre = code(value, "Body");
      return [pre.textContent, [...pre.children].map((each) => each.className)];
    }"""
    text, classes = scripts.evaluate(show, value)
    assert text == value if isinstance(value, str) else json.loads(text) == value
    assert classes == [f"json-{word}" for word in words]


def test_a_huge_body_is_cut_until_all_of_it_is_asked_for(scripts):
    show = """async (value) => {
      const { code } = await import('/mockatell/page/json.js');
      const pre = code(value, "Body");
      const cut = pre.textContent.length;
      pre.querySelector("button").click();
      return [cut, pre.textContent.length];
    }"""
    cut, whole = scripts.evaluate(show, "x" * 1_000_000)
    assert cut < 30_000
    assert whole == 1_000_000


def test_time_is_drawn_in_order_and_nothing_on_top_of_each_other(scripts):
    scale = """async (times) => {
      const { scale } = await import('/mockatell/page/timeline.js');
      return times.map(scale(times));
    }"""
    second, day = 1000, 86_400_000
    places = scripts.evaluate(scale, [0, 3, 20, second, 60 * second, 3 * day])
    assert places == sorted(places)
    assert (places[0], places[-1]) == (0, 1)
    assert min(b - a for a, b in pairwise(places)) > 0.02
    assert scripts.evaluate(scale, [5, 5]) == [0, 0]


def test_no_more_messages_are_held_than_can_be_shown_in_time(scripts):
    held = """() => import('/mockatell/page/store.js').then(({ Store }) => {
      const store = new Store();
      for (let page = 0; page < 60; page++) {
        const views = Array.from({ length: 500 }, (_, n) => page * 500 + 499 - n);
        store.addMessages(views.map((n) => ({ id: String(n), at_ms: n })));
      }
      return [store.messages.size, store.messages.has("29999"), store.messages.has("0")];
    })"""
    size, newest, oldest = scripts.evaluate(held)
    assert 10_000 <= size <= 20_000
    assert (newest, oldest) == (True, False)
