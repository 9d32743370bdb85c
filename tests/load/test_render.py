"""How a load test looks, in every format."""

import csv
import io
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema
import msgspec
import pytest
from msgspec.structs import replace

from mockatell.core.load.compare import Comparison, Difference
from mockatell.core.load.effects import Verification
from mockatell.core.load.limit import Step
from mockatell.core.load.report import LoadReport, decode_report, looks_like_one, reported
from mockatell.core.load.result import Ends, Offer, Snapshot, Timings, Traffic
from mockatell.core.load.thresholds import judged, parse
from mockatell.core.render.load import LOAD_FORMATS
from mockatell.core.render.load.comparison import comparison_text
from mockatell.core.render.load.live import line, panel, sparkline
from mockatell.core.render.load.plots import Line, labelled, logarithmic
from mockatell.core.report import Verdict
from mockatell.core.scenario.units import format_seconds
from mockatell.errors import InputError

SCHEMA = Path(__file__).parents[2] / "docs" / "load.schema.json"
LOST = Verification(10, 12, counted=9, lost=1, examples=("m1: 1 lost",))


@pytest.fixture
def told(measured):
    """The report of a load with these thresholds, and changes."""

    def make(*clauses, verification=None, steps=(), **changes):
        result = measured(**changes)
        return reported(result, judged(map(parse, clauses), result), verification, steps)

    return make


@pytest.fixture
def all_kinds(told, invalid):
    """Reports of every verdict."""
    return {
        Verdict.HELD: told("p(99) < 1s"),
        Verdict.UNJUDGED: told(),
        Verdict.BROKEN: told("p(99) < 1ms", "p(50) < 1s", verification=LOST),
        Verdict.MISSING_EVIDENCE: told("p(99) < 1s", validity=invalid),
        Verdict.UNREACHABLE: told(
            "p(99) < 1s", timings=Timings(), troubles={"refused": 9}, seconds=(), roles={}, kinds={}
        ),
        Verdict.INTERRUPTED: told("p(99) < 1ms", interrupted=True),
    }


@pytest.mark.parametrize(
    ("verdict", "code"),
    [("held", 0), ("unjudged", 0), ("broken", 1), ("missing_evidence", 2), ("unreachable", 3),
     ("interrupted", 130)],
)  # fmt: skip
def test_verdicts_and_exit_codes(all_kinds, verdict, code):
    report = all_kinds[Verdict(verdict)]
    assert (report.verdict, report.exit_code) == (verdict, code)


@pytest.mark.parametrize(
    ("clauses", "changes", "verdict"),
    [
        (("p(99) < 1ms",), {"invalid": True}, Verdict.BROKEN),  # it failed whoever was late
        (("p(99) < 1s", "reply.p(99) < 1s"), {}, Verdict.MISSING_EVIDENCE),
        (("p(99) < 1ms", "reply.p(99) < 1s"), {}, Verdict.BROKEN),
        ((), {"verification": Verification(1, 1, counted=1)}, Verdict.HELD),
        ((), {"verification": Verification(1, 1, missing="no answer")}, Verdict.MISSING_EVIDENCE),
        (("p(99) < 1s",), {"verification": LOST}, Verdict.BROKEN),
        ((), {"invalid": True}, Verdict.UNJUDGED),  # nothing was asked of it
    ],
)
def test_verdicts_of_several_clauses(told, invalid, clauses, changes, verdict):
    if changes.pop("invalid", False):
        changes["validity"] = invalid
    assert told(*clauses, **changes).verdict is verdict


def test_the_schema_is_that_of_the_code():
    built = json.loads(json.dumps(msgspec.json.schema(LoadReport)))
    assert json.loads(SCHEMA.read_text())["$defs"] == built["$defs"], (
        "docs/load.schema.json: its $defs are not those of msgspec.json.schema(LoadReport)"
    )


