import io

import msgspec
import pytest
from rich.console import Console

from mockatell.core.render.text import show, text
from mockatell.core.report import report


def told(journal):
    return text(report(journal), journal)


def test_the_verdict_comes_first_and_the_replay_last(troubled):
    lines = told(troubled).splitlines()
    assert lines[0] == "FAILED  receipts · seed 7 · mockatell 0.1.0"
    assert lines[1] == "1 of 3 expectations failed. 1 other could not be judged."
    assert lines[2].startswith("15 deliveries in 21 attempts: 9 acknowledged, 1 lost to a redir")
    assert lines[-1] == "  mockatell run 'my scenarios/receipts.yaml' --seed 7"


def test_sections_come_in_the_order_of_their_use(troubled):
    titles = [line for line in told(troubled).splitlines()[3:] if line and line[0] != " "]
    assert titles == [
        "Expectations",
        "Findings",
        "Attempts by kind and outcome",
        "Timing",
        "Rests on 1 assumption (what they say: mockatell fidelity --assumed)",
        "Replay",
    ]


def test_a_finding_has_its_explanation_and_its_evidence(troubled):
    page = told(troubled)
    assert "▸ 1 delivery was lost to a redirect [redirected]" in page
    assert "redirects excepted: it\n    does not repeat these" in page
    assert (
        '#2 messageStatusUpdate 6f1c2a3b4d5e, attempt 1 at 2s: redirected 302 after 20ms, "Found"'
        in (page.replace("\n    ", " "))
    )


def test_what_an_endpoint_answers_cannot_steer_the_terminal(troubled):
    page = told(troubled)
    assert "onerror=alert(1)" in page
    assert all(char.isprintable() or char == "\n" for char in page)


def test_markup_in_foreign_text_stays_text(attempt, journal):
    one = journal([attempt(1, "redirected", detail="[b]not[/] [link=http://x]")])
    assert '"[b]not[/] [link=http://x]"' in " ".join(told(one).split())


@pytest.mark.parametrize(
    ("made", "headline"),
    [
        ({"held": (True,)}, "The expectation held."),
        ({"held": (True, True)}, "All 2 expectations held."),
        ({"held": (None, True)}, "1 expectation could not be judged; that is not a pass."),
        ({}, "The scenario expects nothing, so nothing was judged."),
        (
            {"interrupted": True, "pending": 2},
            "The run was stopped with 2 deliveries still pending.",
        ),
    ],
)
def test_the_headline_says_why(attempt, journal, made, headline):
    held = made.pop("held", ())
    assert told(journal([attempt(1)], *held, **made)).splitlines()[1] == headline


def test_an_endpoint_that_is_away_is_named_as_that(attempt, journal):
    lines = told(
        journal([attempt(1, "unreachable"), attempt(2, "unreachable")], False)
    ).splitlines()
    assert lines[0].startswith("UNREACHABLE")
    assert lines[1] == "Not one connection to the endpoint came about (refused 2)."


def test_an_empty_run_has_no_tables(journal):
    page = told(journal([], None))
    assert "0 deliveries in 0 attempts." in page
    assert "Timing" not in page


def test_a_scenario_without_a_source_is_replayed_from_python(attempt, journal):
    one = journal([attempt(1)])
    one.started = msgspec.structs.replace(one.started, replay="")
    assert told(one).splitlines()[-1] == "  mockatell.run(scenario, seed=7)"


def test_colour_is_for_terminals_only(troubled):
    def shown(**how):
        out = io.StringIO()
        show(report(troubled), Console(file=out, width=80, **how))
        return out.getvalue()

    assert "\x1b[" in shown(force_terminal=True, color_system="standard")
    assert "\x1b[" not in shown()
    assert all(len(line) <= 80 for line in shown().splitlines())
