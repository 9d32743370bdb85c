from xml.etree import ElementTree as ET

import pytest

from mockatell.core.findings import RULES
from mockatell.core.journal import Journal
from mockatell.core.render.junit import junit
from mockatell.core.report import report


def told(journal):
    return ET.fromstring(junit(report(journal), journal).encode())


def cases(root, group):
    return {
        case.get("name"): [child.tag for child in case]
        for case in root.iter("testcase")
        if case.get("classname") == f"mockatell.{group}"
    }


def test_every_expectation_is_a_case(troubled):
    root = told(troubled)
    assert cases(root, "expect") == {
        "clause 1": ["system-out"],
        "clause 2": ["failure"],
        "clause 3": ["error"],
    }


def test_every_rule_is_a_case_and_a_finding_is_a_failure(attempt, journal):
    found = cases(told(journal([attempt(1, "redirected")])), "finding")
    assert found.keys() == RULES.keys()
    assert [name for name, children in found.items() if children] == ["redirected"]


def test_the_counts_are_those_of_the_cases(troubled):
    suite = told(troubled).find("testsuite")
    assert int(suite.get("tests")) == len(suite.findall("testcase"))
    # One expectation failed, and one of the rules finds nothing here.
    assert int(suite.get("failures")) == len(suite.findall("testcase/failure")) == len(RULES)
    assert int(suite.get("errors")) == len(suite.findall("testcase/error")) == 2
    assert suite.get("time") == "273725.021"
    assert suite.get("timestamp") == "2025-10-09T08:53:20.000"


@pytest.mark.parametrize(
    ("outcomes", "made", "children"),
    [
        (["acknowledged"], {}, ["system-out"]),
        (["unreachable"], {}, ["failure", "system-out"]),
        (["acknowledged"], {"pending": 1}, ["error", "system-out"]),
    ],
)
def test_the_deliveries_are_a_case(attempt, journal, outcomes, made, children):
    attempts = [attempt(n, outcome) for n, outcome in enumerate(outcomes, 1)]
    assert cases(told(journal(attempts, **made)), "run") == {"deliveries": children}


def test_a_journal_without_its_end_is_an_error(attempt, journal):
    whole = journal([attempt(1)], True)
    assert "error" in cases(told(Journal(whole.started, whole.attempts)), "run")["deliveries"]


def test_what_xml_forbids_is_made_harmless(troubled):
    text = junit(report(troubled), troubled)
    assert not {"\x00", "\x1b", "\ufffe"} & set(text)
    assert "onerror=alert(1)" in "".join(ET.fromstring(text.encode()).itertext())
