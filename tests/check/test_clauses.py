"""Every clause is broken by the receiver that breaks it, and no other one is."""

import asyncio
import contextlib
import json

import pytest

from mockatell.clickatell.quirks import DEFAULT
from mockatell.core.check.bench import FORMS, Terms
from mockatell.core.check.clauses import CLAUSES, FAMILIES, chosen
from mockatell.core.check.examination import Examination
from mockatell.core.check.words import Seen, Verdict, Weight
from mockatell.errors import ConfigurationError
from mockatell.model import Answer, Endpoint, Role, Trouble
from mockatell.shell.clock import FIXED_EPOCH_MS

DAY = 86_400_000
KINDS = list(FORMS)
CHANNELS = ("sms", "whatsapp")


def when(condition, status=500):
    """A flaw that answers this status under a condition on the call."""
    return lambda call, _memory: status if condition(call) else None


def on(role, condition, status=500):
    return when(lambda call: call.role == role and condition(call), status)


def of(kind, condition, status=500):
    return when(lambda call: call.kind == kind and call.events and condition(call.first), status)


def anywhere(value, found):
    """Whether a key of a JSON value, at any depth, is found."""
    if isinstance(value, list):
        return any(anywhere(each, found) for each in value)
    if not isinstance(value, dict):
        return False
    return any(found(key) or anywhere(each, found) for key, each in value.items())


def hangs(role):
    async def flaw(call, _memory):
        if call.role == role:
            await asyncio.sleep(30)

    return flaw


def counted(role, numbers, seconds):
    """Slow at some requests of an endpoint's plainest kind, by their number."""
    kind = "moText" if role == "reply" else "messageStatusUpdate"

    async def flaw(call, memory):
        if call.kind == kind:
            memory["seen"] = memory.get("seen", 0) + 1
            if memory["seen"] in numbers:
                await asyncio.sleep(seconds)

    return flaw


def remembers(role):
    """Answers 409 to bytes that it has seen."""

    def flaw(call, memory):
        if call.role == role:
            seen = memory.setdefault("seen", set())
            if call.raw in seen:
                return 409
            seen.add(call.raw)
        return None

    return flaw


def leaves_a_mark(role):
    """Work that is cut off stays 'in progress'."""

    async def flaw(call, memory):
        if call.role == role:
            busy = memory.setdefault("busy", set())
            if call.raw in busy:
                return 409
            try:
                await asyncio.sleep(0.0005)
            except asyncio.CancelledError:
                busy.add(call.raw)
                raise
        return None

    return flaw


def keeps_order(kind, name):
    """Rejects what is older than what it has seen of the same message or person."""

    def flaw(call, memory):
        if call.kind == kind and call.events:
            latest = memory.get(call.first[name], 0)
            if call.first["timestamp"] < latest:
                return 409
            memory[call.first[name]] = call.first["timestamp"]
        return None

    return flaw


def locks(role, same):
    """Fails where two requests meet, on the same callback or on the same message."""

    async def flaw(call, memory):
        if call.role != role or not call.events or "messageId" not in call.first:
            return None
        mine = call.first["messageId"]
        others = memory.setdefault(mine, [])
        meets = call.raw in others if same else any(raw != call.raw for raw in others)
        others.append(call.raw)
        try:
            await asyncio.sleep(0.001)
        finally:
            others.remove(call.raw)
        return 500 if meets else None

    return flaw


def starves(role, busy):
    """One endpoint has no worker left where the other one is busy."""

    async def flaw(call, memory):
        if call.role == busy:
            memory["busy"] = memory.get("busy", 0) + 1
            await asyncio.sleep(0.001)
            memory["busy"] -= 1
        return 503 if call.role == role and memory.get("busy", 0) >= 8 else None

    return flaw


def no_credentials(role):
    return lambda call, _memory: 204 if call.role == role else None


# Two of the twenty plain requests of `in-time`; one more clause and the whole table go before.
SAMPLE = {"reply": (7, 8), "status": (57, 58)}

