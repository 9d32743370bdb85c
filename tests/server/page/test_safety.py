"""The page where things go wrong: hostile texts, a token, a sidecar that goes away."""

import re

import httpx
from playwright.sync_api import expect

EVIL = "<img src=x onerror=window.pwned=1><script>window.pwned=1</script>\u202e&amp;\u0000"
SMS = {"channel": "sms", "to": "27999900004", "content": "Hello"}


def test_what_comes_from_outside_is_text(page, pages, send, endpoint):
    endpoint.answers += [(500, EVIL), (500, EVIL)]
    send(SMS | {"content": EVIL, "clientMessageId": EVIL[:60]})
    row = page.get_by_role("row").filter(has_text="SENT_TO_SUPPLIER")
    expect(row).to_contain_text("\N{MULTIPLICATION SIGN}3")
    row.click()
    detail = page.get_by_role("complementary")
    expect(detail).to_contain_text("onerror=window.pwned=1")
    detail.locator("summary").first.click()
    expect(detail.get_by_text("window.pwned=1</script>").first).to_be_visible()
    for view in ("Conversations", "Findings"):
        page.get_by_role("link", name=view).click()
    page.goto(f"{page.url.partition('#')[0]}#deliveries?kind={EVIL}&run={EVIL}")
    expect(page.get_by_text("Nothing matches")).to_be_visible()
    assert page.evaluate("window.pwned") is None
    assert page.locator("main img, main script").count() == 0
    pages.forgive("422")  # there is no such kind


def test_the_policy_lets_nothing_in(fresh, pages):
    policy = httpx.get(fresh.url).headers["content-security-policy"]
    assert "unsafe" not in policy
    assert re.search(r"default-src 'none'", policy)
    page = pages.open(fresh.url)
    page.evaluate("document.body.setAttribute('onclick', 'window.pwned = 1')")
    page.locator("h1").click()
    assert page.evaluate("window.pwned") is None
    pages.forgive("Content Security Policy")


def test_nothing_is_fetched_from_elsewhere(fresh, pages):
    asked = []
    page = pages.open("about:blank")
    page.on("request", lambda request: asked.append(request.url))
    page.goto(fresh.url)
    page.locator("#link[data-state=live]").wait_for()
    assert asked
    assert all(url.startswith(fresh.url) for url in asked)


def test_a_token_is_asked_for_until_it_is_right(serve, pages):
    guarded = serve("--token", "opensesame", "--target", "http://127.0.0.1:9")
    page = pages.open(guarded.url)
    dialog = page.get_by_role("dialog", name="This sidecar needs a token")
    expect(dialog.get_by_label("Token")).to_be_focused()
    page.keyboard.type("wrong")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("not the token")
    dialog.get_by_label("Token").fill("opensesame")
    dialog.get_by_role("button", name="Open").click()
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    page.reload()
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    assert page.evaluate("document.cookie + JSON.stringify({...sessionStorage})") == "{}"
    pages.forgive("401")


def test_the_page_says_that_the_sidecar_is_gone_and_comes_back(serve, pages, endpoint, free_port):
    port = free_port()
    first = serve("--port", port, "--target", endpoint.url, "--pace", 0)
    page = pages.open(first.url)
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    first.end()
    expect(page.get_by_text("Disconnected")).to_be_visible()
    page.keyboard.press("p")  # what is done meanwhile says that nobody is there
    expect(page.get_by_role("status").filter(has_text="does not answer")).to_be_visible()
    second = serve("--port", port, "--target", endpoint.url, "--pace", 0)
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    answer = httpx.post(
        f"{second.url}/v1/message", json={"messages": [SMS]}, headers={"Authorization": "k"}
    )
    assert answer.status_code == 202
    expect(page.get_by_role("row").filter(has_text="acknowledged 200").first).to_be_visible()
    pages.forgive("net::ERR")
