// One conversation: what was said, and under each message its callbacks along time.

import { el, icon, mark, svg } from "./dom.js";
import { bubble } from "./said.js";
import { lane, scale, times } from "./timeline.js";
import { count, duration, moment, prospect, sign, standing, time } from "./words.js";

const SHOWN = 100; // messages, the latest ones
const LANES = 40; // deliveries of one message

export class Thread {
  #turns = new Map(); // message id: {element, drawn, message}
  #tries = new Map(); // "seq:attempts": attempts, of those that took several
  #asked = new Set();
  #talk = null;
  #width = null; // px of a lane

  constructor({ api, store, route, compose, notices, onBack }) {
    Object.assign(this, { api, store, route, compose, notices });
    this.title = el("h2");
    this.about = el("span", { class: "soft small" });
    const back = el(
      "button",
      { type: "button", class: "back quiet", on: { click: onBack } },
      "← All",
    );
    this.reply = el(
      "button",
      { type: "button", on: { click: () => this.#compose("moText") } },
      "Reply as the user",
    );
    this.status = el(
      "button",
      { type: "button", on: { click: () => this.#compose("messageStatusUpdate") } },
      "Send a status",
    );
    this.turns = el("div");
    this.head = el(
      "header",
      { class: "thread-head" },
      back,
      this.title,
      this.about,
      el("span", { class: "grow" }),
      this.status,
      this.reply,
    );
    this.element = el(
      "div",
      { class: "thread", tabIndex: 0, role: "region", aria: { label: "Conversation" } },
      this.head,
      this.turns,
    );
    this.seen = new IntersectionObserver(
      (entries) => entries.forEach((entry) => entry.isIntersecting && this.#inSight(entry.target)),
      { root: this.element, rootMargin: "300px" },
    );
    new ResizeObserver(() => this.#redraw()).observe(this.turns);
  }

  /** Show a conversation, or that there is none. */
  show(talk) {
    const another = talk?.key !== this.#talk?.key;
    const atEnd =
      this.element.scrollTop + this.element.clientHeight > this.element.scrollHeight - 60;
    this.#talk = talk;
    this.head.hidden = !talk;
    if (another) this.#clear();
    if (!talk) {
      this.turns.replaceChildren(
        el(
          "p",
          { class: "empty" },
          "What your app sends, and what its users answer, shows up here.",
        ),
      );
      return;
    }
    this.title.textContent = talk.user || "unknown user";
    this.about.textContent = `${talk.channel}, with ${talk.business || "the business"}, ${count(talk.messages.length, "message")}`;
    this.status.hidden = !talk.messages.some((message) => message.direction === "sent");
    const shown = talk.messages.slice(-SHOWN);
    this.#forget(shown);
    this.turns.replaceChildren(...shown.map((message) => this.#turn(message)));
    this.refresh();
    if (another || atEnd) this.#toEnd();
  }

  /** Deliveries have changed: draw the lanes of those in sight again. */
  refresh() {
    if (!this.#talk) return;
    const of = this.#byMessage();
    this.#width = null;
    for (const [id, turn] of this.#turns) {
      const deliveries = (of.get(id) ?? []).slice(0, LANES);
      const drawn = JSON.stringify([
        turn.message,
        deliveries,
        deliveries.map((each) => this.#tries.has(named(each))),
        turn.near,
      ]);
      if (drawn !== turn.drawn) this.#draw(turn, deliveries, drawn);
    }
  }

  #clear() {
    this.#forget([]);
    this.turns.replaceChildren();
  }

  /** Let go of all turns but those of these messages. */
  #forget(shown) {
    const ids = new Set(shown.map((message) => message.id));
    for (const [id, turn] of this.#turns) {
      if (ids.has(id)) continue;
      this.seen.unobserve(turn.element);
      this.#turns.delete(id);
    }
  }

  #toEnd() {
    const wanted = this.#turns.get(this.route.get("message"));
    if (wanted) wanted.element.scrollIntoView({ block: "center" });
    else this.element.scrollTop = this.element.scrollHeight;
  }

  #redraw() {
    for (const turn of this.#turns.values()) turn.drawn = null;
    this.refresh();
  }

  #byMessage() {
    const of = new Map();
    for (const delivery of this.store.newestFirst()) {
      if (!this.#turns.has(delivery.message_id)) continue;
      if (!of.has(delivery.message_id)) of.set(delivery.message_id, []);
      of.get(delivery.message_id).unshift(delivery);
    }
    return of;
  }

  #turn(message) {
    let turn = this.#turns.get(message.id);
    if (!turn) {
      turn = {
        element: el("article", { class: `turn ${message.direction}` }),
        drawn: null,
        near: false,
      };
      turn.element.messageId = message.id;
      this.#turns.set(message.id, turn);
      this.seen.observe(turn.element);
    }
    turn.message = message;
    return turn.element;
  }

  #draw(turn, deliveries, drawn) {
    const { message } = turn;
    turn.drawn = drawn;
    const foot = [
      message.direction === "sent" ? "sent by the app" : "callback to the app",
      message.kind,
      time(message.at_ms),
      message.client_message_id,
      message.status,
      message.settled ? "" : "still going on",
    ];
    turn.element.setAttribute("aria-label", `${foot[0]} at ${time(message.at_ms)}`);
    turn.element.replaceChildren(
      el(
        "div",
        { class: "bubble" },
        ...bubble(message),
      ),
      el(
        "div",
        { class: "turn-foot", title: moment(message.at_ms) },
        ...foot.filter(Boolean).map((text) => el("span", {}, text)),
        el("code", {}, message.id),
      ),
    );
    if (!deliveries.length) return;
    const room = el("div", { class: "lanes" });
    turn.element.append(room);
    this.#lanes(room, deliveries);
  }

  #lanes(room, deliveries) {
    const rows = deliveries.map((delivery) => ({
      delivery,
      tries: this.#triesOf(delivery),
      track: el("span", { class: "track" }),
    }));
    room.append(...rows.map((row) => this.#lane(row)));
    const x = scale(rows.flatMap(({ delivery, tries }) => times(delivery, tries)));
    // Measured once for all: after a change, measuring lays the whole thread out.
    const width = (this.#width ??= rows[0].track.clientWidth || 300);
    for (const { delivery, tries, track } of rows) {
      const drawing = lane(delivery, tries, x, { width });
      track.replaceChildren(
        svg(
          "svg",
          { viewBox: `0 0 ${width} 22`, "aria-hidden": "true" },
          svg("line", { class: "rule", x1: 0, x2: width, y1: 11, y2: 11 }),
          ...drawing,
        ),
      );
    }
  }

  #lane({ delivery, track }) {
    const word = prospect(delivery)?.[0];
    const told = [
      standing(delivery),
      word,
      delivery.attempts > 1 && count(delivery.attempts, "attempt"),
      delivery.latency !== null && `after ${duration(delivery.latency)}`,
    ];
    return el(
      "button",
      {
        type: "button",
        class: "lane",
        title: told.filter(Boolean).join(", "),
        on: { click: () => this.route.set({ open: String(delivery.seq) }) },
      },
      el(
        "span",
        { class: "about" },
        mark(sign(delivery)),
        el("span", {}, delivery.status ?? delivery.kind),
        delivery.cause !== "original" && el("span", { class: "soft" }, delivery.cause),
        el("span", { class: "offscreen" }, told.filter(Boolean).join(", ")),
      ),
      track,
    );
  }

  /** One attempt is told by the view itself; several are fetched, when they come into sight. */
  #triesOf(delivery) {
    if (delivery.attempts === 0) return [];
    if (delivery.attempts > 1) return this.#tries.get(named(delivery)) ?? [sole(delivery)];
    return [sole(delivery)];
  }

  #inSight(element) {
    const turn = this.#turns.get(element.messageId);
    if (!turn || turn.near) return;
    turn.near = true;
    this.#fetch(turn.message);
  }

  async #fetch(message) {
    try {
      const known = this.#byMessage().get(message.id) ?? [];
      if (known.length < message.deliveries)
        this.store.addDeliveries(
          await this.api.get("deliveries", { message: message.id, limit: LANES }),
        );
      const retried = (this.#byMessage().get(message.id) ?? []).filter(
        (each) => each.attempts > 1 && !this.#asked.has(named(each)),
      );
      for (const delivery of retried.slice(0, LANES)) {
        this.#asked.add(named(delivery));
        this.#tries.set(named(delivery), (await this.api.get(`deliveries/${delivery.seq}`)).tries);
      }
      this.refresh();
    } catch (error) {
      this.notices.warn(error);
    }
  }

  #compose(kind) {
    const talk = this.#talk;
    const sent = talk.messages.findLast((message) => message.direction === "sent");
    const about = sent ? { message_id: sent.id } : {};
    if (kind === "moText")
      this.compose({
        kind,
        channel: talk.channel,
        fields: { ...about, from: talk.user, to: talk.business },
      });
    else this.compose({ kind, channel: talk.channel, fields: about });
  }
}

/** An attempt as far as a delivery's view tells it. */
function sole(delivery) {
  const ended = delivery.due_ms + Math.round((delivery.latency ?? 0) * 1000);
  return {
    number: delivery.attempts,
    due_ms: delivery.due_ms,
    sent_ms: delivery.due_ms,
    ended_ms: ended,
    outcome: delivery.last_outcome,
    status_code: delivery.last_status_code,
  };
}

function named(delivery) {
  return `${delivery.seq}:${delivery.attempts}`;
}
