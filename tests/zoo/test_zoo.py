"""A quick version of the kill table: `make zoo` makes the whole one."""

import pytest

from benchmarks.zoo import CHECK, CORRECT, EXPLORE, FLAWED
from benchmarks.zoo.techniques import checked as broken
from benchmarks.zoo.techniques import explored as explore
from mockatell.rooms.explore.exploring import Limits

ENOUGH = 400  # schedules in which every flaw is met
OF_CORRECT = 300


def by(technique):
    return [animal for animal in FLAWED if technique in animal.found_by]


def named(animal):
    return animal.name


def test_there_are_enough_and_each_is_found_somehow():
    assert len(FLAWED) >= 20
    assert len(CORRECT) == 3
    assert all(animal.found_by <= {CHECK, EXPLORE} and animal.found_by for animal in FLAWED)


@pytest.mark.parametrize("animal", by(EXPLORE), ids=named)
def test_explore_finds_the_flaw_and_shrinks_it_to_the_least(animal):
    explored = explore(animal, 1, Limits(60.0, ENOUGH, 1))
    discovery, *_ = explored.discoveries
    assert discovery.finding.schedule.callbacks == animal.least


@pytest.mark.parametrize("animal", by(CHECK), ids=named)
def test_check_finds_the_flaw(animal):
    assert broken(animal)


@pytest.mark.parametrize("animal", CORRECT, ids=named)
def test_nothing_is_found_in_what_is_correct(animal):
    explored = explore(animal, 1, Limits(60.0, OF_CORRECT))
    assert explored.tried == OF_CORRECT
    assert explored.discoveries == ()
    assert explored.unconfirmed == 0
    assert broken(animal) == []
