"""Receivers without a flaw, built in three ways: nothing may ever be found in them."""

import asyncio
import json
import sqlite3

from benchmarks.zoo.skeleton import LOCATION, STATUS, TEXT, Receiver

TABLES = """
CREATE TABLE messages (id TEXT PRIMARY KEY, status TEXT, rank INTEGER, delivered INTEGER);
CREATE TABLE replies (id TEXT PRIMARY KEY, content TEXT);
CREATE TABLE events (key TEXT PRIMARY KEY, subject TEXT, event TEXT);
CREATE INDEX by_subject ON events (subject);
"""
UPSERT = """
INSERT INTO messages VALUES (:messageId, :status, :statusCode, :delivered)
ON CONFLICT (id) DO UPDATE SET
  status = CASE WHEN excluded.rank > rank THEN excluded.status ELSE status END,
  rank = max(rank, excluded.rank),
  delivered = max(delivered, excluded.delivered)
"""


class UpsertsByRank(Receiver):
    """Keeps in SQLite the status that is furthest on, and inserts a reply once."""

    def __init__(self, client=None):
        super().__init__(client)
        self.db = _database()

    async def take_status(self, event):
        delivered = event["status"] == "DEVICE_ACK"
        with self.db:
            self.db.execute(UPSERT, event | {"delivered": delivered})

    async def take_reply(self, kind, event):
        row = event["messageId"], event.get("content")
        with self.db:
            new = self.db.execute("INSERT OR IGNORE INTO replies VALUES (?, ?)", row).rowcount
        if new and kind == TEXT:
            await self.answer(event)

    def show(self, key):
        find = "SELECT status, delivered FROM messages WHERE id = ?"
        for status, delivered in self.db.execute(find, (key,)):
            return {"status": status, "delivered": delivered}
        for (content,) in self.db.execute("SELECT content FROM replies WHERE id = ?", (key,)):
            return {"content": content, "answers": self.answers.get(key, 0)}
        return None


class SourcesEvents(Receiver):
    """Appends every event once, and folds a message's events when it is asked."""

    def __init__(self, client=None):
        super().__init__(client)
        self.db = _database()

    async def take(self, kind, event):
        if kind not in (STATUS, TEXT, LOCATION):
            return
        subject = event["messageId"]
        key = f"{kind} {subject} {event.get('statusCode')}"
        row = key, subject, json.dumps(event)
        with self.db:
            new = self.db.execute("INSERT OR IGNORE INTO events VALUES (?, ?, ?)", row).rowcount
        if new and kind == TEXT:
            await self.answer(event)

    def show(self, key):
        rows = self.db.execute("SELECT event FROM events WHERE subject = ?", (key,))
        events = sorted(map(json.loads, (row[0] for row in rows)), key=lambda e: e["timestamp"])
        if not events:
            return None
        if "status" in events[0]:
            delivered = sum(event["status"] == "DEVICE_ACK" for event in events)
            return {"status": events[-1]["status"], "delivered": delivered}
        return {"content": events[0].get("content"), "answers": self.answers.get(key, 0)}


class Queues(Receiver):
    """Puts a callback in a queue and acknowledges it; a worker does the work later."""

    def __init__(self, client=None):
        super().__init__(client)
        self.queue = asyncio.Queue()
        self.worker = None

    async def receive(self, event):
        self.queue.put_nowait(event)
        if self.worker is None:
            self.worker = asyncio.create_task(self.work())
        return 200, {}

    async def work(self):
        while not self.queue.empty():
            await asyncio.sleep(0)
            await super().receive(self.queue.get_nowait())
        self.worker = None


def _database():
    db = sqlite3.connect(":memory:", check_same_thread=False)
    db.executescript(TABLES)
    return db
