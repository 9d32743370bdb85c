"""Receivers with one flaw each: what was found wrong in the callbacks of real integrations."""

import asyncio

from benchmarks.zoo.skeleton import LOCATION, STATUS, TEXT, Receiver, database

SLOW = 0.5  # seconds: twice the time-out of the zoo's scenario


class LastWins(Receiver):
    """A late `sent` after `delivered` rewrites a final state."""

    @staticmethod
    def is_newer(_event, _known):
        return True


class ReadsThenWrites(Receiver):
    """Two statuses that are handled at one time keep the older."""

    async def take_status(self, event):
        known = self.statuses.get(event["messageId"])
        await database()
        if self.is_newer(event, known):
            self.statuses[event["messageId"]] = event


class RepeatIsCorrection(Receiver):
    """A status that comes again counts as a correction: a repeated `delivered` undoes `read`."""

    def __init__(self, client=None):
        super().__init__(client)
        self.seen = set()

    async def take_status(self, event):
        key = event["messageId"], event["status"]
        await super().take_status(event)
        if key in self.seen:
            self.statuses[event["messageId"]] = event
        self.seen.add(key)


class AnswersTwice(Receiver):
    """Takes every reply for a new one, so a person whose reply comes twice gets two answers."""

    async def take_reply(self, kind, event):
        self.replies[event["messageId"]] = event
        if kind == TEXT:
            await self.answer(event)


class CountsTwice(Receiver):
    """Counts a delivery each time it is told of it."""

    async def take_status(self, event):
        before = self.delivered.get(event["messageId"], 0)
        await super().take_status(event)
        if event["status"] == "DEVICE_ACK":
            self.delivered[event["messageId"]] = before + 1


class HashesTheText(Receiver):
    """Takes a person's reply for a duplicate when it has the text of another one."""

    def __init__(self, client=None):
        super().__init__(client)
        self.first = {}

    async def take_reply(self, kind, event):
        digest = hash((event["from"], event.get("content")))
        if self.first.setdefault(digest, event["messageId"]) == event["messageId"]:
            await super().take_reply(kind, event)


class TrustsTheTimestamp(Receiver):
    """Takes what is not newer than the last event of a conversation for a duplicate."""

    def __init__(self, client=None):
        super().__init__(client)
        self.latest = {}

    async def take(self, kind, event):
        about = event.get("relatedMessageId") or event.get("messageId")
        if self.latest.get(about, 0) < event["timestamp"]:
            self.latest[about] = event["timestamp"]
            await super().take(kind, event)


class KeyTooCoarse(Receiver):
    """Knows duplicates by the message's id alone, so later statuses are dropped."""

    async def take_status(self, event):
        if event["messageId"] not in self.statuses:
            await super().take_status(event)


class FirstOfBatch(Receiver):
    """Looks at the first event of a batch alone."""

    async def receive(self, event):
        for kind, events in event.items():
            await self.take(kind, events[0])
        return 200, {}


class CrashesOnUnknown(Receiver):
    """Has a handler for each kind that it knows, and none for those to come."""

    async def take(self, kind, event):
        handlers = {STATUS: self.take_status}
        handlers |= {TEXT: self.take_text, LOCATION: self.take_location}
        await handlers[kind](event)

    async def take_text(self, event):
        await self.take_reply(TEXT, event)

    async def take_location(self, event):
        await self.take_reply(LOCATION, event)


class NotFound(Receiver):
    """Answers 404 for a message that it does not know (yet), and is sent it again and again."""

    async def respond(self, method, path, query, body):
        try:
            return await super().respond(method, path, query, body)
        except LookupError:
            return 404, {}

    async def take_status(self, event):
        if event["status"] != "SENT_TO_SUPPLIER" and event["messageId"] not in self.statuses:
            raise LookupError(event["messageId"])
        await super().take_status(event)


class RefusesDuplicates(Receiver):
    """Answers 400 for a duplicate, and is sent it again and again."""

    def __init__(self, client=None):
        super().__init__(client)
        self.seen = set()

    async def respond(self, method, path, query, body):
        if method == "POST" and body in self.seen:
            return 400, {}
        self.seen.add(body)
        return await super().respond(method, path, query, body)


class Redirects(Receiver):
    """Answers 301 where the trailing slash is missing, and never hears of it again."""

    async def respond(self, method, path, query, body):
        if method == "POST" and not path.endswith("/"):
            return 301, f"{path}/"
        return await super().respond(method, path, query, body)


class WorksFirst(Receiver):
    """Answers when the work is done, which is too late: it is sent the same again."""

    async def take_reply(self, kind, event):
        await asyncio.sleep(SLOW)
        await super().take_reply(kind, event)


class NeverAnswers(Receiver):
    """Takes a callback and does not answer."""

    async def respond(self, method, path, query, body):
        answer = await super().respond(method, path, query, body)
        if method == "POST":
            await asyncio.Event().wait()  # for what never comes
        return answer


class LegacyNumbers(Receiver):
    """Reads the numbers as the older API had them: 4 is delivered, 5 has failed; both are final."""

    async def take_status(self, event):
        message, code = event["messageId"], event["statusCode"]
        meaning = {4: "delivered", 5: "failed"}.get(code)
        if meaning and message not in self.statuses:
            self.statuses[message] = event | {"status": meaning}


class LatitudeOnly(Receiver):
    """Expects `latitude`, which the vendor's own example spells otherwise."""

    async def take_reply(self, kind, event):
        if kind == LOCATION:
            event["content"] = event["latitude"], event["longitude"]
        await super().take_reply(kind, event)


class StripsTheQuery(Receiver):
    """Wants the key of the URL's query, which the proxy in front of it takes off."""

    async def respond(self, method, path, _query, body):
        return await super().respond(method, path, "", body)


class DropsOrphans(Receiver):
    """Drops a reply to a message of which it has not heard yet."""

    async def take_reply(self, kind, event):
        related = event.get("relatedMessageId")
        if related is None or related in self.statuses:
            await super().take_reply(kind, event)


class KeepsEverything(Receiver):
    """Keeps every callback of a message for ever: it grows with each that comes again."""

    def __init__(self, client=None):
        super().__init__(client)
        self.log = {}

    async def take(self, kind, event):
        self.log.setdefault(event.get("messageId"), []).append(event)
        await super().take(kind, event)

    def show(self, key):
        known = super().show(key)
        return None if known is None else known | {"log": len(self.log[key])}


class ForgetsOnRestart(Receiver):
    """Knows in memory what it has answered; its worker is replaced after every few requests."""

    LIFE = 5  # requests

    def __init__(self, client=None):
        super().__init__(client)
        self.requests = 0
        self.seen = set()

    async def respond(self, method, path, query, body):
        self.requests += method == "POST"
        if self.requests % self.LIFE == 0:
            self.seen = set()
        return await super().respond(method, path, query, body)

    async def take_reply(self, kind, event):
        if event["messageId"] in self.seen:
            return
        self.seen.add(event["messageId"])
        self.replies[event["messageId"]] = event
        if kind == TEXT:
            await self.answer(event)


class ChecksThenInserts(Receiver):
    """Looks whether a reply is new, then inserts it: two copies at one time are both new."""

    async def take_reply(self, kind, event):
        if event["messageId"] in self.replies:
            return
        await database()
        self.replies[event["messageId"]] = event
        if kind == TEXT:
            await self.answer(event)
