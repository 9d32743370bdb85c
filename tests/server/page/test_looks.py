"""How the page looks: light and dark, narrow and wide, and what a screen reader is told."""

import pytest
from playwright.sync_api import expect

SMS = {"channel": "sms", "to": "27999900005", "content": "Hello"}
VIEWS = {
    "deliveries": ".row",
    "deliveries?open=1": ".attempt",
    "conversations": ".talk",
    "conversations?talk=sms:27999900005:27999900001": ".turn",
    "runs": ".card",
    "faults": "#view-faults .card",
    "findings": ".verdict",
}
PAIRS = [  # of text and ground
    (text, ground)
    for text in ("--ink", "--soft", "--accent", "--good", "--bad", "--unsure")
    for ground in ("--ground", "--raised")
] + [("--on-accent", "--accent"), ("--soft", "--sunken"), ("--accent", "--tint")]
SIGNS = ("acknowledged", "redirected", "rejected", "timed_out", "unreachable", "ack_lost")

CONTRAST = """([text, ground]) => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const shine = (name) => {
    const probe = document.body.appendChild(document.createElement("i"));
    probe.style.color = `var(${name})`;
    canvas.fillStyle = getComputedStyle(probe).color;
    probe.remove();
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map((byte) => {
      const share = byte / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
  };
  const [a, b] = [shine(text), shine(ground)];
  return Math.max(a, b) / Math.min(a, b);
}"""

UNNAMED = """() => [...document.querySelectorAll("button, a, input, select, textarea")]
  .filter((each) => each.checkVisibility() && !(
    each.textContent.trim() || each.ariaLabel || each.getAttribute("aria-labelledby") ||
    each.labels?.length))
  .map((each) => each.outerHTML)"""


# What is as wide as the screen; tables and rows of buttons may scroll by themselves.
SIDEWAYS = """() => [document.documentElement, ...document.querySelectorAll(
    "main > *, .thread, .talk-list > ul, .grid, .room > .inside")]
  .filter((each) => each.checkVisibility() && each.scrollWidth > each.clientWidth)
  .map((each) => `${each.tagName} ${each.id} ${each.className}`)"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_texts_stand_out_from_their_ground(pages, fresh, scheme):
    page = pages.open(fresh.url, color_scheme=scheme)
    contrast = {pair: page.evaluate(CONTRAST, list(pair)) for pair in PAIRS}
    assert {pair: ratio for pair, ratio in contrast.items() if ratio < 4.5} == {}
    signs = {each: page.evaluate(CONTRAST, [f"--{each}", "--ground"]) for each in SIGNS}
    assert {each: ratio for each, ratio in signs.items() if ratio < 3} == {}


def test_the_theme_follows_the_system_until_it_is_chosen(pages, fresh):
    page = pages.open(fresh.url, color_scheme="dark")
    ground = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(ground)
    toggle = page.get_by_role("button", name="Dark theme")
    expect(toggle).to_have_attribute("aria-pressed", "true")
    toggle.click()
    light = page.evaluate(ground)
    assert light == "rgb(255, 255, 255)" != dark
    page.reload()
    assert page.evaluate(ground) == light
    page.keyboard.press("t")
    assert page.evaluate(ground) == dark
    page.emulate_media(color_scheme="light")
    assert page.evaluate(ground) == light


@pytest.mark.parametrize("width", [360, 768, 1440])
def test_nothing_is_wider_than_the_screen_and_everything_has_a_name(pages, fresh, send, width):
    send(SMS)
    fresh.client.wait("quiet", timeout=10)
    page = pages.open(fresh.url, width=width, height=740)
    page.locator("#link[data-state=live]").wait_for()
    for view, there in VIEWS.items():
        page.goto(f"{fresh.url}/#{view}")
        page.locator(there).first.wait_for()
        assert page.evaluate(SIDEWAYS) == [], view
        assert page.evaluate(UNNAMED) == [], view
        expect(page.locator(".views [aria-current=page]")).to_have_count(1)


def test_on_a_narrow_screen_one_thing_is_shown_at_a_time(pages, fresh, send):
    send(SMS)
    page = pages.open(fresh.url, width=360, height=740)
    rows = page.get_by_role("row").filter(has=page.get_by_role("gridcell"))
    expect(rows).to_have_count(2)
    rows.first.click()
    expect(page.get_by_role("complementary")).to_be_visible()
    expect(page.get_by_role("grid")).to_be_hidden()
    page.get_by_role("button", name="Close the delivery").click()
    expect(page.get_by_role("grid")).to_be_visible()
    more = page.get_by_role("button", name="More filters")
    expect(page.get_by_role("combobox", name="Event")).to_be_hidden()
    more.click()
    expect(more).to_have_attribute("aria-expanded", "true")
    expect(page.get_by_role("combobox", name="Event")).to_be_visible()


def test_the_focus_can_be_seen(page):
    for _ in range(14):
        page.keyboard.press("Tab")
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline == "solid", page.evaluate("document.activeElement.outerHTML")


def test_a_narrow_list_says_which_message(pages, fresh, send):
    [sent] = send(SMS | {"to": "27999900004"})
    fresh.client.wait("quiet", timeout=10)
    page = pages.open(fresh.url, width=360, height=740)
    message = page.locator(".row .col-message")
    expect(message).to_be_visible()
    expect(message).to_have_text(f"{sent[:8]}…{sent[-4:]}")
    rows = "() => { const [a, b] = document.querySelectorAll('.row .col-kind, .row .col-message');"
    apart = "return a.getBoundingClientRect().bottom <= b.getBoundingClientRect().top + 1; }"
    assert page.evaluate(rows + apart)
