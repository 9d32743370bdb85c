// The list of deliveries, the newest first.

import { el, fill, mark, setMark, tell } from "./dom.js";
import { Filters, passes, query } from "./filters.js";
import { Grid } from "./grid.js";
import { PAGE } from "./sync.js";
import { count, duration, number, prospect, short, sign, standing, time } from "./words.js";

const COLUMNS = [
  ["col-end", "Outcome"],
  ["col-kind", "Event"],
  ["col-message", "Message"],
  ["col-role", "Endpoint"],
  ["col-tries right", "Attempts"],
  ["col-due right", "Due"],
  ["col-latency right", "Latency"],
  ["col-seq right", "Number"],
];

const LOOKING = el("p", { class: "quiet" }, "Looking through older ones …");

export class Deliveries {
  #fetched = new Map(); // by filter: the lowest number fetched for it; 0: there are no more
  #loading = false;

  constructor(section, { api, store, route, compose, onTrouble }) {
    Object.assign(this, { section, api, store, route, compose, onTrouble });
    this.filters = new Filters(store, route);
    this.grid = new Grid({
      id: "delivery",
      label: "Deliveries, the newest first",
      columns: COLUMNS,
      makeRow,
      keyOf: (delivery) => delivery.seq,
      onOpen: (delivery) => this.open(delivery.seq),
      onMove: (delivery) => route.get("open") && this.open(delivery.seq),
      onEnd: () => this.#more(),
    });
    this.empty = el("div", { class: "empty", hidden: true });
    this.counted = el("span", { role: "status" });
    const hint = el("span", {}, "↑ ↓ move, Enter opens");
    const foot = el("footer", { class: "foot" }, this.counted, hint);
    const { outcomes, form } = this.filters;
    section.append(outcomes, form, this.grid.element, this.empty, foot);
    for (const topic of ["deliveries", "overview"]) store.on(topic, () => this.show());
  }

  open(seq) {
    this.route.set({ open: String(seq) });
  }

  focusSearch() {
    this.filters.focus();
  }

  clearFilters() {
    this.filters.clear();
  }

  /** After a reload, what had been fetched is not there any more. */
  forget() {
    this.#fetched.clear();
  }

  /** Bring the list in line with the store and the address. */
  show() {
    if (this.section.hidden) return;
    const { wanted } = this.filters;
    const items = this.store.newestFirst().filter((delivery) => passes(delivery, wanted));
    const open = this.route.get("open");
    this.filters.show();
    this.section.classList.toggle("tight", open !== "");
    this.grid.element.hidden = items.length === 0;
    this.grid.setItems(items);
    this.grid.select(open ? Number(open) : null);
    this.#showEmpty(items.length === 0 && this.store.overview !== null);
    tell(this.counted, this.#footing(items.length));
  }

  #footing(shown) {
    const known = this.store.deliveries.size;
    const all = this.store.overview?.deliveries ?? known;
    const many = (value) => count(value, "delivery", "deliveries");
    if (this.filters.any) {
      return `${many(shown)} of ${number(known)} loaded, ${number(all)} in all`;
    }
    return known < all
      ? `${number(known)} of ${many(all)} loaded; older ones come as you scroll`
      : many(shown);
  }

  /** Fetch what is older than what is there, of what the filters let through. */
  async #more() {
    const { wanted, any } = this.filters;
    const key = JSON.stringify(wanted);
    if (this.#loading || !this.store.overview || this.#fetched.get(key) === 0) return;
    this.#loading = true;
    try {
      const before = this.#fetched.get(key) ?? (any ? null : this.#lowest());
      const asked = query(wanted, { limit: PAGE, before });
      const found = await this.api.get("deliveries", asked);
      this.#fetched.set(key, found.length < PAGE ? 0 : found.at(-1).seq);
      if (found.length) this.store.addDeliveries(found);
    } catch (error) {
      this.onTrouble(error);
    } finally {
      this.#loading = false;
    }
    // What was typed meanwhile was not asked for.
    if (JSON.stringify(this.filters.wanted) !== key) this.show();
    else this.#sayNone();
  }

  #lowest() {
    return this.store.newestFirst().at(-1)?.seq ?? null;
  }

  #showEmpty(shown) {
    this.empty.hidden = !shown;
    if (!shown) return;
    if (this.filters.any) this.#more();
    this.#sayNone();
  }

  /** That nothing matches is known only once the sidecar has said so. */
  #sayNone() {
    if (!this.filters.any) fill(this.empty, ...welcome(this.compose));
    else if (this.#loading) fill(this.empty, LOOKING);
    else fill(this.empty, ...unmatched(() => this.clearFilters()));
  }
}

function unmatched(clear) {
  return [
    el("h2", {}, "Nothing matches"),
    el("p", {}, "No delivery passes these filters."),
    el("br"),
    el("button", { type: "button", on: { click: clear } }, "Clear the filters"),
  ];
}

function welcome(compose) {
  const message = '{"channel":"sms","to":"27999000001","content":"Hello"}';
  const example = [
    `curl ${new URL("v1/message", document.baseURI)} \\`,
    "  -H 'Authorization: your-api-key' -H 'Content-Type: application/json' \\",
    `  -d '{"messages":[${message}]}'`,
  ];
  return [
    el("h2", {}, "No callbacks yet"),
    el(
      "p",
      {},
      "Let your app send a message here instead of to Clickatell: its statuses then go to your ",
      "endpoint, and show up on this page.",
    ),
    el("pre", {}, example.join("\n")),
    el("button", { type: "button", class: "primary", on: { click: compose } }, "Compose an event"),
  ];
}

/** A row of the list: its cells in the order of `COLUMNS`, and how to show a delivery in them. */
function makeRow() {
  const span = (name) => el("span", { class: name });
  const shape = mark("waiting");
  const [end, future] = [span("word"), span("tag")];
  const [status, kind, cause] = [span("status"), span("name"), span("tag")];
  const message = span("mono");
  const [role, tries, due, latency] = Array.from({ length: 4 }, () => span("small"));
  const seq = span("small seq");
  function show(delivery) {
    const [word, tone] = prospect(delivery) ?? ["", ""];
    setMark(shape, sign(delivery));
    tell(end, standing(delivery));
    tell(future, word);
    future.className = `tag ${tone}`;
    tell(status, delivery.status ?? "");
    tell(kind, delivery.kind || "unknown event");
    tell(cause, delivery.cause === "original" ? "" : delivery.cause);
    tell(message, short(delivery.client_message_id || delivery.message_id));
    tell(role, delivery.role);
    tell(tries, delivery.attempts ? `×${delivery.attempts}` : "");
    tell(due, time(delivery.due_ms));
    tell(latency, duration(delivery.latency));
    tell(seq, `#${delivery.seq}`);
  }
  const ending = el("div", { class: "end" }, shape, end, future);
  const event = el("div", { class: "kind" }, status, kind, cause);
  return { cells: [ending, event, message, role, tries, due, latency, seq], show };
}
