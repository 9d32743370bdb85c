"""A restaurant books tables by SMS; its callbacks are handled twice, naively and guarded."""

import sqlite3

from flask import Blueprint, Flask, request

TABLES = """
CREATE TABLE IF NOT EXISTS messages (id TEXT PRIMARY KEY, status TEXT, stamp INTEGER);
CREATE TABLE IF NOT EXISTS replies (id TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS answers (recipient TEXT, text TEXT);
"""
ANSWER = "Thank you, your table is booked."


def create_app(db: sqlite3.Connection) -> Flask:
    """The app on a database of its caller's."""
    db.executescript(TABLES)
    app = Flask(__name__)
    app.register_blueprint(naive(db), url_prefix="/naive")
    app.register_blueprint(guarded(db), url_prefix="/guarded")

    @app.get("/messages/<message_id>")
    def message(message_id):
        """What is known of a message that was sent, for tests to look at."""
        found = db.execute("SELECT status FROM messages WHERE id = ?", (message_id,)).fetchone()
        return {"status": found and found[0]}

    @app.get("/answers/<recipient>")
    def answers(recipient):
        """The answers that a person got."""
        found = db.execute("SELECT text FROM answers WHERE recipient = ?", (recipient,))
        return [text for (text,) in found]

    return app


def answer(db: sqlite3.Connection, reply: dict) -> None:
    """Answer a person (a real app calls POST /v1/message here)."""
    db.execute("INSERT INTO answers VALUES (?, ?)", (reply["from"], ANSWER))


def naive(db: sqlite3.Connection) -> Blueprint:
    """Believes that callbacks come once, in order, and to the URL as it is written here."""
    routes = Blueprint("naive", __name__)

    @routes.post("/status/")
    def status():
        with db:
            for event in request.json["event"].get("messageStatusUpdate", ()):
                row = event["messageId"], event["status"], event["timestamp"]
                db.execute("INSERT OR REPLACE INTO messages VALUES (?, ?, ?)", row)
        return {}

    @routes.post("/reply/")
    def reply():
        with db:
            for event in request.json["event"].get("moText", ()):
                answer(db, event)
        return {}

    return routes


def guarded(db: sqlite3.Connection) -> Blueprint:
    """Keeps the newest status, and answers a reply in the transaction that first saw its id."""
    routes = Blueprint("guarded", __name__)

    @routes.post("/status/", strict_slashes=False)
    def status():
        with db:
            for event in request.json["event"].get("messageStatusUpdate", ()):
                row = event["messageId"], event["status"], event["timestamp"]
                db.execute(
                    "INSERT INTO messages VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE "
                    "SET status = excluded.status, stamp = excluded.stamp "
                    "WHERE excluded.stamp > stamp",
                    row,
                )
        return {}

    @routes.post("/reply/", strict_slashes=False)
    def reply():
        with db:
            for event in request.json["event"].get("moText", ()):
                row = (event["messageId"],)
                if db.execute("INSERT OR IGNORE INTO replies VALUES (?)", row).rowcount:
                    answer(db, event)
        return {}

    return routes
