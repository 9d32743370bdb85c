"""The zoo: small receivers with one flaw each, and three without one, to measure ourselves by.

Not examples to copy from, so not among them: each flaw is a bug that was found in real integrations
with Clickatell or with other platforms that deliver at least once. `python -m benchmarks.zoo`
writes the kill table (docs/zoo.md); the tests hold a quick version of it.
"""

from typing import Any, NamedTuple

from benchmarks.zoo import correct, flaws

CHECK, EXPLORE = "check", "explore"

# A message that was sent over WhatsApp, and two replies of the same words; {base} is the server.
SCENARIO = """
name: zoo
endpoints:
  status: {base}/status?key=zoo
  reply: {base}/reply?key=zoo
  timeout: 250ms
retry: fast
messages:
  - channel: whatsapp
    steps:
      - {{status: SENT_TO_SUPPLIER}}
      - {{status: DEVICE_ACK, after: 1s}}
      - {{status: READ, after: 1s}}
      - {{reply: moText, after: 1s, content: "Yes"}}
      - {{reply: moText, after: 1s, content: "Yes"}}
expect:
  - probe: {{get: "{base}/messages/{{messageId}}"}}
  - probe: {{get: "{base}/messages/{{replyId}}"}}
"""


class Animal(NamedTuple):
    """A receiver of the zoo.

    Args:
        name: As the kill table has it.
        receiver: Makes the ASGI app; takes an `httpx.AsyncClient` for what it sends, or nothing.
        bug: In one sentence; "" where there is none.
        found_by: The techniques that are to find it.
        least: Callbacks of the smallest schedule that shows it, 0 where no schedule does.
    """

    name: str
    receiver: Any
    bug: str = ""
    found_by: frozenset[str] = frozenset()
    least: int = 0


def _flawed(receiver, found_by, least=0):
    bug = receiver.__doc__.partition("\n")[0]
    return Animal(_name(receiver), receiver, bug, frozenset(found_by.split()), least)


def _name(receiver):
    return "".join(f" {c.lower()}" if c.isupper() else c for c in receiver.__name__).strip()


FLAWED = (
    _flawed(flaws.LastWins, "explore", 2),
    _flawed(flaws.ReadsThenWrites, "explore", 2),
    _flawed(flaws.RepeatIsCorrection, "explore", 3),
    _flawed(flaws.AnswersTwice, "explore", 2),
    _flawed(flaws.CountsTwice, "explore", 2),
    _flawed(flaws.HashesTheText, "explore", 2),
    _flawed(flaws.TrustsTheTimestamp, "explore", 2),
    _flawed(flaws.KeyTooCoarse, "explore", 2),
    _flawed(flaws.FirstOfBatch, "check"),
    _flawed(flaws.CrashesOnUnknown, "check"),
    _flawed(flaws.NotFound, "check explore", 1),
    _flawed(flaws.RefusesDuplicates, "check explore", 2),
    _flawed(flaws.Redirects, "check explore", 1),
    _flawed(flaws.WorksFirst, "check explore", 1),
    _flawed(flaws.NeverAnswers, "check explore", 1),
    _flawed(flaws.LegacyNumbers, "explore", 2),
    _flawed(flaws.LatitudeOnly, "check"),
    _flawed(flaws.StripsTheQuery, "check explore", 1),
    _flawed(flaws.DropsOrphans, "explore", 2),
    _flawed(flaws.KeepsEverything, "explore", 2),
    _flawed(flaws.ForgetsOnRestart, "explore", 2),
    _flawed(flaws.ChecksThenInserts, "explore", 2),
)
CORRECT = tuple(
    Animal(_name(each), each)
    for each in (correct.UpsertsByRank, correct.SourcesEvents, correct.Queues)
)
ZOO = (*FLAWED, *CORRECT)