FLAWS = {
    "status-answers": hangs("status"),
    "reply-answers": hangs("reply"),
    "status-not-redirected": on("status", lambda _: True, 307),
    "reply-not-redirected": on("reply", lambda _: True, 301),
    "status-lets-callbacks-in": on("status", lambda _: True, 404),
    "reply-lets-callbacks-in": on("reply", lambda _: True, 403),
    "status-of-unknown-message": on("status", lambda call: "messageId" in call.first, 404),
    **{f"kind-{kind}": when(lambda call, kind=kind: call.kind == kind) for kind in KINDS},
    "every-status": of("messageStatusUpdate", lambda e: e["statusCode"] == 29),
    "status-in-time": counted("status", SAMPLE["status"], 30),
    "reply-in-time": counted("reply", SAMPLE["reply"], 30),
    "status-in-good-time": counted("status", SAMPLE["status"], 0.12),
    "reply-in-good-time": counted("reply", SAMPLE["reply"], 0.12),
    "text-by-sms": of("moText", lambda e: e["channel"] == "sms"),
    "text-by-whatsapp": of("moText", lambda e: e["channel"] == "whatsapp"),
    "unprompted-reply": when(
        lambda call: call.role == "reply" and call.first.get("relatedMessageId", "") is None
    ),
    "reply-to-unknown-message": on("reply", lambda call: call.first.get("relatedMessageId"), 404),
    "status-client-id-null": of(
        "messageStatusUpdate", lambda e: e.get("clientMessageId", "") is None
    ),
    "status-client-id-absent": of("messageStatusUpdate", lambda e: "clientMessageId" not in e),
    "button-content-null": of("moButtonResponse", lambda e: e["selectedItem"]["content"] is None),
    "location-latitute": of("moLocation", lambda e: "latitude" not in e),
    "location-latitude": of("moLocation", lambda e: "latitute" not in e),
    "media-inline": of("moMedia", lambda e: "content" in e),
    "media-by-reference": of("moMedia", lambda e: "files" in e),
    "media-without-hash": of("moMedia", lambda e: "content" in e and "sha256Hash" not in e),
    "sms-network": of("moText", lambda e: isinstance(e.get("sms", {}).get("network"), str)),
    "sms-parts": of("moText", lambda e: "udh" in e.get("sms", {})),
    "fallback-description": of(
        "messageFallback", lambda e: isinstance(e["statusDescription"], str)
    ),
    "contact-birthday": of("moContacts", lambda e: "." in e["contacts"][0].get("birthday", "")),
    "contact-bare": of("moContacts", lambda e: not e["contacts"][0].get("phones")),
    "referral": of("moText", lambda e: "referralInfo" in e.get("whatsapp", {})),
    "non-ascii": of("moText", lambda e: not e["content"].isascii()),
    "empty-text": of("moText", lambda e: not e["content"].strip()),
    "long-text": of("moText", lambda e: len(e["content"]) > 1000),
    "null-character": of("moText", lambda e: "\x00" in e["content"]),
    "channel-blank": when(lambda call: call.first.get("channel", "").endswith(" ")),
    "integration-key": when(lambda call: "integrationId" not in call.body),
    "status-unknown-kind": on("status", lambda call: call.kind and call.kind not in KINDS),
    "reply-unknown-kind": on("reply", lambda call: call.kind and call.kind not in KINDS, 422),
    "status-unknown-fields": on(
        "status", lambda call: anywhere(call.body, lambda key: key.startswith("future")), 422
    ),
    "reply-unknown-fields": on(
        "reply", lambda call: anywhere(call.event, lambda key: key.startswith("future")), 400
    ),
    "status-unknown-channel": on(
        "status", lambda call: call.first.get("channel", "sms").strip() not in CHANNELS
    ),
    "reply-unknown-channel": on(
        "reply", lambda call: call.first.get("channel", "sms").strip() not in CHANNELS
    ),
    "unknown-status": of("messageStatusUpdate", lambda e: e["statusCode"] in (7, 150, 299)),
    "status-batch": on("status", lambda call: len(call.events) > 1),
    "reply-batch": on("reply", lambda call: len(call.events) > 1),
    "status-mixed-batch": on("status", lambda call: len(call.event) > 1),
    "reply-mixed-batch": on("reply", lambda call: len(call.event) > 1),
    "status-empty-array": on("status", lambda call: not call.events),
    "reply-empty-array": on("reply", lambda call: not call.events),
    "status-duplicate": remembers("status"),
    "reply-duplicate": remembers("reply"),
    "status-retry": leaves_a_mark("status"),
    "reply-retry": leaves_a_mark("reply"),
    "status-out-of-order": keeps_order("messageStatusUpdate", "messageId"),
    "reply-out-of-order": keeps_order("moText", "from"),
    "status-old-event": on(
        "status", lambda call: call.first.get("timestamp", 1e15) < FIXED_EPOCH_MS - DAY, 400
    ),
    "reply-old-event": on(
        "reply", lambda call: call.first.get("timestamp", 1e15) < FIXED_EPOCH_MS - DAY, 400
    ),
    "statuses-at-once": locks("status", same=False),
    "status-copies-at-once": locks("status", same=True),
    "reply-copies-at-once": locks("reply", same=True),
    "reply-beside-status": starves("reply", "status"),
    "status-beside-reply": starves("status", "reply"),
    "status-refuses-strangers": no_credentials("status"),
    "reply-refuses-strangers": no_credentials("reply"),
    "status-content-type-charset": on(
        "status", lambda call: call.headers["content-type"] != "application/json", 415
    ),
    "reply-content-type-charset": on(
        "reply", lambda call: call.headers["content-type"] != "application/json", 415
    ),
    "status-connection-close": on("status", lambda call: "connection" in call.headers),
    "reply-connection-close": on("reply", lambda call: "connection" in call.headers),
}
ELSEWHERE = {  # tested with what they need: TLS, a host of this network, limits
    "tls-certificate",
    "https",
    "largest-body",
    "status-highest-burst",
    "reply-highest-burst",
}