def test_every_report_is_what_its_schema_says(all_kinds):
    schema = json.loads(SCHEMA.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    for report in all_kinds.values():
        document = json.loads(LOAD_FORMATS["json"](report))
        jsonschema.validate(document, schema)
        assert document["totals"]["attempts"] == 2200
        assert document["exit_code"] == report.exit_code


def test_a_report_is_read_as_it_was_written(all_kinds):
    for report in all_kinds.values():
        written = LOAD_FORMATS["json"](report).encode()
        assert looks_like_one(written)
        assert decode_report(written) == report


@pytest.mark.parametrize("data", [b"", b"{}", b"[1]", b'{"type":"load"}', b"\xff\xfe", b"[" * 9999])
def test_what_is_no_report_is_said(data):
    with pytest.raises(InputError, match="not the result of a load test"):
        decode_report(data, "x.json")


def test_text_says_the_verdict_first_then_what_to_act_on(told, invalid):
    text = LOAD_FORMATS["text"](told("p(99) < 1ms", validity=invalid, verification=LOST))
    assert text.startswith("FAILED  mix · seed 7")
    order = ["The threshold failed", "1 lost", "Not valid as a measure", "Thresholds",
             "p(99) < 1ms", "To act on", "the generator was late", "m1: 1 lost",
             "Failing from 3s to 6s", "drained 2s after", "65 attempts (3%): timeout",
             "answered 503", "Load", "Times", "Replay", "mockatell load mix"]  # fmt: skip
    places = [text.index(each) for each in order]
    assert places == sorted(places)
    assert all(len(row) <= 100 for row in text.splitlines())


def test_when_the_state_was_right_is_told(told):
    report = told(verification=Verification(1, 1, counted=1).seen(after=1.25))
    assert "state right       1.25s after the end of the load" in LOAD_FORMATS["text"](report)
    assert "1.25s after the end of the load" in LOAD_FORMATS["html"](report)
    assert "right 1.25s after the end of the load" in LOAD_FORMATS["junit"](report)
    assert decode_report(LOAD_FORMATS["json"](report).encode()) == report


@pytest.mark.parametrize(
    ("verification", "asked"),
    [
        (Verification(9, 9, looked_at=200, messages=1234),
         "for 200 of 1,234 acknowledged messages: whether they are known, not their state"),
        (Verification(9, 9, counted=9, looked_at=7, messages=7),
         "for its account of 7 messages, one by one"),
        (Verification(9, 9, counted=9), "for the sum of its effects"),
    ],
)  # fmt: skip
def test_what_the_receiver_was_asked_is_told(told, verification, asked):
    report = told(verification=verification.seen(after=0.0))
    for format_ in ("text", "html", "junit"):
        assert asked in LOAD_FORMATS[format_](report)


def test_a_sample_is_not_told_as_the_whole(told):
    sampled = Verification(9, 9, looked_at=200, messages=1234)
    known = "The receiver was asked for 200 of 1,234 acknowledged messages, and knew them all."
    assert told("p(99) < 1s", verification=sampled).headline == f"The threshold held. {known}"
    lost = replace(sampled, lost=3)
    said = "3 lost, of 200 messages that it was asked for: acknowledged, and not known."
    assert told(verification=lost).headline == said


def test_a_state_that_was_not_right_has_no_time(told):
    assert LOST.seen(after=5.0).right_after is None
    for verification in (LOST.seen(after=5.0), None):
        assert "state right" not in LOAD_FORMATS["text"](told(verification=verification))


def test_text_of_every_verdict(all_kinds):
    for report in all_kinds.values():
        assert report.headline in " ".join(LOAD_FORMATS["text"](report).split())


NOTHING = {"status_codes": {"404": 2100}, "troubles": {"timeout": 100},
           "outcomes": {"rejected": 2100, "timed_out": 100}}  # fmt: skip


@pytest.mark.parametrize("clauses", [(), ("p(99) < 1s",)])
def test_an_endpoint_that_accepted_nothing_has_failed_whatever_was_asked(told, invalid, clauses):
    report = told(*clauses, **NOTHING, validity=invalid)
    assert (report.verdict, report.exit_code) == (Verdict.BROKEN, 1)
    assert [finding.id for finding in report.findings] == ["nothing-accepted"]
    said = "Nothing was accepted: 404 (2,100 times), timeout (100 times)"
    assert report.headline.startswith(said)
    texts = {name: " ".join(LOAD_FORMATS[name](report).split()) for name in LOAD_FORMATS}
    assert all(said in texts[name] for name in ("text", "json", "html", "junit"))
    assert "the path of the URL is not the handler" in texts["text"]
    case = ET.fromstring(LOAD_FORMATS["junit"](report)).find("*/testcase/failure")
    assert case.get("message") == said
    assert decode_report(LOAD_FORMATS["json"](report).encode()) == report


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({"outcomes": {"rejected": 9, "acknowledged": 1}}, Verdict.UNJUDGED),
        ({"outcomes": {"ack_lost": 100}}, Verdict.UNJUDGED),  # a fault's doing, each of them
        ({"outcomes": {"ack_lost": 5, "rejected": 95}}, Verdict.BROKEN),
        ({"outcomes": {"redirected": 100}}, Verdict.BROKEN),
        ({"outcomes": {"timed_out": 100}}, Verdict.BROKEN),
        ({"outcomes": {"unreachable": 9}, "timings": Timings()}, Verdict.UNREACHABLE),
        ({"outcomes": {}, "timings": Timings(), "troubles": {"outage": 9}}, Verdict.UNJUDGED),
        ({"outcomes": {"rejected": 9}, "interrupted": True}, Verdict.INTERRUPTED),
    ],
)
def test_when_nothing_was_accepted(told, changes, verdict):
    assert told(**changes).verdict is verdict


