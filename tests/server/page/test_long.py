"""Ten thousand deliveries: few rows exist, all can be reached, and scrolling is smooth."""

import httpx
import pytest
from playwright.sync_api import expect

MESSAGES = 5_000  # each is sent and delivered: two deliveries
BUDGET = 0.010  # seconds of script, style and layout for one frame, of the 16.7 ms that it has

SCROLL = """async ({ frames, step }) => {
  const body = document.querySelector(".grid");
  let blank = 0;
  body.scrollTop = 0;
  for (let n = 0; n < frames; n++) {
    body.scrollTop += step;
    await new Promise(requestAnimationFrame);
    await new Promise((done) => setTimeout(done));
    const { left, top, height } = body.getBoundingClientRect();
    const seen = [0.1, 0.5, 0.9].map((y) => document.elementFromPoint(left + 60, top + height * y));
    if (!seen.every((each) => each.closest(".row"))) blank++;
  }
  return blank;
}"""


@pytest.fixture(scope="module")
def busy(serve):
    """A sidecar with ten thousand deliveries to an endpoint that is not there."""
    sidecar = serve("--target", "http://127.0.0.1:9", "--pace", 0, "--retry", "none")
    message = {"channel": "sms", "to": "27999900005", "content": "Hello"}
    with httpx.Client(headers={"Authorization": "any-key"}, timeout=30) as http:
        for n in range(MESSAGES // 200):
            messages = [message | {"clientMessageId": f"batch-{n}"}] + [message] * 199
            http.post(f"{sidecar.url}/v1/message", json={"messages": messages})
    return sidecar


@pytest.fixture
def long(pages, busy):
    page = pages.open(busy.url)
    page.locator(".row").first.wait_for()
    told = page.locator(".foot span").first
    while "as you scroll" in told.inner_text():
        page.locator(".grid").evaluate("(grid) => (grid.scrollTop = grid.scrollHeight)")
    expect(told).to_have_text(f"{2 * MESSAGES:,} deliveries")
    return page


def test_every_delivery_is_reached_with_few_rows(long):
    grid = long.get_by_role("grid")
    expect(grid).to_have_attribute("aria-rowcount", str(2 * MESSAGES + 1))
    grid.focus()
    long.keyboard.press("End")
    last = long.locator(f"#{grid.get_attribute('aria-activedescendant')}")
    expect(last).to_contain_text("#1")
    assert long.locator(".row").count() < 60
    long.keyboard.press("Home")
    expect(long.get_by_role("row").filter(has_text=f"#{2 * MESSAGES}")).to_be_visible()


@pytest.mark.parametrize(("sought", "seen"), [("BATCH-0", 2), ("batch-1", 22), ("#1", 1)])
def test_what_is_not_loaded_is_found_as_it_is_typed(pages, busy, sought, seen):
    page = pages.open(busy.url)
    page.locator(".row").first.wait_for()
    page.get_by_role("searchbox").press_sequentially(sought, delay=1)
    rows = page.get_by_role("row").filter(has=page.get_by_role("gridcell"))
    expect(rows).to_have_count(seen)


def test_scrolling_costs_little_and_leaves_no_gaps(long):
    session = long.context.new_cdp_session(long)
    session.send("Performance.enable")

    def spent():
        metrics = {m["name"]: m["value"] for m in session.send("Performance.getMetrics")["metrics"]}
        return sum(metrics[f"{part}Duration"] for part in ("Script", "Layout", "RecalcStyle"))

    for step in (36, 400):
        before = spent()
        blank = long.evaluate(SCROLL, {"frames": 100, "step": step})
        assert blank == 0
        assert (spent() - before) / 100 < BUDGET


def test_what_is_read_stays_in_place_when_more_comes(long, busy):
    body = long.locator(".grid")
    body.evaluate("(body) => (body.scrollTop = 3600)")
    long.locator(".row[aria-rowindex='102']").wait_for()
    middle = "document.elementFromPoint(300, 500).closest('.row').innerText"
    before = long.evaluate(middle)
    httpx.post(
        f"{busy.url}/v1/message",
        json={"messages": [{"channel": "sms", "to": "27999900005", "content": "One more"}]},
        headers={"Authorization": "any-key"},
    )
    newer = long.get_by_role("button", name="↑ 2 new")
    expect(newer).to_be_visible()
    assert long.evaluate(middle) == before
    newer.click()
    assert body.evaluate("(body) => body.scrollTop") == 0
