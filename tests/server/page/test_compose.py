"""Composing: an event of each kind arrives at the endpoint as it was filled in."""

import pytest
from playwright.sync_api import expect

from mockatell.clickatell.events import KINDS
from mockatell.clickatell.media import CONTENT_TYPES
from mockatell.clickatell.replies import FIELDS_OF
from mockatell.clickatell.statuses import STATUSES

ID = "0123456789abcdef0123456789abcdef"
FORMS = {
    "messageStatusUpdate": (
        {"Channel": "whatsapp", "Status": "READ", "Of message": ID, "Client message id": "order-1"},
        {"status": "READ", "statusCode": 6, "messageId": ID, "clientMessageId": "order-1"},
    ),
    "messageFallback": ({"Of message": ID}, {"messageId": ID}),
    "statusIsTyping": ({"From": "27999000123"}, {"from": "27999000123"}),
    "moText": (
        {"Content": "<b>Ja, graag</b> 👍", "From": "27999900001", "In answer to": ID},
        {"content": "<b>Ja, graag</b> 👍", "from": "27999900001", "relatedMessageId": ID},
    ),
    "moMedia": (
        {"Type": "image/png", "Sent": "inline", "Caption": "The roof", "Bytes": "1500"},
        {"contentType": "image/png", "caption": "The roof"},
    ),
    "moLocation": (
        {"Latitude": "-33.9", "Longitude": "18.4", "Name": "Office"},
        {"longitude": "18.4", "locationName": "Office"},
    ),
    "moContacts": ({"Contacts": '[{"name": {"firstName": "Noor"}}]'}, {}),
    "moSuggestedResponse": (
        {"Content": "Confirm", "Postback data": "yes-1"},
        {"content": "Confirm", "postbackData": "yes-1"},
    ),
    "moListPickerResponse": ({"Postback data": "row-2"}, {}),
    "moButtonResponse": ({"Postback data": "stop", "From": "27999900009"}, {"from": "27999900009"}),
}


def fill(dialog, fields):
    for name, value in fields.items():
        control = dialog.get_by_label(name, exact=True)
        if control.evaluate("control => control.tagName") == "SELECT":
            control.select_option(value)
        else:
            control.fill(value)


@pytest.mark.parametrize("kind", KINDS)
def test_an_event_of_every_kind_is_sent(page, endpoint, kind):
    fields, told = FORMS[kind]
    page.keyboard.press("c")
    dialog = page.get_by_role("dialog", name="Compose an event")
    dialog.get_by_role("radio", name=kind).check()
    fill(dialog, fields)
    dialog.get_by_role("button", name="Send the event").click()

    expect(dialog).to_be_hidden()
    row = page.get_by_role("row").filter(has_text=fields.get("Status", kind))
    expect(row).to_contain_text("acknowledged 200")
    expect(page.get_by_role("complementary", name="Delivery 1")).to_be_visible()
    (event,) = (each for body in endpoint.events for each in body[kind])
    assert event | told == event


def test_what_cannot_be_sent_says_why_and_keeps_what_was_written(pages, page, endpoint):
    page.get_by_role("button", name="Compose", exact=True).click()
    dialog = page.get_by_role("dialog", name="Compose an event")
    dialog.get_by_role("radio", name="moContacts").check()
    dialog.get_by_label("Contacts", exact=True).fill("[not json")
    dialog.get_by_role("button", name="Send the event").click()
    expect(dialog.get_by_role("alert")).to_have_text("Contacts: this is not JSON")

    dialog.get_by_role("radio", name="moLocation").check()
    dialog.get_by_label("Latitude").fill("123")
    dialog.get_by_role("button", name="Send the event").click()
    expect(dialog.get_by_role("alert")).to_contain_text("latitude")
    expect(dialog.get_by_label("Latitude")).to_have_value("123")
    assert endpoint.events == []
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    pages.forgive("the server responded with a status of 4")


def test_a_status_is_offered_only_where_it_occurs(page):
    page.keyboard.press("c")
    dialog = page.get_by_role("dialog", name="Compose an event")
    dialog.get_by_role("radio", name="messageStatusUpdate").check()
    status = dialog.get_by_label("Status", exact=True)
    expect(status.locator("option[value=READ]")).to_have_count(0)
    dialog.get_by_label("Channel", exact=True).select_option("whatsapp")
    expect(status.locator("option[value=READ]")).to_have_count(1)
    expect(status.locator("option[value=ROUTING_ERROR]")).to_have_count(0)


def test_an_answer_is_composed_from_its_conversation(page, send, endpoint):
    (message,) = send({"channel": "sms", "to": "27999900004", "content": "Are you there?"})
    page.get_by_role("link", name="Conversations").click()
    page.get_by_role("button", name="Reply as the user").click()
    dialog = page.get_by_role("dialog", name="Compose an event")
    dialog.get_by_label("Content", exact=True).fill("Yes")
    dialog.get_by_role("button", name="Send the event").click()
    expect(page.get_by_role("article").filter(has_text="Yes")).to_be_visible()
    (reply,) = (each for body in endpoint.events for each in body.get("moText", ()))
    assert (reply["from"], reply["relatedMessageId"]) == ("27999900004", message)


def test_the_form_knows_the_kinds_fields_and_statuses_that_there_are(page):
    form = page.evaluate("import('/mockatell/page/kinds.js').then((kinds) => ({...kinds}))")
    assert set(form["KINDS"]) == set(KINDS)
    assert form["CONTENT_TYPES"] == list(CONTENT_TYPES)
    assert form["STATUSES"] == [
        [status.name, status.code, list(status.channels)]
        for status in STATUSES
        if status.code is not None
    ]
    # Ids and numbers belong to the conversation; an advertisement is the scenario's to place.
    around = {"from", "to", "message_id", "referral"}
    for kind, fields in FIELDS_OF.items():
        offered = {field["name"] for field in form["KINDS"][kind]["fields"]}
        assert offered | around == fields | around