def test_one_of_two_endpoints_that_accepted_nothing_is_named(told):
    whole = told()
    ends = {
        "reply": Ends({"rejected": 40}, {"404": 40}, {}),
        "status": Ends({"acknowledged": 60}, {"200": 60}, {}),
    }
    report = told(ends=ends, roles=dict.fromkeys(ends, whole.timings))
    assert report.verdict is Verdict.BROKEN
    assert [finding.title for finding in report.findings] == [
        "Nothing was accepted at the reply endpoint: 404 (40 times)"
    ]


def test_one_of_two_endpoints_that_was_never_reached_is_named_and_fails(told):
    whole = told()
    ends = {
        "reply": Ends({"unreachable": 54}, {}, {"refused": 54}),
        "status": Ends({"acknowledged": 146}, {"200": 146}, {}),
    }
    roles = {"status": whole.timings, "reply": Timings(lag=whole.timings.lag)}
    came = {"outcomes": {"acknowledged": 146, "unreachable": 54}, "troubles": {"refused": 54},
            "status_codes": {"200": 146}}  # fmt: skip
    for clauses in ((), ("p(99) < 1s",)):
        report = told(*clauses, ends=ends, roles=roles, **came)
        assert (report.verdict, report.exit_code) == (Verdict.BROKEN, 1)
        said = "Nothing was accepted at the reply endpoint: refused (54 times)"
        assert report.headline.startswith(said)
        text = " ".join(LOAD_FORMATS["text"](report).split())
        assert "54 attempts (2.5%): refused at the reply endpoint" in text
        assert "nothing listened there" in report.findings[0].explanation
        assert "Failing from" not in text  # it follows


def test_endpoints_that_fail_each_in_its_own_way_are_both_named(told):
    timings = told().timings
    ends = {
        "reply": Ends({"rejected": 40}, {"404": 40}, {}),
        "status": Ends({"unreachable": 60}, {}, {"refused": 60}),
    }
    report = told(
        ends=ends, roles={"reply": timings, "status": Timings()}, troubles={"refused": 60},
        outcomes={"rejected": 40, "unreachable": 60}, status_codes={"404": 40},
    )  # fmt: skip
    assert [finding.title.partition(":")[0] for finding in report.findings] == [
        "Nothing was accepted at the reply endpoint",
        "Nothing was accepted at the status endpoint",
    ]


