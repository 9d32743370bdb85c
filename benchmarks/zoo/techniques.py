"""What each technique finds in a receiver of the zoo, in process."""

import mockatell
from benchmarks.zoo import SCENARIO
from mockatell.rooms.explore.explore import Aim, Expedition


def checked(animal):
    """The clauses that a receiver breaks."""
    report = mockatell.check(
        animal.receiver(),
        status_url="/status?key=zoo",
        reply_url="/reply?key=zoo",
        timeout=0.25,
        seed=1,
        limits=False,
    )
    return [clause.id for clause in report.clauses if clause.verdict == "broken"]


def explored(animal, seed, limits):
    """What an exploration in process finds."""
    scenario = mockatell.parse(SCENARIO.format(base="http://zoo"))
    with Expedition(Aim(scenario, app=animal.receiver(), seed=seed)) as expedition:
        return expedition.explore(limits)
