"""What the page sets going: scenarios, faults, time, the report, and starting anew."""

import re

from playwright.sync_api import expect

TIMES = "\N{MULTIPLICATION SIGN}"
SMS = {"channel": "sms", "to": "27999900005", "content": "Hello"}
OWN = """\
name: own
messages:
  - {count: 3, reply: moText, content: Hi}
expect:
  - acknowledged: all
"""


def test_a_scenario_is_started_and_its_findings_read(page):
    page.get_by_role("link", name="Runs").click()
    page.get_by_role("spinbutton", name="Seed").fill("11")
    page.get_by_role("button", name="Start opt-out").click()
    row = page.get_by_role("row").filter(has_text="opt-out")
    expect(row).to_contain_text("11")
    row.get_by_role("link", name="r1").click()
    expect(page.get_by_role("row").filter(has_text="moText").first).to_be_visible()
    expect(page.get_by_role("combobox", name="Run", exact=True)).to_have_value("r1")


def test_an_own_scenario_is_kept_and_run_to_its_verdict(page, endpoint):
    page.get_by_role("link", name="Runs").click()
    page.get_by_role("button", name="Own scenario").click()
    dialog = page.get_by_role("dialog", name="Own scenario")
    dialog.get_by_label("Scenario, in YAML").fill(OWN)
    dialog.get_by_label("Keep it as").fill("mine")
    dialog.get_by_role("button", name="Go").click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("article", name="mine")).to_contain_text("uploaded")
    row = page.get_by_role("row").filter(has_text="exit 0")
    expect(row).to_contain_text("held")
    expect(row.get_by_role("img", name="3 acknowledged")).to_be_visible()
    row.get_by_role("link", name="Findings").click()
    expect(page.get_by_text("Passed")).to_be_visible()
    expect(page.get_by_text("acknowledged: all")).to_be_visible()
    assert [each["moText"][0]["content"] for each in endpoint.events] == ["Hi"] * 3


def test_a_scenario_that_is_wrong_says_where(pages, page):
    page.get_by_role("link", name="Runs").click()
    page.get_by_role("button", name="Own scenario").click()
    dialog = page.get_by_role("dialog", name="Own scenario")
    dialog.get_by_label("Scenario, in YAML").fill("messagez: []")
    dialog.get_by_role("button", name="Go").click()
    expect(dialog.get_by_role("alert")).to_contain_text("messagez")
    pages.forgive("the server responded with a status of 4")


def test_a_fault_is_switched_on_set_and_off(page, fresh, send, endpoint):
    page.get_by_role("link", name="Faults").click()
    switch = page.get_by_role("switch", name="duplicate")
    expect(switch).to_have_attribute("aria-checked", "false")
    card = page.get_by_role("article", name="duplicate")
    card.get_by_label("Probability").fill("100%")
    card.get_by_label("Within").fill("1ms")
    switch.click()
    expect(switch).to_have_attribute("aria-checked", "true")
    expect(switch).to_be_focused()
    expect(page.get_by_role("link", name="Faults")).to_contain_text("1 on")
    send(SMS | {"to": "27999900004"})
    fresh.client.wait("quiet", timeout=10)
    assert len(endpoint.events) == 2
    assert endpoint.events[0] == endpoint.events[1]

    copies = card.get_by_label("Copies")
    copies.fill("2")
    copies.press("Enter")
    expect(page.get_by_role("article", name="duplicate").get_by_label("Copies")).to_have_value("2")
    send(SMS | {"to": "27999900004"})
    fresh.client.wait("quiet", timeout=10)
    assert len(endpoint.events) == 5
    page.get_by_role("button", name="All off").click()
    expect(switch).to_have_attribute("aria-checked", "false")
    assert fresh.client.faults() == []


def test_a_fault_that_cannot_be_says_why_and_stays_off(pages, page, fresh):
    page.get_by_role("link", name="Faults").click()
    page.get_by_role("article", name="delay").get_by_label("By").fill("a while")
    page.get_by_role("switch", name="delay").click()
    expect(page.get_by_role("status").filter(has_text="a while")).to_be_visible()
    expect(page.get_by_role("switch", name="delay")).to_have_attribute("aria-checked", "false")
    assert fresh.client.faults() == []
    by = page.get_by_role("article", name="delay").get_by_label("By")
    expect(by).to_have_value("a while")
    expect(by).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_role("article", name="delay").get_by_role("alert")).to_contain_text(
        "a while"
    )
    pages.forgive("the server responded with a status of 4")


def test_a_fault_that_is_on_keeps_what_was_typed_until_it_can_be(pages, page, fresh):
    page.get_by_role("link", name="Faults").click()
    card = page.get_by_role("article", name="duplicate")
    page.get_by_role("switch", name="duplicate").click()
    expect(page.get_by_role("switch", name="duplicate")).to_have_attribute("aria-checked", "true")
    probability = card.get_by_label("Probability")
    probability.fill("300%")
    probability.press("Enter")
    expect(card.get_by_role("alert")).to_contain_text("300%")
    expect(probability).to_have_value("300%")
    assert fresh.client.faults()[0]["duplicate"]["probability"] == "20%"
    probability.fill("30%")
    probability.press("Enter")
    expect(card.get_by_role("alert")).to_have_count(0)  # what is empty is not shown
    expect(card.get_by_label("Probability")).to_have_value("30%")
    pages.forgive("the server responded with a status of 4")


def test_the_clock_is_paused_advanced_and_hurried(page, fresh, send, endpoint):
    clock = page.get_by_role("button", name=re.compile("^Clock"))
    page.keyboard.press("p")
    expect(clock).to_have_accessible_name(re.compile("^Clock .* paused$"))
    send(SMS)
    rows = page.get_by_role("row").filter(has_text="waiting")
    expect(rows.first).to_be_visible()
    assert endpoint.events == []
    clock.click()
    page.get_by_role("button", name="+10 s", exact=True).click()
    expect(page.get_by_role("row").filter(has_text="acknowledged 200")).to_have_count(2)
    page.get_by_role("button", name=f"{TIMES}60", exact=True).click()
    page.get_by_role("button", name="Go on").click()
    expect(clock).to_have_accessible_name(re.compile(f"{TIMES}60$"))
    assert fresh.client.clock().speed == 60
    page.get_by_role("button", name=f"{TIMES}1", exact=True).click()
    expect(clock).to_have_accessible_name(re.compile("[0-9]{2}$"))


def test_everything_is_forgotten_only_when_it_is_meant(page, send):
    send(SMS)
    rows = page.get_by_role("row").filter(has=page.get_by_role("gridcell"))
    expect(rows).to_have_count(2)
    for answer, left in (("Close", 2), ("Reset", 0)):
        page.get_by_role("button", name=re.compile("^Clock")).click()
        page.get_by_role("button", name="Reset…").click()
        dialog = page.get_by_role("dialog", name="Forget everything?")
        dialog.get_by_role("button", name=answer).click()
        expect(dialog).to_be_hidden()
        expect(rows).to_have_count(left)
    expect(page.get_by_text("No callbacks yet")).to_be_visible()


def test_findings_name_the_deliveries_that_prove_them(page, fresh, send, endpoint):
    endpoint.answers += [(302, "")]
    send(SMS | {"to": "27999900004"})
    fresh.client.wait("quiet", timeout=10)
    page.get_by_role("link", name="Findings").click()
    finding = page.get_by_role("group").filter(has_text="lost to a redirect")
    finding.locator("summary").click()
    finding.get_by_role("link", name="#1").click()
    expect(page.get_by_role("complementary", name="Delivery 1")).to_contain_text("redirected 302")
