"""`make zoo`: which technique finds which flaw, written as a table to docs/zoo.md."""

import sys
from pathlib import Path
from statistics import median

from benchmarks.zoo import CHECK, CORRECT, EXPLORE, FLAWED
from benchmarks.zoo.techniques import checked, explored
from mockatell.rooms.explore.exploring import Limits

PAGE = Path(__file__).parents[2] / "docs" / "zoo.md"
SEEDS = range(1, 6)
FLAWED_LIMITS = Limits(60.0, 3_000, 1)
SHOWN = 3  # clauses
CORRECT_LIMITS = Limits(600.0, 10_000)
HEAD = """# The zoo

Receivers with one flaw each, as they were found in real integrations, and three without one
([benchmarks/zoo](../benchmarks/zoo)). This table is made by `make zoo`: which technique finds which
flaw, knowing nothing of the receiver but the URL that shows a message's state. `check` looks at
answers alone, `explore` at what is left behind. *Schedules* is how many were tried when the flaw
was met (median of {seeds} seeds), *size* the callbacks of the shrunk case beside the least that can
show it.

| flaw | check | explore | schedules | size | least |
|---|---|---|---|---|---|
"""
NEITHER = """
Nothing may ever be found in these:

| receiver | check | explore | schedules tried |
|---|---|---|---|
"""


def flawed_row(animal):
    """One row of the table, and whether it is as it should be."""
    broken = checked(animal)
    searched = EXPLORE in animal.found_by
    runs = [explored(animal, seed, FLAWED_LIMITS) for seed in (SEEDS if searched else SEEDS[:1])]
    found = [run.discoveries[0] for run in runs if run.discoveries]
    sizes = {each.finding.schedule.callbacks for each in found}
    as_known = {CHECK: bool(broken), EXPLORE: len(found) == len(runs)}
    good = all(as_known[each] for each in animal.found_by) and (
        not found or sizes == {animal.least}
    )
    cells = [
        animal.bug.rstrip("."),
        _first(broken) or "-",
        "found" if len(found) == len(runs) else f"{len(found)} of {len(runs)}" if found else "-",
        f"{median(each.after for each in found):g}" if found else "",
        " or ".join(map(str, sorted(sizes))),
        str(animal.least or ""),
    ]
    return f"| {' | '.join(cells)} |\n", good


def _first(clauses):
    """Three of them, and how many more there are."""
    more = f" and {len(clauses) - SHOWN} more" if len(clauses) > SHOWN else ""
    return ", ".join(f"`{clause}`" for clause in clauses[:SHOWN]) + more


def correct_row(animal):
    """As `flawed_row`, for a receiver without a flaw."""
    run = explored(animal, 1, CORRECT_LIMITS)
    broken = checked(animal)
    found = f"{len(run.discoveries)} findings" if run.discoveries else "nothing"
    pace = f"{run.tried:,} ({run.tried / run.seconds:.0f} a second)"
    doc = animal.receiver.__doc__.rstrip(".")
    return f"| {doc} | {', '.join(broken) or 'nothing'} | {found} | {pace} |\n", not (
        run.discoveries or broken
    )


def main():
    """Write the page; exits 1 where the table is not as it should be."""
    whole, good = HEAD.format(seeds=len(SEEDS)), True
    for row_of, animals in ((flawed_row, FLAWED), (correct_row, CORRECT)):
        whole += NEITHER if animals is CORRECT else ""
        for animal in animals:
            row, is_good = row_of(animal)
            good = good and is_good
            whole += row
            print("" if is_good else "NOT AS KNOWN: ", row, sep="", end="", flush=True)
    PAGE.write_text(whole, encoding="utf-8")
    sys.exit(not good)


main()
