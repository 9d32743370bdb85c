// What of the deliveries is shown: the controls above the list, and what they let through.

import { el, icon, mark, options, tell } from "./dom.js";
import { KINDS } from "./kinds.js";
import { OUTCOMES, OUTCOME_WORDS, STATES, STATE_WORDS, number } from "./words.js";

const NAMES = ["message", "kind", "state", "role", "run", "outcome"];

/** The filters' values are kept in the address; `route` says and changes them. */
export class Filters {
  constructor(store, route) {
    this.store = store;
    this.route = route;
    this.search = this.#searchField();
    this.selects = this.#choices();
    this.chips = new Map(OUTCOMES.map((outcome) => [outcome, this.#chip(outcome)]));
    this.outcomes = el(
      "div",
      { class: "outcomes", role: "group", aria: { label: "Last outcome" } },
      el("span", { class: "label soft" }, "Last outcome"),
      ...this.chips.values(),
    );
    this.form = this.#form();
    store.on("runs", () => this.#offerRuns());
    store.on("overview", () => this.#count());
  }

  /** Those that are set, with what they ask for. */
  get wanted() {
    const set = NAMES.map((name) => [name, this.route.get(name).trim()]);
    return Object.fromEntries(set.filter(([, value]) => value !== ""));
  }

  get any() {
    return Object.keys(this.wanted).length > 0;
  }

  clear() {
    this.route.set(Object.fromEntries(NAMES.map((name) => [name, ""])));
  }

  focus() {
    this.search.focus();
    this.search.select();
  }

  /** Bring the controls in line with the address. */
  show() {
    const message = this.route.get("message");
    if (this.search.value !== message) this.search.value = message;
    for (const [name, select] of Object.entries(this.selects)) choose(select, this.route.get(name));
    const outcome = this.route.get("outcome");
    for (const [name, chip] of this.chips) chip.setAttribute("aria-pressed", name === outcome);
    this.cleared.hidden = !this.any;
  }

  #searchField() {
    return el("input", {
      type: "search",
      placeholder: "Message id, client id or #number",
      spellcheck: false,
      autocomplete: "off",
      attr: {
        "aria-label": "Filter by message",
        "aria-keyshortcuts": "/",
        enterkeyhint: "search",
      },
      on: { input: () => this.route.set({ message: this.search.value }) },
    });
  }

  #choices() {
    const states = STATES.map((state) => [state, STATE_WORDS[state] ?? state]);
    return {
      kind: this.#choice("kind", "Event", [["", "Every event"], ...Object.keys(KINDS)]),
      state: this.#choice("state", "State", [["", "Any state"], ...states]),
      role: this.#choice("role", "Endpoint", [["", "Both endpoints"], "status", "reply"]),
      run: this.#choice("run", "Run", [["", "All runs"]]),
    };
  }

  #choice(name, label, pairs) {
    const change = (event) => this.route.set({ [name]: event.target.value });
    return el("select", { aria: { label }, on: { change } }, ...options(pairs));
  }

  #chip(outcome) {
    const toggle = () =>
      this.route.set({ outcome: this.route.get("outcome") === outcome ? "" : outcome });
    return el(
      "button",
      { type: "button", aria: { pressed: false }, on: { click: toggle } },
      mark(outcome),
      OUTCOME_WORDS[outcome],
      el("b", { title: "attempts so far" }),
    );
  }

  #form() {
    const selects = Object.values(this.selects);
    const more = el("div", { class: "more-filters", id: "more-filters" }, ...selects);
    const unfold = () => fold.setAttribute("aria-expanded", more.classList.toggle("open"));
    const fold = el(
      "button",
      {
        type: "button",
        class: "fold square",
        aria: { label: "More filters", expanded: false, controls: "more-filters" },
        on: { click: unfold },
      },
      icon("funnel"),
    );
    const clear = { type: "button", class: "quiet", on: { click: () => this.clear() } };
    this.cleared = el("button", clear, "Clear");
    return el(
      "form",
      {
        class: "filters",
        role: "search",
        aria: { label: "Filter deliveries" },
        on: { submit: (event) => event.preventDefault() },
      },
      el("div", { class: "search" }, this.search, el("kbd", { aria: { hidden: true } }, "/")),
      fold,
      more,
      this.cleared,
    );
  }

  #offerRuns() {
    const runs = [...this.store.runs.values()].map((run) => [run.id, `${run.id} ${run.scenario}`]);
    const pairs = [["", "All runs"], ...runs];
    this.selects.run.replaceChildren(...options(pairs, this.route.get("run")));
    this.show();
  }

  #count() {
    const { outcomes } = this.store.overview;
    for (const [outcome, chip] of this.chips) tell(chip.lastChild, number(outcomes[outcome] ?? 0));
  }
}

/** Whether a delivery passes; a part of an id, in any case, is enough. */
export function passes(delivery, { message, outcome, ...rest }) {
  return (
    Object.entries(rest).every(([name, value]) => delivery[name] === value) &&
    (!outcome || delivery.last_outcome === outcome) &&
    (!message || isNamed(delivery, message.toLowerCase()))
  );
}

/** What asks the sidecar for it: it finds ids by their beginning, and numbers by what is above. */
export function query({ message = "", ...rest }, { limit, before }) {
  if (!message.startsWith("#")) return { ...rest, message, limit, before };
  const seq = Number(message.slice(1));
  return { ...rest, limit: 1, before: Number.isSafeInteger(seq) && seq >= 0 ? seq + 1 : 0 };
}

function isNamed(delivery, sought) {
  if (sought.startsWith("#")) return `#${delivery.seq}` === sought;
  const ids = [delivery.message_id, delivery.client_message_id ?? ""];
  return ids.some((id) => id.toLowerCase().includes(sought));
}

/** A value that is not offered (yet) comes from a link: offer it. */
function choose(select, value) {
  const offered = [...select.options].some((option) => option.value === value);
  if (!offered) select.append(...options([value]));
  select.value = value;
  select.classList.toggle("set", value !== "");
}
