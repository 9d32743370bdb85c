"""The list of deliveries: live, filtered, read by keyboard, and one of them in full."""

import re

import pytest
from playwright.sync_api import expect

TIMES = "\N{MULTIPLICATION SIGN}"
SMS = {"channel": "sms", "to": "27999900005", "content": "Your order has shipped"}
WHATSAPP = SMS | {"channel": "whatsapp", "to": "27999900006"}


FILTERED = {
    "kind=moText": ["moText"],
    "role=status": ["DEVICE_ACK", "SENT_TO_SUPPLIER", "SENT_TO_SUPPLIER"],
    "message=ORDER-2": ["moText", "DEVICE_ACK", "SENT_TO_SUPPLIER"],
    "message=%231": ["SENT_TO_SUPPLIER"],
    "outcome=rejected": ["given up"],
    "state=exhausted": ["rejected 500"],
    "state=acknowledged&role=reply": ["moText"],
    "outcome=timed_out": [],
}


@pytest.fixture
def rows(page):
    return page.get_by_role("row").filter(has=page.get_by_role("gridcell"))


def test_what_the_app_sends_shows_up_by_itself(page, rows, send):
    expect(page.get_by_text("No callbacks yet")).to_be_visible()
    (message,) = send(SMS | {"clientMessageId": "order-17"})

    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("DEVICE_ACK")
    expect(rows.last).to_contain_text("SENT_TO_SUPPLIER")
    expect(rows.first).to_contain_text("acknowledged 200")
    expect(rows.first).to_contain_text("order-17")
    expect(page.get_by_role("link", name="Deliveries")).to_contain_text("2")

    rows.first.click()
    detail = page.get_by_role("complementary")
    expect(detail).to_contain_text(message)
    expect(detail).to_contain_text("/callback?key=***")
    expect(detail).to_contain_text(f'"messageId": "{message}"')
    expect(detail).to_contain_text("HTTP 200")


def test_the_address_filters(page, rows, fresh, send, endpoint):
    endpoint.answers += [(500, "")] * 3
    send(SMS | {"clientMessageId": "order-1", "to": "27999900004"})
    fresh.client.wait("quiet", timeout=10)
    send(SMS | {"clientMessageId": "order-2", "to": "27999900701"})
    expect(rows).to_have_count(4)
    for query, seen in FILTERED.items():
        page.goto(f"{fresh.url}/#deliveries?{query}")
        expect(rows).to_contain_text(seen)
        expect(page.get_by_role("button", name="Clear", exact=True)).to_be_visible()


def test_filters_are_set_by_hand_and_cleared(page, rows, send):
    send(SMS, WHATSAPP)
    expect(rows).to_have_count(5)
    page.get_by_label("Filter by message").fill("no such id")
    expect(page.get_by_text("Nothing matches")).to_be_visible()
    page.get_by_role("button", name="Clear the filters").click()
    expect(rows).to_have_count(5)
    page.get_by_role("combobox", name="Endpoint").select_option("reply")
    expect(page.get_by_text("Nothing matches")).to_be_visible()
    page.get_by_role("button", name="Clear", exact=True).click()
    chip = page.get_by_role("button", name="acknowledged")
    chip.click()
    expect(chip).to_have_attribute("aria-pressed", "true")
    expect(rows).to_have_count(5)
    assert page.url.endswith("#deliveries?outcome=acknowledged")


def test_that_nothing_matches_is_said_once_it_is_known(page, rows, send):
    (message,) = send(SMS)
    expect(rows).to_have_count(2)
    held = []

    def hold(route):
        held.append(route)

    page.route("**/deliveries?**message=*", hold)
    with page.expect_request("**/deliveries?**message=*"):
        page.get_by_label("Filter by message").fill("no such id")
    looking, nothing = page.get_by_text("Looking through"), page.get_by_text("Nothing matches")
    expect(looking).to_be_visible()
    assert nothing.count() == 0
    held.pop().continue_()
    expect(nothing).to_be_visible()
    assert looking.count() == 0
    page.get_by_label("Filter by message").fill(message)
    expect(rows).to_have_count(2)
    for each in held:
        each.continue_()