@pytest.mark.parametrize(
    ("answers", "advice", "not_advised"),
    [
        ({"404": 9}, "the path of the URL", "credentials"),
        ({"401": 9}, "credentials", "path"),
        ({"422": 9}, "expects another body", "path"),
        ({"500": 9}, "its own log says why", "path"),
        ({"302": 9}, "configure the final URL", "path"),
        ({"404": 9, "timeout": 2}, "answer first, work afterwards", "credentials"),
        ({"reset": 9}, "workers that crash", "404"),
        ({"not_http": 9}, "was not HTTP", "404"),
        ({"closed": 9}, "before a whole answer", "404"),
    ],
)
def test_what_is_advised_is_about_what_happened(told, answers, advice, not_advised):
    codes = {name: n for name, n in answers.items() if name.isdecimal()}
    troubles = {name: n for name, n in answers.items() if not name.isdecimal()}
    report = told(outcomes={"rejected": 11}, status_codes=codes, troubles=troubles)
    (finding,) = report.findings
    assert advice in finding.explanation
    assert not_advised not in finding.explanation


@pytest.mark.parametrize(
    ("troubles", "why"), [({}, "a keep-alive longer"), ({"refused": 3}, "the endpoint went away")]
)
def test_why_requests_were_sent_again(told, troubles, why):
    totals = replace(told().totals, resent=1)
    assert why in " ".join(LOAD_FORMATS["text"](told(totals=totals, troubles=troubles)).split())


@pytest.mark.parametrize(
    ("troubles", "blamed"), [({"refused": 9}, "the endpoint was not reached"),
                             ({"no_socket": 9}, "the generator was late")],
)  # fmt: skip
def test_an_endpoint_that_is_not_there_is_not_our_lateness(told, invalid, troubles, blamed):
    report = told(timings=Timings(), troubles=troubles, validity=invalid)
    assert report.verdict is Verdict.UNREACHABLE
    assert not report.validity.valid
    assert report.validity.why[0].startswith(blamed)
    assert "Failing from" not in LOAD_FORMATS["text"](report)  # it follows
    said = "".join(LOAD_FORMATS[name](report) for name in ("text", "html", "junit"))
    assert ("generator was" in said) is ("no_socket" in troubles)


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ((Step(100.0, "met"), Step(200.0, "failed", "p(99) < 1s was 2s")),
         "The limit is 100 callbacks a second (95 came due): at 200 p(99) < 1s was 2s."),
        ((Step(100.0, "met"), Step(200.0, "generator", "late")), "at least 100 callbacks"),
        ((Step(100.0, "met"),), "beyond 100 callbacks"),
        ((Step(100.0, "failed", "x"),), "No rate met the thresholds."),
        ((Step(100.0, "generator", "x"),) * 2, "No rate could be judged: the generator was"),
        ((Step(95.0, "met"),), "beyond 95 callbacks a second: "),  # as many came as asked for
    ],
)  # fmt: skip
def test_what_a_search_found_is_said(told, steps, said):
    assert said in LOAD_FORMATS["text"](told("p(99) < 1s", steps=steps))
    assert said.replace("<", "&lt;") in LOAD_FORMATS["html"](told("p(99) < 1s", steps=steps))


def test_a_refused_connection_is_no_full_queue(told):
    text = " ".join(LOAD_FORMATS["text"](told(troubles={"refused": 3})).split())
    assert "nothing listened there: it was down or starting, or the port is wrong" in text


def test_a_rate_that_was_met_by_a_load_that_is_not_valid_is_not_held(told, invalid):
    report = told("p(99) < 1s", steps=(Step(100.0, "met"),), validity=invalid)
    assert (report.verdict, report.exit_code) == (Verdict.MISSING_EVIDENCE, 2)
    assert "This is not valid" in LOAD_FORMATS["text"](report)
    assert ET.fromstring(LOAD_FORMATS["junit"](report)).find("*").get("errors") == "1"


def test_the_steps_of_a_search_are_told_in_their_order(told):
    steps = [Step(rate, "failed", "x") for rate in (400.0, 100.0, 200.0)]
    for name in ("text", "html"):
        told_steps = LOAD_FORMATS[name](told(steps=tuple(steps)))
        assert re.findall(r"(\d+)/s", told_steps.partition("The search")[2])[:3] == [
            "400", "100", "200",
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("callbacks", "changes", "said"),
    [
        (1900, {}, "1,900 came due of 2,000 asked for: faults put the others past the end"),
        (2000, {}, "2,000 came due"),
        (1900, {"interrupted": True}, "1,900 came due"),
        (1900, {"offer": Offer("closed", 20.0, concurrency=2)}, "1,900 came due"),
        (1900, {"offer": Offer("scenario", None)}, "1,900 came due"),
    ],
)
def test_how_many_callbacks_came_due_is_told(told, callbacks, changes, said):
    report = told(totals=replace(told().totals, callbacks=callbacks), **changes)
    assert re.search(rf"callbacks +{said}\n", LOAD_FORMATS["text"](report))
    assert f">{said}<" in LOAD_FORMATS["html"](report)


