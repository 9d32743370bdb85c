"""The conversations: what was said in each, which is which, and what came to none."""

import httpx
from playwright.sync_api import expect

TO = "27821234567"
BUTTONS = {
    "body": {"text": "Shall we?"},
    "items": [{"type": "reply", "title": "Yes"}, {"type": "reply", "title": "No"}],
}
RICH = [
    (
        {"template": {"templateName": "shipped", "body": {"parameters": {"1": "Ann"}}}},
        ["Template", "shipped", "{{1}}", "Ann"],
    ),
    ({"hsm": {"template": "older", "parameters": {"1": "Bob"}}}, ["older", "Bob"]),
    ({"button": BUTTONS}, ["Shall we?", "Yes", "No"]),
    (
        {"listPicker": {"sections": [{"items": [{"title": "Red", "postbackData": "r"}]}]}},
        ["Red"],
    ),
    (
        {"location": {"latitude": "-33.9", "longitude": 18.4, "name": "Harbour"}},
        ["Harbour", "-33.9, 18.4"],
    ),
    ({"contacts": [{"name": {"formattedName": "Ann Bee"}}]}, ["Ann Bee"]),
    (
        {"content": "AAAA", "contentType": "image/png", "caption": "A cat"},
        ["A cat", "image/png"],
    ),
    ({"content": "c2VhbGVk", "encryptionKey": "a2V5"}, ["encrypted"]),
]


def test_what_a_message_says_besides_text_is_in_its_bubble(page, send):
    send(*({"channel": "whatsapp", "to": TO} | rich for rich, _ in RICH))
    page.get_by_role("link", name="Conversations").click()
    bubbles = page.get_by_role("region", name="Conversation").locator(".bubble")
    expect(bubbles).to_have_count(len(RICH))
    for index, (_, told) in enumerate(RICH):
        for each in told:
            expect(bubbles.nth(index)).to_contain_text(each)


def test_a_file_is_named_in_its_bubble(page, fresh, send):
    uploaded = httpx.post(
        f"{fresh.url}/v1/media?fileName=a.png&broadcastAllowed=true",
        content=b"picture",
        headers={"Authorization": "any-key", "Content-Type": "image/png"},
    ).json()
    media = {"fileId": uploaded["fileId"], "caption": "Look <b>here</b>"}
    send({"channel": "whatsapp", "to": TO, "media": media})
    page.get_by_role("link", name="Conversations").click()
    bubble = page.locator(".sent .bubble")
    expect(bubble).to_contain_text("Look <b>here</b>")
    expect(bubble).to_contain_text(uploaded["fileId"])


def test_the_title_that_was_tapped_is_shown(page, fresh, send):
    send({"channel": "whatsapp", "to": "27999900704", "button": BUTTONS})
    fresh.client.wait("quiet", timeout=10)
    page.get_by_role("link", name="Conversations").click()
    expect(page.locator(".received .bubble")).to_have_text("Yes")
    expect(page.locator(".talk .last")).to_have_text("Yes")


def test_conversations_are_counted_and_those_of_one_user_told_apart(page, send):
    hello = {"channel": "sms", "to": TO, "content": "Hello"}
    send(hello, hello, hello | {"from": "12345"}, hello | {"to": "27821234568"})
    link = page.get_by_role("link", name="Conversations")
    expect(link).to_have_text("Conversations 3")
    link.click()
    talks = page.locator(".talk")
    expect(talks).to_have_count(3)
    expect(talks.filter(has_text=TO).filter(has_text="with 12345")).to_have_count(1)
    expect(talks.filter(has_text=TO).filter(has_text="with 27999900001")).to_have_count(1)
    expect(talks.filter(has_text="27821234568")).not_to_contain_text("with")


def test_what_was_refused_is_listed_above(page, fresh):
    page.get_by_role("link", name="Conversations").click()
    refused = page.locator(".refused")
    expect(refused).to_be_hidden()
    bad = {"to": "+27 82", "content": "x", "clientMessageId": "order-9"}
    for body in (b"{", None):
        httpx.post(
            f"{fresh.url}/v1/message",
            headers={"Authorization": "any-key"},
            **({"content": body} if body else {"json": {"messages": [bad]}}),
        )
    expect(refused.locator("summary")).to_have_text("2 refusals")
    refused.locator("summary").click()
    newest, malformed = refused.get_by_role("listitem").all()
    expect(newest).to_contain_text("25 Invalid recipient address: +27 82")
    expect(newest).to_contain_text("order-9")
    expect(malformed).to_contain_text("21 Payload data is malformed")
    expect(malformed).to_contain_text("Input data was truncated")
    expect(malformed).to_contain_text("POST /v1/message")
    fresh.client.reset()
    expect(refused).to_be_hidden()
