import re
from html.parser import HTMLParser

import msgspec
import pytest

from mockatell.core.journal import Journal
from mockatell.core.render import timeline
from mockatell.core.render.html import html
from mockatell.core.report import report

VOID = {"meta", "br", "input"}


class Page(HTMLParser):
    """Reads a page strictly: every element that is opened must be closed, in order."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.stack, self.elements, self.words = [], [], []
        self.feed(text)
        self.close()
        assert self.stack == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.stack.pop() == tag

    def handle_data(self, data):
        if not {"script", "style"} & set(self.stack):
            self.words.append(data)

    def all(self, tag, **attributes):
        return [
            found
            for name, found in self.elements
            if name == tag and attributes.items() <= found.items()
        ]

    @property
    def text(self):
        return "".join(self.words)


def page_of(journal):
    return Page(html(report(journal), journal))


def test_the_page_is_well_formed_and_says_what_the_report_says(troubled):
    page = page_of(troubled)
    for said in (
        "FAILED",
        "1 of 3 expectations failed.",
        "1 delivery was lost to a redirect",
        "mockatell run 'my scenarios/receipts.yaml' --seed 7",
        "http://localhost:8000/reply?key=***",
    ):
        assert said in page.text


def test_nothing_is_asked_of_anybody(troubled):
    page = page_of(troubled)
    loading = {"src", "srcset", "data", "action", "formaction", "poster", "background", "style"}
    for tag, attributes in page.elements:
        assert tag not in {"link", "img", "iframe", "object", "embed", "base"}
        assert not loading & attributes.keys()
        assert all(value is None or not key.startswith("on") for key, value in attributes.items())
        assert (attributes.get("href") or "#").startswith("#")
    text = html(report(troubled), troubled)
    assert not re.search(r"@import|url\(", text)


def test_the_policy_lets_only_the_pages_own_style_and_script_in(troubled):
    [policy] = page_of(troubled).all("meta", **{"http-equiv": "Content-Security-Policy"})
    assert re.fullmatch(
        r"default-src 'none'; style-src 'sha256-\S+'; script-src 'sha256-\S+'; "
        r"base-uri 'none'; form-action 'none'",
        policy["content"],
    )


def test_a_tooltip_says_what_was_answered(attempt, journal):
    oops = attempt(1, "rejected", detail="oops")
    page = page_of(journal([oops])).text
    assert 'sent at 1s, took 20ms: "oops"' in page
    assert "\N{REPLACEMENT CHARACTER}" not in page


def test_hostile_text_stays_text(troubled):
    page = page_of(troubled)
    assert len(page.all("script")) == 1
    assert page.all("img") == []
    assert "</script><img src=x onerror=alert(1)>" in page.text
    assert not {"\x00", "\x1b", "\u202e"} & set(html(report(troubled), troubled))
    [row] = page.all("details", id="d11")
    assert row["data-kind"].startswith("</script><img src=x onerror=alert(1)>")


def test_a_hostile_name_of_the_scenario_stays_text(attempt, journal, hostile):
    one = journal([attempt(1)])
    one.started = msgspec.structs.replace(
        one.started, scenario=hostile, replay=hostile, endpoints={"status": hostile}
    )
    page = page_of(one)
    assert len(page.all("script")) == 1
    assert page.all("img") == []


def test_every_delivery_is_a_row_and_every_attempt_a_mark(troubled):
    page = page_of(troubled)
    rows = [row["id"] for row in page.all("details", **{"class": "row"})]
    assert sorted(rows) == sorted({f"d{attempt.delivery}" for attempt in troubled})
    marks = [use for use in page.all("use") if "x" in use]
    assert len(marks) == len(troubled)
    shapes = {shape["id"] for shape in page.all("g") if "id" in shape}
    assert {use["href"][1:] for use in marks} <= shapes


def test_links_from_findings_lead_to_rows(troubled):
    page = page_of(troubled)
    targets = {f"#{row['id']}" for row in page.all("details", **{"class": "row"})}
    links = {link["href"] for link in page.all("a")}
    assert links
    assert links <= targets


def test_a_wait_is_drawn_to_where_the_retry_is_due(attempt, journal):
    attempts = [attempt(1, "rejected", wait=3.0), attempt(1, number=2, due=4.021)]
    page = page_of(journal(attempts))
    [wait] = page.all("line", **{"class": "wait"})
    first, second = [use for use in page.all("use") if "x" in use]
    assert float(first["x"]) == pytest.approx(float(wait["x1"]))
    assert float(wait["x1"]) < float(wait["x2"]) <= float(second["x"])


def test_every_outcome_has_a_shape_of_its_own():
    assert len(set(timeline.SHAPES.values())) == len(timeline.SHAPES) == 6


def test_a_callbacks_body_is_shown_up_to_a_limit(attempt, journal):
    body = b'{"content":"<b>' + b"x" * 5_000 + b'"}'
    page = page_of(journal([attempt(1, body=msgspec.Raw(body))]))
    assert '{"content":"<b>xxx' in page.text
    assert f"({len(body):,} bytes)" in page.text
    assert "x" * 2_001 not in page.text


def test_of_many_deliveries_those_with_findings_are_drawn_and_the_rest_is_named(attempt, journal):
    attempts = [attempt(n, kind="moText") for n in range(1, 2_001)]
    attempts += [attempt(n, "redirected") for n in range(1_999, 2_100)]
    told = report(journal(attempts))
    selection = timeline.select(told, attempts)
    drawn = {row.first.delivery for row in selection.rows}
    assert len(drawn) == timeline.MOST_ROWS
    assert drawn >= set(told.findings[0].deliveries)
    assert "Drawn are 500 of 2,099 deliveries" in page_of(journal(attempts)).text


def test_a_small_run_is_drawn_whole(attempt, journal):
    assert "Drawn are" not in page_of(journal([attempt(1)])).text


def test_a_run_of_nothing_is_a_page(journal):
    page = page_of(journal([], None))
    assert "EVIDENCE MISSING" in page.text
    assert page.all("form") == []


def test_an_unfinished_journal_is_a_page(troubled):
    assert "no last line" in page_of(Journal(troubled.started, troubled.attempts)).text
