"""A shop that tells its customers by SMS when an order is on its way.

Written by the vendor's documentation, for the real Clickatell: only CLICKATELL_URL says otherwise.
"""

# ruff: noqa: S310 -- the URL is the operator's

import json
import os
import signal
import sqlite3
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.error import HTTPError
from urllib.request import Request, urlopen

CLICKATELL_URL = os.environ.get("CLICKATELL_URL", "https://platform.clickatell.com")
API_KEY = os.environ["CLICKATELL_API_KEY"]
TABLES = """
CREATE TABLE orders (id TEXT PRIMARY KEY, phone TEXT, status TEXT, stamp INTEGER DEFAULT 0);
CREATE TABLE replies (id TEXT PRIMARY KEY, phone TEXT, content TEXT);
"""


def send(order: str, phone: str) -> dict:
    """Send the message; what became of it at once."""
    message = {
        "channel": "sms",
        "to": phone,
        "content": f"Your order {order} is on its way.",
        "clientMessageId": order,
    }
    request = Request(
        f"{CLICKATELL_URL}/v1/message",
        json.dumps({"messages": [message]}).encode(),
        {"Authorization": API_KEY, "Content-Type": "application/json"},
    )
    try:
        with urlopen(request, timeout=10) as answer:
            return json.load(answer)["messages"][0]
    except HTTPError as refusal:  # a single message that is refused
        return json.load(refusal)["messages"][0]


class Shop(BaseHTTPRequestHandler):
    """Orders, and the callbacks about their messages."""

    db: sqlite3.Connection

    def do_GET(self):
        """`/orders/{id}`: how its message stands; `/replies`: what people wrote; `/readyz`."""
        if self.path == "/readyz":
            return self.answer(200, {})
        if self.path == "/replies":
            return self.answer(
                200, self.db.execute("SELECT phone, content FROM replies").fetchall()
            )
        order = self.path.rpartition("/")[2]
        found = self.db.execute("SELECT status FROM orders WHERE id = ?", (order,)).fetchone()
        return self.answer(200, {"status": found[0]}) if found else self.answer(404, {})

    def do_POST(self):
        """`/orders` sends a message; the rest are Clickatell's callbacks."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/orders":
            return self.ordered(body["id"], body["phone"])
        for update in body["event"].get("messageStatusUpdate", []):
            self.updated(update)
        for reply in body["event"].get("moText", []):
            self.replied(reply)
        return self.answer(200, {})

    def ordered(self, order, phone):
        """Keep the order first: its callbacks may be faster than Clickatell's answer."""
        with self.db:
            self.db.execute("INSERT INTO orders (id, phone) VALUES (?, ?)", (order, phone))
        told = send(order, phone)
        self.answer(201 if told["accepted"] else 502, told)

    def updated(self, update):
        """The latest status counts, by its own timestamp: they come in any order, and twice."""
        stamp = update["timestamp"] * 1000 + update["statusCode"]
        row = update["status"], stamp, update["clientMessageId"], stamp
        with self.db:
            self.db.execute(
                "UPDATE orders SET status = ?, stamp = ? WHERE id = ? AND stamp < ?", row
            )

    def replied(self, reply):
        """A reply counts once, however often it comes."""
        row = reply["messageId"], reply["from"], reply["content"]
        with self.db:
            self.db.execute("INSERT OR IGNORE INTO replies VALUES (?, ?, ?)", row)

    def answer(self, status, content):
        """Answer in JSON."""
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Say nothing."""


class Server(HTTPServer):
    """Answers one request after the other, and has room for many to queue."""

    request_queue_size = 128


def main(port: int) -> None:
    """Serve the shop."""
    # In a container this is process 1, which ends on SIGTERM only if it says so itself.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    Shop.db = sqlite3.connect(":memory:")
    Shop.db.executescript(TABLES)
    Server(("", port), Shop).serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]))