def test_every_attempt_has_its_answer(page, rows, send, endpoint):
    endpoint.answers += [(503, "not now, sorry"), (500, "still broken")]
    send(SMS | {"to": "27999900004"})
    expect(rows.first).to_contain_text(f"{TIMES}3")
    rows.first.click()
    detail = page.get_by_role("complementary")
    attempts = detail.locator("details")
    expect(attempts).to_have_count(3)
    expect(attempts.nth(0)).to_contain_text("rejected")
    expect(attempts.nth(2)).to_contain_text("acknowledged")
    attempts.nth(0).locator("summary").click()
    expect(attempts.nth(0).get_by_text("not now, sorry").first).to_be_visible()
    picture = detail.get_by_role("img")
    expect(picture).to_have_accessible_name(
        re.compile("attempt 1: rejected 503 .*attempt 2: rejected 500 .*attempt 3: acknowledged")
    )


def test_the_open_delivery_is_redelivered(page, rows, send, endpoint):
    (message,) = send(SMS | {"to": "27999900004"})
    rows.first.click()
    page.get_by_role("button", name="Redeliver").click()
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("redelivery")
    expect(rows.first).to_contain_text("acknowledged 200")
    told = [each["messageStatusUpdate"][0] for each in endpoint.events]
    assert told[0] == told[1]
    assert told[0]["messageId"] == message


def test_the_keyboard_is_enough(page, rows, send):
    send(SMS, SMS)
    expect(rows).to_have_count(4)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    grid = page.get_by_role("grid")
    expect(grid).to_be_focused()

    page.keyboard.press("End")
    page.keyboard.press("ArrowUp")
    active = page.locator(f"#{grid.get_attribute('aria-activedescendant')}")
    expect(active).to_contain_text("#2")
    expect(active).to_have_attribute("aria-rowindex", "4")
    page.keyboard.press("Enter")
    detail = page.get_by_role("complementary", name="Delivery 2")
    expect(detail).to_be_visible()
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("complementary", name="Delivery 3")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("complementary")).to_be_hidden()
    expect(grid).to_be_focused()

    page.keyboard.press("/")
    expect(page.get_by_label("Filter by message")).to_be_focused()
    page.keyboard.type("#4")
    expect(rows).to_have_count(1)
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(rows).to_have_count(4)
    page.keyboard.press("3")
    expect(page.get_by_role("heading", name="Scenarios")).to_be_visible()


def test_single_keys_can_be_switched_off(page):
    page.keyboard.press("?")
    help_ = page.get_by_role("dialog", name="Help")
    help_.get_by_label("Single-key shortcuts").uncheck()
    page.keyboard.press("Escape")
    expect(help_).to_be_hidden()
    page.keyboard.press("c")
    page.keyboard.press("3")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert "#runs" not in page.url


def test_a_conversation_is_told_along_time(page, send):
    send(SMS | {"to": "27999900701", "clientMessageId": "order-9"})
    page.get_by_role("link", name="Conversations").click()
    turns = page.get_by_role("region", name="Conversation").get_by_role("article")
    expect(turns).to_have_count(2)
    expect(turns.nth(0)).to_contain_text("Your order has shipped")
    expect(turns.nth(0)).to_contain_text("order-9")
    lanes = turns.nth(0).get_by_role("button")
    expect(lanes).to_have_count(2)
    expect(lanes.nth(1)).to_contain_text("DEVICE_ACK")
    expect(lanes.nth(1).locator("use.acknowledged")).to_have_count(1)
    expect(turns.nth(1)).to_contain_text("YES")
    lanes.nth(1).click()
    expect(page.get_by_role("complementary")).to_contain_text("DEVICE_ACK")
