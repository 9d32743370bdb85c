"""What the scenario's tests share."""

from __future__ import annotations

import pytest

from mockatell.core.scenario.load import parse
from mockatell.errors import ScenarioError


@pytest.fixture(scope="session")
def refusal():
    """The error that a scenario is refused with, as a person reads it."""

    def refuse(text, *, env=None, overrides=()):
        with pytest.raises(ScenarioError) as caught:
            parse(text, name="s.yaml", env=env or {}, overrides=overrides)
        return str(caught.value)

    return refuse
