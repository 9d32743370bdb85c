"""A restaurant books tables by SMS; its callbacks are handled twice, naively and guarded."""

import sqlite3

from fastapi import APIRouter, FastAPI, Request

TABLES = """
CREATE TABLE IF NOT EXISTS messages (id TEXT PRIMARY KEY, status TEXT, stamp INTEGER);
CREATE TABLE IF NOT EXISTS replies (id TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS answers (recipient TEXT, text TEXT);
"""
ANSWER = "Thank you, your table is booked."


def create_app(db: sqlite3.Connection) -> FastAPI:
    """The app on a database of its caller's."""
    db.executescript(TABLES)
    app = FastAPI()
    app.include_router(naive(db), prefix="/naive")
    app.include_router(guarded(db), prefix="/guarded")

    @app.get("/messages/{message_id}")
    async def message(message_id: str):
        """What is known of a message that was sent, for tests to look at."""
        found = db.execute("SELECT status FROM messages WHERE id = ?", (message_id,)).fetchone()
        return {"status": found and found[0]}

    @app.get("/answers/{recipient}")
    async def answers(recipient: str):
        """The answers that a person got."""
        found = db.execute("SELECT text FROM answers WHERE recipient = ?", (recipient,))
        return [text for (text,) in found]

    return app


async def events(request: Request, kind: str) -> list[dict]:
    """The events of a callback that are of this kind; it may hold others."""
    return (await request.json())["event"].get(kind, [])


def answer(db: sqlite3.Connection, reply: dict) -> None:
    """Answer a person (a real app calls POST /v1/message here)."""
    db.execute("INSERT INTO answers VALUES (?, ?)", (reply["from"], ANSWER))


def naive(db: sqlite3.Connection) -> APIRouter:
    """Believes that callbacks come once, in order, and to the URL as it is written here."""
    routes = APIRouter()

    @routes.post("/status/")
    async def status(request: Request):
        received = await events(request, "messageStatusUpdate")
        with db:
            for event in received:
                row = event["messageId"], event["status"], event["timestamp"]
                db.execute("INSERT OR REPLACE INTO messages VALUES (?, ?, ?)", row)

    @routes.post("/reply/")
    async def reply(request: Request):
        received = await events(request, "moText")
        with db:
            for event in received:
                answer(db, event)

    return routes


def guarded(db: sqlite3.Connection) -> APIRouter:
    """Keeps the newest status, and answers a reply in the transaction that first saw its id."""
    routes = APIRouter()

    @routes.post("/status")
    @routes.post("/status/")
    async def status(request: Request):
        received = await events(request, "messageStatusUpdate")
        with db:
            for event in received:
                row = event["messageId"], event["status"], event["timestamp"]
                db.execute(
                    "INSERT INTO messages VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE "
                    "SET status = excluded.status, stamp = excluded.stamp "
                    "WHERE excluded.stamp > stamp",
                    row,
                )

    @routes.post("/reply")
    @routes.post("/reply/")
    async def reply(request: Request):
        received = await events(request, "moText")
        with db:
            for event in received:
                row = (event["messageId"],)
                if db.execute("INSERT OR IGNORE INTO replies VALUES (?)", row).rowcount:
                    answer(db, event)

    return routes
