"""What all receivers of the zoo have in common: an ASGI app without a flaw, in memory.

A flaw is a subclass that does one thing wrong. `POST /status` and `POST /reply` take callbacks,
`GET /messages/{id}` shows what is known of a message that was sent, or of a reply that came.
"""

import asyncio
import json

import httpx

DATABASE = 0.001  # seconds that a look at a database takes
STATUS, TEXT, LOCATION = "messageStatusUpdate", "moText", "moLocation"
THANKS = "Thank you, your table is booked."


class Receiver:
    """Keeps the status with the newest timestamp, and answers a text once.

    Args:
        client: Sends the answers to the platform's `/v1/message`; without one they are counted.
    """

    def __init__(self, client: httpx.AsyncClient | None = None):
        self.client = client
        self.statuses = {}  # by message: the newest event
        self.delivered = {}  # by message: how often it counts as delivered
        self.replies = {}  # by reply: its event
        self.answers = {}  # by reply: how often it was answered

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            raise NotImplementedError(scope["type"])  # servers then do without a lifespan
        body, more = b"", True
        while more:
            part = await receive()
            body, more = body + part.get("body", b""), part.get("more_body", False)
        query = scope["query_string"].decode()
        status, answer = await self.respond(scope["method"], scope["path"], query, body)
        headers = [(b"content-type", b"application/json")]
        if 300 <= status < 400:
            headers.append((b"location", answer.encode()))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": json.dumps(answer).encode()})

    async def respond(self, method, path, query, body):
        """Status code and answer of one request; a callback must have the key of the URL."""
        if method == "POST" and "key=zoo" not in query:
            return 401, {}
        if method == "GET":
            known = self.show(path.rpartition("/")[2])
            return (404, {}) if known is None else (200, known)
        return await self.receive(json.loads(body)["event"])

    async def receive(self, event):
        """Take a callback's events, whatever their kinds and however many."""
        for kind, events in event.items():
            for each in events:
                await self.take(kind, each)
        return 200, {}

    async def take(self, kind, event):
        if kind == STATUS:
            await self.take_status(event)
        elif kind in (TEXT, LOCATION):
            await self.take_reply(kind, event)

    async def take_status(self, event):
        message = event["messageId"]
        if event["status"] == "DEVICE_ACK":
            self.delivered[message] = 1
        if self.is_newer(event, self.statuses.get(message)):
            self.statuses[message] = event

    @staticmethod
    def is_newer(event, known):
        return known is None or event["timestamp"] > known["timestamp"]

    async def take_reply(self, kind, event):
        reply = event["messageId"]
        if reply in self.replies:
            return
        self.replies[reply] = event
        if kind == TEXT:
            await self.answer(event)

    async def answer(self, event):
        reply = event["messageId"]
        self.answers[reply] = self.answers.get(reply, 0) + 1
        if self.client is not None:
            message = {"channel": event["channel"], "to": event["from"], "content": THANKS}
            sent = await self.client.post("/v1/message", json={"messages": [message]})
            sent.raise_for_status()

    def show(self, key):
        """What is known, or None."""
        if key in self.statuses:
            return {"status": self.statuses[key]["status"], "delivered": self.delivered.get(key, 0)}
        if key in self.replies:
            event = self.replies[key]
            return {"content": event.get("content"), "answers": self.answers.get(key, 0)}
        return None


async def database():
    """Wait for the database: here another request gets its turn."""
    await asyncio.sleep(DATABASE)
