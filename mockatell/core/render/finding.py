"""A discovery for people: in words, as a scenario that plays it, and as a test that does."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from mockatell.core.endings import how_they_differ
from mockatell.core.eyes import SENT, Eye, told
from mockatell.core.oracle import NOT_FOUND, PLACEHOLDER, mismatch
from mockatell.core.render.schedule import as_scenario, as_test, flow, in_words
from mockatell.core.scenario.units import format_seconds
from mockatell.core.scenario.urls import MASK, masked
from mockatell.model import Frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from mockatell.core.discoveries import Discovery
    from mockatell.core.endings import Finding
    from mockatell.core.scenario.spec import ProbeSpec, Scenario
    from mockatell.model import Endpoint, Role

RETRIES: Final = (30.0, 60.0)
"""Seconds until what is not taken is sent again: later than all else that a schedule sends."""

_QUERY_VALUE: Final = re.compile(r"(?<==)[^&]+")


class Setting(Frozen, frozen=True):
    """Where a discovery was made.

    Args:
        scenario: What was explored.
        endpoints: Where it was sent; none where an app ran in process.
        seed: What everything was drawn from.
        file: Name of the file that plays it.
        stand_in: Where the platform's send side was served, as `HOST:PORT`; "" where it was not.
        ignore: Paths of the state that were left out.
    """

    scenario: Scenario
    endpoints: Mapping[Role, Endpoint]
    seed: int
    file: str
    stand_in: str = ""
    ignore: tuple[str, ...] = ()

    @property
    def probes(self) -> list[ProbeSpec]:
        """The looks at the customer's state over HTTP."""
        return [probe for probe in self._all if probe.get]

    @property
    def tables(self) -> list[ProbeSpec]:
        """The looks into the customer's database."""
        return [probe for probe in self._all if probe.sql]

    @property
    def _all(self) -> list[ProbeSpec]:
        return [clause.probe for clause in self.scenario.expect if clause.probe is not None]


def headline(discovery: Discovery) -> str:
    """What it is, in one line."""
    finding = discovery.finding
    if discovery.in_order:
        return "refused, although it comes in order and once"
    if finding.got.unacknowledged and not finding.expected.unacknowledged:
        return "refused, although it is taken in order and once each"
    return "it ends otherwise than in order and once each"


def sent(discovery: Discovery) -> list[str]:
    """What is sent, a line each."""
    return in_words(discovery.finding.schedule, discovery.finding.events)


def differs(discovery: Discovery) -> list[str]:
    """What came of it that should not have, a line each."""
    return how_they_differ(discovery.finding)


def refused(discovery: Discovery) -> list[str]:
    """What was refused, a line each."""
    finding = discovery.finding
    return how_they_differ(replace(finding, expected=finding.got))


def how_often(discovery: Discovery) -> str:
    """In how many runs it broke."""
    if discovery.in_order:
        return "it came in order and once" + (
            f", and {discovery.refusal}" * bool(discovery.refusal)
        )
    rate = f"{discovery.broke} of {discovery.of} runs"
    return f"flaky: it broke in {rate}" if discovery.is_flaky else f"it broke in {rate}"


def scenario_of(discovery: Discovery, setting: Setting) -> str:
    """A scenario in YAML that plays it, for `mockatell run` and `mockatell replay`."""
    finding = discovery.finding
    why = [
        f"Found by mockatell explore, seed {setting.seed}: {headline(discovery)}.",
        *sent(discovery),
        *differs(discovery),
        f"{how_often(discovery)}; again: {again(discovery, setting, setting.file)}",
        *_beyond_run(discovery, setting),
    ]
    own = [
        f"name: {setting.file.removesuffix('.yaml')}",
        f"description: {told(seen_by(discovery, setting))}",
        *_endpoints(setting),
    ]
    own.append(f"retry: {{schedule: [{', '.join(f'{each:g}s' for each in RETRIES)}]}}")
    own += ["expect:", "  - acknowledged: all"]
    if not discovery.in_order:
        own += [*_expected(finding, setting.probes), *_found(finding, setting.tables)]
    anybody = [replace(event, user=None) for event in finding.events]
    return as_scenario(finding.schedule, anybody, setting.scenario, why, own=own, ids=False)


def seen_by(discovery: Discovery, setting: Setting) -> frozenset[Eye]:
    """What saw it: any of these will see it again."""
    finding = discovery.finding
    if discovery.in_order:
        return frozenset({Eye.ANSWERS})
    eyes = {_eye(finding, setting, label) for label in _differing(finding)}
    if finding.got.refused != finding.expected.refused:
        eyes.add(Eye.ANSWERS)
    return frozenset(eyes)