def test_every_clause_has_a_receiver_that_breaks_it():
    assert FLAWS.keys() | ELSEWHERE == CLAUSES.keys()


@pytest.mark.parametrize("clause", FLAWS)
def test_a_flaw_breaks_its_clause_and_no_other(clause, make_receiver, checked, broken_ids):
    timeout = 0.2 if "time" in clause or "answers" in clause else 5.0
    report = checked(make_receiver(FLAWS[clause]), timeout=timeout)
    assert broken_ids(report) == {clause}, str(report)
    contract = CLAUSES[clause].weight is Weight.CONTRACT
    assert report.exit_code == (1 if contract else 0)
    assert report[clause].evidence or clause.endswith("good-time")


def test_a_correct_receiver_holds_everything(make_receiver, checked):
    report = checked(make_receiver())
    left = {each.id for each in report.having(Verdict.NOT_EXERCISED)}
    assert left == ELSEWHERE, str(report)
    assert not report.broken
    assert not report.advice
    assert (report.verdict, report.exit_code) == ("held", 0)


def test_a_wsgi_app_is_asked_one_by_one(make_flask_receiver, checked):
    report = checked(make_flask_receiver())
    left = {each.id for each in report.having(Verdict.NOT_EXERCISED)}
    assert left == ELSEWHERE | {name for name, each in CLAUSES.items() if each.crowd}
    assert "one request at a time" in report["statuses-at-once"].reason
    assert report.exit_code == 0, str(report)


def test_a_redirect_leaves_the_rest_untold(make_receiver, checked):
    report = checked(make_receiver(FLAWS["reply-not-redirected"]))
    assert report["reply-not-redirected"].reason == (
        "answered 301, a redirect: lost for good (Location: /elsewhere)"
    )
    assert report["kind-moText"].verdict is Verdict.NOT_EXERCISED
    assert report["reply-duplicate"].reason == "needs reply-not-redirected"
    assert report["status-duplicate"].verdict is Verdict.HELD


def test_a_message_that_is_known_lets_the_rest_be_told(make_receiver, checked, broken_ids):
    known = "ab" * 16
    flaw = on("status", lambda call: call.first.get("messageId", known) != known, 404)
    blind = checked(make_receiver(flaw))
    assert "--message-id" in blind["kind-messageStatusUpdate"].reason
    assert blind["every-status"].verdict is Verdict.NOT_EXERCISED
    report = checked(make_receiver(flaw), message_id=known)
    assert broken_ids(report) == {"status-of-unknown-message"}
    assert report["every-status"].verdict is Verdict.HELD


def test_a_message_is_unknown_until_its_first_status(make_receiver, checked, broken_ids):
    """404 for whatever comes before SENT_TO_SUPPLIER has come."""

    def flaw(call, memory):
        if call.kind != "messageStatusUpdate" or not call.events:
            return None
        known = memory.setdefault("known", set())
        if call.first["status"] == "SENT_TO_SUPPLIER":
            known.add(call.first["messageId"])
        return None if call.first["messageId"] in known else 404

    report = checked(make_receiver(flaw))
    assert broken_ids(report) == {"status-of-unknown-message"}, str(report)
    assert report["every-status"].verdict is Verdict.HELD