@pytest.mark.parametrize(
    ("clauses", "said"),
    [
        (("p(99) < 1s",) * 2, "Both thresholds held."),
        (("p(99) < 1s",) * 3, "All 3 thresholds held."),
        (("p(99) < 1ms",) * 2, "Both thresholds failed."),
        (("p(99) < 1ms",) * 3, "All 3 thresholds failed."),
        (("p(99) < 1ms", "p(99) < 1s"), "1 of 2 thresholds failed."),
    ],
)
def test_several_thresholds_in_a_sentence(told, clauses, said):
    assert told(*clauses).headline == said


@pytest.mark.parametrize(
    ("offer", "said"),
    [
        (Offer("closed", 8.0, concurrency=1), "1 connection, as fast as they can for 8s"),
        (Offer("scenario", None), "the scenario's own times"),
    ],
)
def test_how_it_was_asked_for(told, offer, said):
    assert said in LOAD_FORMATS["text"](told(offer=offer))


def test_csv_has_a_line_for_each_second(told):
    rows = list(csv.DictReader(io.StringIO(LOAD_FORMATS["csv"](told()))))
    assert len(rows) == 20
    assert rows[3]["at"] == "3"
    assert rows[3]["p99"] == "0.05"


def test_csv_has_no_digits_that_mean_nothing(told, seconds):
    series = seconds(1, lambda _: {"p99": 0.0027032949998101463, "offered": 1_234_567})
    (row,) = csv.DictReader(io.StringIO(LOAD_FORMATS["csv"](told(seconds=series))))
    assert (row["p99"], row["offered"]) == ("0.00270329", "1234567")


@pytest.mark.parametrize(
    ("findings", "said"),
    [
        (("same", "better"), "Nothing is shown to have got worse.\n"),
        (("same", "unclear", "unclear"), "worse. Unclear: m1, m2; longer runs would tell."),
    ],
)
def test_a_comparison_says_what_is_unclear(findings, said):
    differences = tuple(
        Difference(f"m{n}", False, 1.0, 1.0, 1.0, 0.9, 1.1, finding)
        for n, finding in enumerate(findings)
    )
    assert said in comparison_text(Comparison(Verdict.HELD, differences))


@pytest.mark.parametrize(("took", "drawn"), [(2.1, 2), (3.0, 3), (0.4, 1)])
def test_a_second_that_was_cut_short_is_not_drawn(told, seconds, took, drawn):
    last = seconds(3, lambda at: {} if at < 2 else {"offered": 0, "sent": 0})
    series = last[:1] if took < 1 else last
    page = LOAD_FORMATS["html"](told(took=took, seconds=series))
    curve = re.search(r'<path d="M([^"]*)" class="curve offered"', page)[1]
    assert curve.count("L") == drawn - 1


@pytest.mark.parametrize(("octets", "said"), [(64 * 1024 * 2200, True), (9_000_000, False)])
def test_answers_that_are_not_read_to_their_end_are_told(told, octets, said):
    report = told(traffic=Traffic(700_000, octets, 2200, 0))
    assert ("Answers of more than 64 KiB each" in LOAD_FORMATS["text"](report)) is said


def test_junit(told, all_kinds):
    suite = ET.fromstring(LOAD_FORMATS["junit"](all_kinds[Verdict.BROKEN]))[0]
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("4", "2", "0")
    failed = suite.find("testcase[@name='p(99) < 1ms']/failure")
    assert failed.get("message") == "was 200ms"
    for verdict, errors in (("missing_evidence", "1"), ("interrupted", "1"), ("held", "0")):
        suite = ET.fromstring(LOAD_FORMATS["junit"](all_kinds[Verdict(verdict)]))[0]
        assert suite.get("errors") == errors
    unjudged = ET.fromstring(LOAD_FORMATS["junit"](told("reply.p(99) < 1s")))[0]
    assert unjudged.get("errors") == "1"


