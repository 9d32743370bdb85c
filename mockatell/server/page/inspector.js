// One delivery in full: how it stands, its attempts with request and answer, its body.

import { el, facts, fill, icon, mark } from "./dom.js";
import { code, copy } from "./json.js";
import { href } from "./route.js";
import { picture } from "./timeline.js";
import { OUTCOME_WORDS, duration, moment, prospect, sign, standing, time } from "./words.js";

export class Inspector {
  #seq = null;
  #seen = null; // the view for which the detail was fetched
  #detail = null;
  #asked = 0;

  constructor(aside, { api, store, route, notices, onClose }) {
    Object.assign(this, { aside, api, store, route, notices, onClose });
    store.on("deliveries", () => this.#refresh());
  }

  /** Show what the address says is open. */
  show() {
    const seq = Number(this.route.get("open")) || null;
    if (seq === this.#seq) return;
    this.#seq = seq;
    this.#seen = null;
    this.#detail = null;
    this.aside.hidden = seq === null;
    if (seq === null) return;
    this.aside.setAttribute("aria-label", `Delivery ${seq}`);
    this.aside.scrollTop = 0;
    this.#load();
  }

  get isOpen() {
    return this.#seq !== null;
  }

  close() {
    this.route.set({ open: "" });
    this.onClose();
  }

  async redeliver() {
    const seq = this.#seq;
    if (seq === null) return;
    try {
      const made = await this.api.post(`deliveries/${seq}/redeliver`);
      this.store.addDeliveries([made]);
      this.notices.say(`#${seq} is sent again, as #${made.seq}`);
    } catch (error) {
      this.notices.warn(error);
    }
  }

  /** The feed changed something: fetch again, if it was this delivery. */
  #refresh() {
    const view = this.#seq === null ? null : this.store.deliveries.get(this.#seq);
    if (view && this.#seen && JSON.stringify(view) !== this.#seen) this.#load();
  }

  async #load() {
    const [seq, asked] = [this.#seq, ++this.#asked];
    try {
      const detail = await this.api.get(`deliveries/${seq}`);
      if (asked !== this.#asked || seq !== this.#seq) return;
      this.#seen = JSON.stringify(this.store.deliveries.get(seq) ?? detail.delivery);
      this.#draw(detail);
    } catch (error) {
      if (asked !== this.#asked) return;
      this.aside.replaceChildren(
        el(
          "div",
          { class: "detail" },
          this.#head(`#${seq}`, false),
          el("p", { class: "empty" }, error.message),
        ),
      );
    }
  }

  /** Draws it; where it is there already, only what can change, so that nothing loses the focus. */
  #draw(detail) {
    if (this.#detail?.delivery.seq === detail.delivery.seq) {
      this.#update(detail);
      return;
    }
    const { delivery } = detail;
    this.standing = el("div", { class: "standing-line" });
    this.facts = el("div");
    this.timeline = el("div", { class: "timeline" });
    this.attempts = el("div");
    this.#detail = { delivery, tries: [] };
    const text =
      typeof detail.body === "string" ? detail.body : JSON.stringify(detail.body, null, 2);
    this.aside.replaceChildren(
      el(
        "div",
        { class: "detail" },
        this.#head(delivery.status ?? (delivery.kind || "unknown event"), true, delivery),
        this.standing,
        this.timeline,
        this.facts,
        el("h3", {}, "Attempts"),
        this.attempts,
        el("h3", {}, "Body", el("span", { class: "grow" }), this.#copying(text)),
        code(detail.body, "Body of the callback"),
      ),
    );
    this.#update(detail);
  }

  #head(title, whole, delivery) {
    const talk = delivery?.message_id && href("conversations", { message: delivery.message_id });
    const actions = el(
      "div",
      { class: "actions" },
      el(
        "button",
        { type: "button", aria: { keyshortcuts: "r" }, on: { click: () => this.redeliver() } },
        "Redeliver",
      ),
      talk &&
        el(
          "button",
          { type: "button", on: { click: () => (location.hash = talk) } },
          "Conversation",
        ),
      delivery?.message_id &&
        el(
          "button",
          { type: "button", on: { click: () => this.route.set({ message: delivery.message_id }) } },
          "Only this message",
        ),
    );
    return el(
      "div",
      { class: "detail-head" },
      el(
        "div",
        { class: "line1" },
        el(
          "h2",
          {},
          el("span", {}, title),
          delivery && el("span", { class: "soft small" }, `#${delivery.seq}`),
        ),
        el(
          "button",
          {
            type: "button",
            class: "quiet square",
            aria: { label: "Close the delivery", keyshortcuts: "Escape" },
            on: { click: () => this.close() },
          },
          icon("close"),
        ),
      ),
      whole && actions,
    );
  }

  #update(detail) {
    const { delivery } = detail;
    const [word, tone] = prospect(delivery) ?? [];
    fill(
      this.standing,
      mark(sign(delivery)),
      el("strong", {}, standing(delivery)),
      word && el("span", { class: `tag ${tone}` }, word),
      el("span", { class: "soft" }, foresight(delivery)),
    );
    this.facts.replaceChildren(this.#facts(detail));
    const known = this.#detail.tries.length;
    const added = detail.tries.slice(known);
    if (!detail.tries.length)
      this.attempts.replaceChildren(el("p", { class: "soft" }, "None yet."));
    else if (!known) this.attempts.replaceChildren();
    this.attempts.append(
      ...added.map((attempt) => attempted(attempt, attempt.number === detail.tries.length)),
    );
    const tells = detail.tries.length > 1 || (detail.tries.length && delivery.next_due_ms !== null);
    this.timeline.hidden = !tells;
    if (tells)
      this.timeline.replaceChildren(
        picture(delivery, detail.tries, Math.max(this.timeline.clientWidth, 288)),
      );
    this.#detail = detail;
  }

  #facts({ delivery, url }) {
    const origin =
      delivery.origin !== null &&
      el("a", { href: href("deliveries", { open: delivery.origin }) }, `#${delivery.origin}`);
    return facts([
      ["Event", delivery.kind],
      ["Message", mono(delivery.message_id)],
      ["Client message id", mono(delivery.client_message_id)],
      ["Endpoint", el("span", {}, delivery.role, " ", mono(url))],
      ["Cause", origin ? el("span", {}, delivery.cause, " of ", origin) : delivery.cause],
      [
        "Run",
        delivery.run && el("a", { href: href("deliveries", { run: delivery.run }) }, delivery.run),
      ],
      [
        "Due",
        el("time", { dateTime: new Date(delivery.due_ms).toISOString() }, moment(delivery.due_ms)),
      ],
      ["Latency", duration(delivery.latency)],
    ]);
  }

  #copying(text) {
    const button = el("button", { type: "button", class: "quiet" }, "Copy");
    button.addEventListener("click", async () => {
      const done = await copy(text);
      this.notices.say(done ? "Copied" : "The browser does not let this page copy");
    });
    return button;
  }
}

function mono(text) {
  return text ? el("code", {}, text) : null;
}

function foresight(delivery) {
  if (delivery.next_due_ms === null)
    return delivery.attempts > 1 ? `after ${delivery.attempts} attempts` : "";
  return delivery.attempts
    ? `tried again at ${time(delivery.next_due_ms)}`
    : `due at ${time(delivery.next_due_ms)}`;
}

function attempted(attempt, open) {
  const took = duration((attempt.ended_ms - attempt.sent_ms) / 1000);
  const late = (attempt.sent_ms - attempt.due_ms) / 1000;
  return el(
    "details",
    { class: "attempt", open },
    el(
      "summary",
      {},
      el("span", { class: "number" }, `${attempt.number}.`),
      mark(attempt.outcome),
      el("b", {}, OUTCOME_WORDS[attempt.outcome] ?? attempt.outcome),
      attempt.status_code !== null && el("span", {}, `HTTP ${attempt.status_code}`),
      el("span", { class: "took" }, `${time(attempt.sent_ms)}, ${took}`),
    ),
    el(
      "div",
      { class: "attempt-body" },
      attempt.detail &&
        attempt.detail !== attempt.response_body &&
        el("p", { class: "trouble" }, attempt.detail),
      el(
        "h4",
        {},
        `Request headers${late >= 0.001 ? ` (sent ${duration(late)} after it was due)` : ""}`,
      ),
      headers(attempt.request_headers),
      el("h4", {}, "Answer"),
      attempt.status_code === null
        ? el("p", { class: "soft" }, "No answer came.")
        : headers(attempt.response_headers),
      attempt.response_body && code(attempt.response_body, `Answer to attempt ${attempt.number}`),
    ),
  );
}

function headers(pairs) {
  if (!pairs.length) return el("p", { class: "soft" }, "No headers.");
  return el(
    "dl",
    { class: "headers" },
    ...pairs.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]),
  );
}
