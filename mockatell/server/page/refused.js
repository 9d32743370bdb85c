// What the One API has refused of late, above the conversations that did not come of it.

import { el, tell } from "./dom.js";
import { clockTime, count } from "./words.js";

export class Refused {
  #drawn = null;

  constructor(store) {
    this.store = store;
    this.many = el("summary");
    this.list = el("ul", {});
    this.element = el("details", { class: "refused" }, this.many, this.list);
  }

  show() {
    const { refusals } = this.store;
    this.element.hidden = !refusals.length;
    if (refusals === this.#drawn) return;
    this.#drawn = refusals;
    tell(this.many, count(refusals.length, "refusal"));
    this.list.replaceChildren(...refusals.map(line));
  }
}

function line({ at_ms, code, description, why, to, client_message_id, method, path }) {
  const whom = to ? [to, client_message_id] : [method, path];
  return el(
    "li",
    {},
    el("b", {}, `${code} ${description}`),
    why && el("span", {}, why),
    el("span", { class: "soft" }, [...whom, clockTime(at_ms)].filter(Boolean).join(" ")),
  );
}