def test_a_limit_of_requests_a_second_is_waited_for(make_receiver, checked, broken_ids):
    def flaw(_call, memory):
        memory["seen"] = memory.get("seen", 0) + 1
        return 429 if memory["seen"] % 10 == 0 else None

    report = checked(make_receiver(flaw), only=("every-status", "reply-unknown-fields"))
    assert broken_ids(report) == set()


def test_what_is_turned_away_once_is_sent_again(make_receiver, checked, broken_ids):
    """429 for every body that was not there before: it says nothing of its size or its kind."""

    def flaw(call, memory):
        seen = memory.setdefault("seen", set())
        if call.raw in seen:
            return None
        seen.add(call.raw)
        return 429

    kinds = (f"kind-{kind}" for kind in KINDS)
    only = ("largest-body", "status-of-unknown-message", *kinds)
    report = checked(make_receiver(flaw), limits=True, only=only)
    assert broken_ids(report) == set(), str(report)
    assert report["largest-body"].verdict is Verdict.HELD


def documented(call):
    """Whether a body holds only what the vendor's schema and table have."""
    status = call.first.get("statusCode", 4)
    lists = ("addresses", "emails", "phones", "urls")
    cards = call.first.get("contacts", [])
    an_empty_list = any(card.get(name) == [] for card in cards for name in lists)
    no_words = call.first.get("channel") == "whatsapp" and call.first.get("content", "x") == ""
    return status in NUMBERS_OF_THE_TABLE and not an_empty_list and not no_words


NUMBERS_OF_THE_TABLE = {2, 3, 4, 5, 6, 60, 61, 100, 139, 140, 141} | {
    *range(20, 30),
    *range(80, 86),
    *range(130, 135),
}
"""Those of https://docs.clickatell.com/channels/one-api/one-api-message-status-table/ but UNKNOWN,
which answers a query."""


def test_what_the_vendor_does_not_document_is_no_clause_but_a_few(
    make_receiver, checked, broken_ids
):
    report = checked(make_receiver(when(lambda call: not documented(call))))
    assert broken_ids(report) == {"unknown-status"}, str(report)


@pytest.mark.parametrize("role", ["status", "reply"])
def test_a_channel_that_the_schema_does_not_have_is_advice(role, make_receiver, checked):
    report = checked(make_receiver(FLAWS[f"{role}-unknown-channel"]))
    assert report.exit_code == 0
    assert report[f"{role}-unknown-channel"].basis == "assumed"


def test_one_kind_alone_is_no_mixture(make_receiver, checked):
    flaw = on("reply", lambda call: set(call.event) != {"moText"})
    result = checked(make_receiver(flaw), only=("reply-mixed-batch",))["reply-mixed-batch"]
    assert result.verdict is Verdict.NOT_EXERCISED
    assert result.reason == "moText is the one kind that is acknowledged"


@pytest.mark.parametrize("limit", [5_000, 1_048_576, 2_621_440])
def test_the_largest_body_is_found_to_two_in_a_hundred(limit, make_receiver, checked):
    flaw = when(lambda call: len(call.raw) > limit, 413)
    result = checked(make_receiver(flaw), limits=True, only=("largest-body",))["largest-body"]
    assert result.verdict is Verdict.BROKEN
    assert limit / 1.03 < result.numbers["largest_bytes"] <= limit
    assert limit < result.numbers["refused_bytes"] < limit * 1.03
    assert "answered 413" in result.reason


def test_sixteen_mebibytes_are_enough(make_receiver, checked):
    report = checked(make_receiver(), limits=True, only=("largest-body",))
    assert report["largest-body"].numbers["largest_bytes"] > 16 * 2**20 * 4 / 3
    assert report.sent.bytes > report["largest-body"].numbers["largest_bytes"]


@pytest.mark.parametrize("limit", [7, 50, 180])
def test_the_highest_burst_is_found_to_one_in_ten(limit, make_receiver, checked):
    async def flaw(_call, memory):
        memory["busy"] = memory.get("busy", 0) + 1
        refused = memory["busy"] > limit
        await asyncio.sleep(0.01)
        memory["busy"] -= 1
        return 429 if refused else None

    clause = "reply-highest-burst"
    report = checked(make_receiver(flaw), limits=True, only=(clause,))
    assert limit * 0.85 < report[clause].numbers["burst"] <= limit
    assert limit < report[clause].numbers["refused_burst"] <= limit * 1.25
    assert "answered 429" in report[clause].reason
    assert report.exit_code == 0, "it is advice"
    assert report.sent.most_at_once <= 200


