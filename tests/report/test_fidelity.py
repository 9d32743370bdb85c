import io

from rich.console import Console

from mockatell.clickatell.ledger import LEDGER, Row
from mockatell.core.render.fidelity import as_markdown, as_table


def test_the_markdown_has_a_row_for_each_and_links_its_source():
    head, rule, *lines = as_markdown(LEDGER).splitlines()
    assert head.count("|") == rule.count("|") == 6
    assert len(lines) == len(LEDGER)
    assert all(row.behaviour in _plain(line) for row, line in zip(LEDGER, lines, strict=True))
    assert f"[{LEDGER[0].basis}]({LEDGER[0].source})" in lines[0]


def _plain(markdown):
    return markdown.replace("\\", "")


def test_a_bar_in_a_cell_does_not_break_the_table():
    row = Row("a", "this | that", "assumed", "", "x", "retry")
    assert as_markdown([row]).splitlines()[2] == "| `a` | this \\| that | assumed | x | `retry` |"


def test_the_table_fits_the_console_and_names_every_row():
    out = io.StringIO()
    Console(file=out, width=100).print(as_table(LEDGER))
    lines = out.getvalue().splitlines()
    assert max(map(len, lines)) <= 100
    seen = "".join("".join(lines).split())
    assert all(row.id.replace(" ", "") in seen for row in LEDGER)
