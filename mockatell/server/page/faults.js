// The faults: which are on, and how they are set.

import { el, tell } from "./dom.js";
import { field } from "./dialogs.js";

const probability = { name: "probability", label: "Probability", example: "20%" };
const COUNTS = new Set(["copies", "batch"]);
const SHARES = new Set(["probability", "unknown_events", "extra_fields", "unknown_statuses"]);

/** By name: what it does, and its settings with a value to begin with. */
const FAULTS = {
  duplicate: [
    "A callback comes again, byte for byte, a little later.",
    [
      probability,
      { name: "within", label: "Within", example: "2s" },
      { name: "copies", label: "Copies", example: "1" },
    ],
  ],
  reorder: [
    "A callback arrives after a later one of the same message.",
    [
      { ...probability, example: "30%" },
      { name: "within", label: "Within", example: "5s" },
    ],
  ],
  delay: [
    "A callback is sent late; its own timestamp stays true.",
    [probability, { name: "by", label: "By", example: "1s..30s" }],
  ],
  lose_ack: [
    "The endpoint did its work and said so, and nobody heard it.",
    [{ ...probability, example: "10%" }],
  ],
  outage: [
    "For a while, nothing reaches the endpoint.",
    [
      { name: "at", label: "At", example: "0s" },
      { name: "for", label: "For", example: "30s" },
      { name: "role", label: "Endpoint", example: "" },
    ],
  ],
  race: [
    "Copies are released at the same instant on warm connections.",
    [probability, { name: "copies", label: "Copies", example: "2" }],
  ],
  future: [
    "What the vendor announces for some day comes today.",
    [
      { name: "unknown_events", label: "Unknown events", example: "5%" },
      { name: "extra_fields", label: "Extra fields", example: "5%" },
      { name: "unknown_statuses", label: "Unknown statuses", example: "" },
      { name: "batch", label: "Batch", example: "" },
    ],
  ],
};

export class Faults {
  #on = [];
  #drawn = null;

  constructor(section, { api, store, notices }) {
    Object.assign(this, { section, api, store, notices });
    this.cards = el("div", { class: "cards" });
    this.off = el("button", { type: "button", on: { click: () => this.#put([]) } }, "All off");
    section.append(
      el(
        "div",
        { class: "inside" },
        el("div", { class: "head" }, el("h2", {}, "Faults"), this.off),
        el(
          "p",
          { class: "soft" },
          "They hold for deliveries that are planned from now on; lost acknowledgements and outages for every exchange at once.",
        ),
        el("br"),
        this.cards,
      ),
    );
    store.on("overview", () => this.show());
  }

  show() {
    if (this.section.hidden || !this.store.overview) return;
    const faults = JSON.stringify(this.store.overview.faults);
    if (
      faults === this.#drawn ||
      (this.cards.contains(document.activeElement) && document.activeElement.matches("input"))
    )
      return;
    const focused = document.activeElement?.dataset?.fault;
    this.#drawn = faults;
    this.#on = this.store.overview.faults;
    this.off.disabled = !this.#on.length;
    this.cards.replaceChildren(
      ...Object.keys(FAULTS).map((name) => this.#card(name)),
      ...this.#more(),
    );
    if (focused) this.cards.querySelector(`[data-fault="${CSS.escape(focused)}"]`)?.focus();
  }

  #card(name) {
    const [means, settings] = FAULTS[name];
    const index = this.#on.findIndex((fault) => name in fault);
    const on = index >= 0;
    const given = on ? (this.#on[index][name] ?? {}) : null;
    const inputs = settings.map((setting) => [
      setting,
      el("input", {
        value: shown(setting.name, given ? given[setting.name] : setting.example),
        placeholder: "as usual",
        spellcheck: false,
        autocomplete: "off",
      }),
    ]);
    const wanted = () => ({
      [name]: Object.fromEntries(
        inputs
          .filter(([, input]) => input.value.trim() !== "")
          .map(([setting, input]) => [setting.name, read(setting.name, input.value.trim())]),
      ),
    });
    const wrong = el("p", { class: "wrong", role: "alert" });
    const refuse = (error) => {
      tell(wrong, error.message);
      for (const [setting, input] of inputs)
        input.setAttribute("aria-invalid", error.message.includes(`.${setting.name}`));
    };
    const toggle = () =>
      this.#put(on ? this.#on.filter((_, i) => i !== index) : [...this.#on, wanted()], refuse);
    const change = () => on && this.#put(this.#on.with(index, wanted()), refuse);
    const id = `fault-${name}`;
    return el(
      "article",
      { class: `card${on ? " on" : ""}`, aria: { labelledby: id } },
      el(
        "div",
        { class: "title" },
        el("h3", { id }, name.replace("_", " ")),
        el("span", { class: "soft small" }, on ? "on" : "off"),
        el("button", {
          type: "button",
          class: "switch",
          role: "switch",
          aria: { checked: on, labelledby: id },
          data: { fault: name },
          on: { click: toggle },
        }),
      ),
      el("p", {}, means),
      el(
        "form",
        { class: "fields", on: { change, submit: (event) => (event.preventDefault(), change()) } },
        ...inputs.map(([setting, input]) => field(setting.label, input)),
      ),
      wrong,
    );
  }

  /** A second fault of the same name has no card of its own to be set by. */
  #more() {
    const seen = new Set();
    return this.#on
      .map((fault, index) => [fault, index, Object.keys(fault)[0]])
      .filter(([, , name]) => (name in FAULTS && !seen.has(name) ? (seen.add(name), false) : true))
      .map(([fault, index]) =>
        el(
          "article",
          { class: "card on" },
          el(
            "div",
            { class: "title" },
            el("h3", {}, Object.keys(fault)[0]),
            el(
              "button",
              {
                type: "button",
                on: { click: () => this.#put(this.#on.filter((_, i) => i !== index)) },
              },
              "Off",
            ),
          ),
          el("code", {}, JSON.stringify(fault)),
        ),
      );
  }

  /** What cannot be stays as it was typed, and `refuse` says why. */
  async #put(faults, refuse = () => {}) {
    try {
      this.store.setFaults(await this.api.put("faults", faults));
    } catch (error) {
      this.notices.warn(error);
      refuse(error);
      return;
    }
    this.#drawn = null;
    document.activeElement?.matches("input") && document.activeElement.blur();
    this.show();
  }
}

function shown(name, value) {
  if (value === null || value === undefined) return "";
  if (typeof value === "number" && SHARES.has(name))
    return `${Number((value * 100).toPrecision(6))}%`;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** Counts are numbers; durations and shares keep their units. */
function read(name, text) {
  if (text.startsWith("{")) return JSON.parse(text);
  if (COUNTS.has(name) && /^\d+$/.test(text)) return Number(text);
  return text;
}