def _eye(finding: Finding, setting: Setting, label: str) -> Eye:
    if label == SENT:
        return Eye.STAND_IN
    gets = (probe.get for probe in setting.probes)
    is_row = bool(setting.tables) and label.startswith("SQL ")
    probed = is_row or any(_names(finding, get, label) is not None for get in gets)
    return Eye.PROBES if probed else Eye.FUNCTION


def _differing(finding: Finding) -> list[str]:
    """What of the state is not as after delivery in order."""
    expected, got = finding.expected.state, finding.got.state
    return [label for label in expected if expected[label] != got.get(label)]


def again(discovery: Discovery, setting: Setting, path: str) -> str:
    """The command that plays it again, with all that it takes to see it."""
    eyes = seen_by(discovery, setting)
    words = ["mockatell", "replay", path]
    if Eye.STAND_IN in eyes:
        words += ["--stand-in", setting.stand_in or "HOST:PORT"]
    if eyes == {Eye.FUNCTION}:
        words += ["--probe", "URL"]
    return shlex.join([*words, *(word for each in setting.ignore for word in ("--ignore", each))])


def _beyond_run(discovery: Discovery, setting: Setting) -> Iterator[str]:
    """What `mockatell run` cannot tell, and why."""
    eyes = seen_by(discovery, setting)
    if eyes <= {Eye.STAND_IN, Eye.FUNCTION}:
        yield f"mockatell run does not see it: it was seen by {', '.join(sorted(eyes))} alone"
    elif Eye.ANSWERS not in eyes and all(
        _contained(discovery.finding, label) and not _gains_keys(discovery.finding, [label])
        for label in _differing(discovery.finding)
    ):
        yield "mockatell run does not see it: `json` need only be contained in what is there"


def _contained(finding: Finding, label: str) -> bool:
    """Whether what was expected is in what there was instead, so that `json` would hold."""
    got = finding.got.state
    return label in got and mismatch(finding.expected.state[label], got[label]) is None


def _gains_keys(finding: Finding, labels: Iterable[str]) -> bool:
    """Whether nothing but keys of the whole answer that should not be there tell it is wrong."""
    expected, got = finding.expected.state, finding.got.state
    return any(
        isinstance(expected[label], dict) and expected[label].keys() < got[label].keys()
        for label in labels
        if _contained(finding, label)
    )


def _exactly(jmespath: str) -> str:
    """What picks an object and its keys, so that one that has more of them is not the same."""
    return f"{jmespath or '@'} | [@, sort(keys(@))]"


def _endpoints(setting: Setting) -> Iterator[str]:
    if not setting.endpoints:
        return
    yield "endpoints:"
    for role, endpoint in setting.endpoints.items():
        yield f"  {role.value}: {_settable(f'{role.value}_url'.upper(), endpoint.url)}"
    if any(each.headers or each.basic_auth for each in setting.endpoints.values()):
        yield "  # headers and basic_auth may be secret: they are left out"
    timeout = min(each.timeout for each in setting.endpoints.values())
    yield f"  timeout: {format_seconds(timeout)}"


def _settable(variable: str, url: str) -> str:
    """A URL; where it holds a secret, one that can be set without touching the file."""
    if masked(url) == url:
        return flow(url)
    return f'"${{{variable}:-{masked(url)}}}"  # {MASK} stands for a secret'


def _expected(finding: Finding, probes: Sequence[ProbeSpec]) -> Iterator[str]:
    """The probes, each with what delivery in order and once each leaves behind."""
    for probe in probes:
        shown = without_secrets(probe.get)
        answers = [
            _templated(answer, names)
            for label, answer in finding.expected.state.items()
            if (names := _names(finding, probe.get, label)) is not None
        ]
        labels = [
            each for each in _differing(finding) if _names(finding, probe.get, each) is not None
        ]
        exact = _gains_keys(finding, labels) and all(isinstance(each, dict) for each in answers)
        if not answers:
            continue
        yield "  - probe:"
        yield f"      get: {flow(shown)}" + ("" if shown == probe.get else f"  # {MASK}: a secret")
        if probe.jmespath or exact:
            picks = _exactly(probe.jmespath) if exact else probe.jmespath
            yield f"      jmespath: {flow(picks)}"
        if probe.headers:
            yield "      # headers may be secret: they are left out"
        if all(answer == answers[0] for answer in answers):
            unknown = answers[0] == f"answered {NOT_FOUND}"
            wanted = [answers[0], sorted(answers[0])] if exact else answers[0]
            yield f"      status: {NOT_FOUND}" if unknown else f"      json: {flow(wanted)}"