def test_two_hundred_at_once_are_enough(make_receiver, checked):
    report = checked(make_receiver(), limits=True, only=("status-highest-burst",))
    assert report["status-highest-burst"].numbers == {"burst": 200}
    assert report.sent.most_at_once == 200


def test_an_endpoint_that_refuses_a_connection_of_many_is_still_there():
    """A listener's backlog is full: that is advice, and no reason to call it unreachable."""
    endpoints = {Role.REPLY: Endpoint(Role.REPLY, "http://testserver/")}
    terms = Terms(seed=7, epoch_ms=FIXED_EPOCH_MS, endpoints=endpoints)
    settings = {"integration_id": "0" * 32, "integration_name": "a", "quirks": DEFAULT}
    examination = Examination(chosen(["reply-highest-burst"]), terms, settings, budget=300.0)
    play = examination.play()
    seen = None
    with contextlib.suppress(StopIteration):
        while step := play.send(seen):
            answers = [Answer(204)] * 20 + [Answer(trouble=Trouble.REFUSED)] * 200
            seen = tuple(map(Seen, step.sendings, answers))
    report = examination.report()
    assert report["reply-highest-burst"].numbers == {"burst": 20, "refused_burst": 22}
    assert (report.verdict, report.exit_code) == ("held", 0)


def test_a_check_that_runs_out_of_time_is_no_pass(make_receiver, checked):
    async def slow(_call, _memory):
        await asyncio.sleep(0.01)

    report = checked(make_receiver(slow), budget=0.1)
    assert report["reply-answers"].verdict is Verdict.HELD
    assert report["reply-old-event"].reason == "the time was up: 100ms (--budget)"
    assert (report.verdict, report.exit_code) == ("missing_evidence", 2)
    assert "The time was up before the last clause" in str(report)


class TestTheTable:
    def test_ids_are_there_once(self):
        assert sum(map(len, FAMILIES.values())) == len(CLAUSES)

    @pytest.mark.parametrize("clause", CLAUSES.values(), ids=lambda clause: clause.id)
    def test_a_row_says_what_it_rests_on(self, clause):
        assert clause.source.startswith("https://")
        assert clause.rule.endswith(".")
        assert clause.meaning.endswith(".")
        assert set(clause.needs) <= CLAUSES.keys()
        order = list(CLAUSES)
        assert all(order.index(need) < order.index(clause.id) for need in clause.needs)

    def test_one_clause_brings_what_it_needs(self):
        assert [clause.id for clause in chosen(["reply-batch"])] == [
            "reply-answers",
            "reply-not-redirected",
            "reply-lets-callbacks-in",
            "kind-moText",
            "reply-batch",
        ]

    def test_what_is_skipped_is_gone_and_what_needs_it_says_so(self, make_receiver, checked):
        report = checked(make_receiver(), skip=("reply-duplicate",))
        assert "reply-duplicate" not in {each.id for each in report.clauses}
        assert report["reply-retry"].reason == "needs reply-duplicate, which was left out"

    @pytest.mark.parametrize(
        ("only", "skip", "words"),
        [
            (["reply-bach"], (), "did you mean 'reply-batch'"),
            ((), ["zzz"], "mockatell check --list"),
            (["reply-answers"], ["reply-answers"], "no clause is left"),
        ],
    )
    def test_names_that_cannot_be(self, only, skip, words):
        with pytest.raises(ConfigurationError, match=words):
            chosen(only, skip)


class TestTheSeed:
    def bodies(self, make_receiver, checked, seed):
        raws = []
        checked(make_receiver(lambda call, _memory: raws.append(call.raw)), seed=seed, skip=TIMED)
        return raws

    def test_the_same_one_sends_the_same_bytes(self, make_receiver, checked):
        first = self.bodies(make_receiver, checked, 7)
        assert first == self.bodies(make_receiver, checked, 7)
        assert len(first) > 300

    def test_another_one_sends_others(self, make_receiver, checked):
        ids = [
            {
                event["messageId"]
                for raw in raws
                for event in json.loads(raw)["event"].get("moText", ())
            }
            for raws in (self.bodies(make_receiver, checked, seed) for seed in (7, 8))
        ]
        assert ids[0].isdisjoint(ids[1])


TIMED = ("reply-beside-status", "status-beside-reply")  # how much is sent depends on the time
