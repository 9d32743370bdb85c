"""Orders at the shop, with Clickatell's answers and callbacks; exits with the verdict."""

# ruff: noqa: BLE001, PLR2004, S310, T201 -- a script that is its own test runner

import json
import os
import sys
import traceback
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from mockatell.client import Client

SHOP = os.environ["SHOP_URL"]
CLICKATELL = Client(os.environ["CLICKATELL_URL"])


def ask(path, content=None):
    """One of the shop's answers: status and content."""
    body = None if content is None else json.dumps(content).encode()
    try:
        with urlopen(Request(f"{SHOP}{path}", body), timeout=10) as answer:
            return answer.status, json.load(answer)
    except HTTPError as refusal:
        return refusal.code, json.load(refusal)


def order(name, phone):
    """Order, and return when all callbacks about it are over; no test sleeps."""
    answer = ask("/orders", {"id": name, "phone": phone})
    CLICKATELL.wait("acknowledged")
    return answer


def status_of(name):
    """How the shop thinks the message about an order stands."""
    return ask(f"/orders/{name}")[1]["status"]


def test_the_message_is_delivered():
    status, told = order("o-1", "27821234567")
    assert (status, told["accepted"]) == (201, True)
    assert status_of("o-1") == "DEVICE_ACK"


def test_the_message_fails():
    order("o-2", "27999900023")  # magic: the last three digits are the status in which it ends
    assert status_of("o-2") == "DELIVERY_FAILURE"


def test_the_number_is_refused():
    status, told = order("o-3", "12")
    assert (status, told["error"]["code"]) == (502, 25)


def test_callbacks_come_twice_late_and_again():
    CLICKATELL.set_faults(
        {"duplicate": {"probability": 1, "within": "200ms", "copies": 1}},
        {"reorder": {"probability": 1, "within": "200ms"}},
    )
    order("o-4", "27821234568")
    CLICKATELL.set_faults()
    assert status_of("o-4") == "DEVICE_ACK"
    assert len(CLICKATELL.deliveries(message=CLICKATELL.messages()[0].id)) == 4


def test_an_outage_of_an_hour_is_over_in_no_time():
    CLICKATELL.set_faults({"outage": {"at": "0s", "for": "1h"}})
    ask("/orders", {"id": "o-5", "phone": "27821234569"})
    CLICKATELL.advance(3 * 3600)
    CLICKATELL.set_faults()
    CLICKATELL.wait("acknowledged")
    assert status_of("o-5") == "DEVICE_ACK"


def test_who_replies_stop_gets_nothing_more():
    order("o-6", "27999900702")  # magic: replies STOP
    assert ["27999900702", "STOP"] in ask("/replies")[1]
    status, told = order("o-7", "27999900702")
    assert (status, told["error"]["code"]) == (502, 26)


def main():
    """Run every test, in order; gives the exit code."""
    CLICKATELL.wait_until_ready()
    tests = [pair for pair in globals().items() if pair[0].startswith("test_")]
    failed = 0
    for name, test in tests:
        try:
            test()
            print(f"passed  {name}")
        except Exception:
            failed += 1
            print(f"FAILED  {name}")
            traceback.print_exc()
    print(f"{len(tests) - failed} of {len(tests)} passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