def _found(finding: Finding, tables: Sequence[ProbeSpec]) -> Iterator[str]:
    """The queries, each with what they find after delivery in order and once each."""
    for number, probe in enumerate(tables, 1):
        start = f"SQL {number}: "
        answers = [
            _templated(answer, dict(pair.split("=", 1) for pair in label.split(", ") if pair))
            for whole, answer in finding.expected.state.items()
            if (label := whole.removeprefix(start)) != whole
        ]
        if not answers or any(answer != answers[0] for answer in answers):
            continue
        yield "  - probe:"
        yield f"      sql: {flow(probe.sql)}"
        yield f"      url: {_settable('DATABASE_URL', probe.url)}"
        yield from [f"      jmespath: {flow(probe.jmespath)}"] if probe.jmespath else []
        yield f"      json: {flow(answers[0])}"


def without_secrets(template: str) -> str:
    """A probe's URL, the values of its query hidden but for those with placeholders."""
    base, question, query = template.partition("?")
    hidden = _QUERY_VALUE.sub(lambda value: value[0] if "{" in value[0] else MASK, query)
    return masked(base) + question + hidden


def _names(finding: Finding, template: str, label: str) -> dict[str, str] | None:
    """Which name stands for which placeholder, where this look was a probe's; else None."""
    told = [finding.events[event] for event in finding.schedule.events]
    ids = {
        "messageId": {event.message_id for event in told},
        "clientMessageId": {event.client_message_id for event in told},
        "replyId": {event.fields.get("message_id") for event in told},
    }
    path = re.sub(r"^https?://[^/]*", "", without_secrets(template))
    parts = PLACEHOLDER.split(path)
    pattern = "".join(
        f"(?P<{part}>[^/?&]+)" if at % 2 and part not in parts[:at] else re.escape(part)
        for at, part in enumerate(parts)
    )
    found = re.search(f"{pattern}$", label)
    names = found.groupdict() if found else None
    known = names and all(name in ids.get(each, {name}) for each, name in names.items())
    return names if known or names == {} else None


def _templated(value: Any, names: Mapping[str, str]) -> Any:
    """What was seen, with placeholders for the names of a conversation."""
    match value:
        case str():
            by_name = {name: f"{{{placeholder}}}" for placeholder, name in names.items()}
            return by_name.get(value, value)
        case dict():
            return {key: _templated(each, names) for key, each in value.items()}
        case list():
            return [_templated(each, names) for each in value]
        case _:
            return value


def test_of(discovery: Discovery, setting: Setting) -> str:
    """A pytest file that plays it; in process it wants the fixture `mockatell_target`."""
    finding = discovery.finding
    why = [*differs(discovery), how_often(discovery)]
    look = _telling(finding, setting.probes)
    text = as_test(
        finding.schedule,
        finding.events,
        None if look is None else without_secrets(look.get),
        why,
        in_order=discovery.in_order,
    )
    fixtures = "" if look or discovery.in_order else _state_fixture(seen_by(discovery, setting))
    if not setting.endpoints:
        return f"import pytest\n\n{text}{fixtures}" if "@pytest" in fixtures else text + fixtures
    urls = {role.value: masked(each.url) for role, each in setting.endpoints.items()}
    target = next(iter(urls.values()))
    return f"""import pytest

{text}{fixtures}

@pytest.fixture
def mockatell_target():
    return {target!r}


@pytest.fixture
def mockatell_config():
    return {{"endpoints": {urls!r}}}
"""


_SENT_FIXTURE: Final = '''

@pytest.fixture
def state(clickatell):
    """What the app sends to a person; let it send to `clickatell.url`, or through its transport."""

    def sent_to(ids):
        people = {ids.get("from"), ids.get("to")}
        return [(each.channel, each.content) for each in clickatell.sent if each.to in people]

    return sent_to
'''
_OWN_FIXTURE: Final = """

# To be supplied, here or in conftest.py: a fixture `state` that gives a function of a message's
# ids (`messageId`, `replyId`, `from`...), which shows the state that `explore` was given.
"""


def _state_fixture(eyes: frozenset[Eye]) -> str:
    """The fixture that shows the state, or what there is to say of it."""
    return _SENT_FIXTURE if Eye.STAND_IN in eyes else _OWN_FIXTURE


def _telling(finding: Finding, probes: Sequence[ProbeSpec]) -> ProbeSpec | None:
    """The probe that sees the difference; the first, where answers differ but no state."""
    differing = _differing(finding)
    for probe in probes:
        if any(_names(finding, probe.get, label) is not None for label in differing):
            return probe
    return None if differing else next(iter(probes), None)