class Page(HTMLParser):
    """Reads a page strictly: every element that is opened must be closed, in order."""

    def __init__(self, text):
        super().__init__()
        self.stack, self.links = [], []
        self.feed(text)
        assert self.stack == []

    def handle_starttag(self, tag, attrs):
        self.links += [value for name, value in attrs if name in {"src", "href"}]
        if tag not in {"meta", "br"}:
            self.stack.append(tag)

    def handle_endtag(self, tag):
        assert self.stack.pop() == tag


def test_html_is_well_formed_and_asks_nobody_for_anything(all_kinds):
    for report in all_kinds.values():
        page = LOAD_FORMATS["html"](report)
        assert Page(page).links == []
        assert report.headline.replace("'", "&#x27;").replace("<", "&lt;") in page


def test_html_escapes_what_is_foreign(told):
    page = LOAD_FORMATS["html"](told(details={"timeout": "<script>alert(1)</script>"}))
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


@pytest.mark.parametrize(
    ("least", "most"), [(0.25, 0.45), (0.001, 0.009), (0.001, 0.05), (0.001, 90.0), (3.0, 3.0)]
)
def test_an_axis_has_marks_that_can_be_told_apart(least, most):
    scale = logarithmic([Line("", "", ((0.0, least), (1.0, most)))])
    labels = [tick.label for tick in labelled(scale, format_seconds)]
    assert 2 <= len(labels) == len(set(labels)) <= 8


def test_little_work_has_an_axis_too(told, seconds):
    page = LOAD_FORMATS["html"](told(seconds=seconds(9, lambda at: {"busy": 0.001 * at})))
    work = page[page.index("own work") :].partition("</svg>")[0]
    labels = re.findall(r">([\d.]+%)<", work)
    assert 2 < len(labels) == len(set(labels))


@pytest.mark.parametrize("number", [1, 2, 399, 401, 7200])
def test_plots_of_any_length(told, seconds, number):
    report = told(seconds=seconds(number, lambda at: {"p50": 0.0 if at % 3 else 0.01}))
    page = LOAD_FORMATS["html"](report)
    Page(page)
    assert len(page) < 300_000
    assert "NaN" not in page


def test_values_of_nothing_at_all_are_drawn(told, seconds):
    nothing = dict.fromkeys(("offered", "sent", "acknowledged", "p50", "p99", "lag", "busy"), 0)
    Page(LOAD_FORMATS["html"](told(seconds=seconds(3, lambda _: nothing))))


@pytest.mark.parametrize("value", [1e308, 1e-320, -5.0, 10**30])
@pytest.mark.parametrize("name", ["p99", "lag", "offered"])
def test_values_that_cannot_be_are_drawn_somehow(told, seconds, name, value):
    Page(LOAD_FORMATS["html"](told(seconds=seconds(3, lambda _: {name: value}))))


SNAPSHOT = Snapshot(
    12.0, 1200, 1300, 1250, 1190, 60, 50, 9, 4, 0.01, 0.2, 0.4, 0.0005, {"timeout": 60}, ()
)


def test_the_line_of_a_log(measured):
    said = line(replace(SNAPSHOT, recent=measured().seconds))
    assert said.startswith("   12s  100/s, 1,190 acknowledged, 50 in flight")
    assert "60 (4.8%) not acknowledged" in said
    assert "\n" not in said


def test_the_live_view_fits_sixty_columns(measured):
    from rich.console import Console

    out = io.StringIO()
    wide = replace(SNAPSHOT, recent=measured().seconds * 3)
    Console(file=out, width=60).print(panel(wide, 30.0))
    rows = out.getvalue().splitlines()
    assert len(rows) == 6
    assert "12s of 30s" in rows[0]
    assert "████" in rows[1]


@pytest.mark.parametrize(
    ("values", "bars"), [([], ""), ([0, 0], "▁▁"), ([1, 8], "▂█"), ([3.5], "█")]
)
def test_a_sparkline(values, bars):
    assert sparkline(values) == bars
