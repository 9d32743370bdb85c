// Single keys, the help that lists them, and the switch that turns them off.

import { byId, el, mark } from "./dom.js";
import { frame } from "./dialogs.js";
import { OUTCOMES, OUTCOME_MEANINGS, OUTCOME_WORDS } from "./words.js";

const OFF = "mockatell.keys";
const LISTED = [
  ["/", "filter"],
  ["↑ ↓", "move in the list; also Page Up, Page Down, Home and End"],
  ["Enter", "open the delivery"],
  ["Esc", "close what is open, then clear the filters"],
  ["r", "redeliver the open delivery"],
  ["c", "compose an event"],
  ["p", "pause the clock, or let it go on"],
  ["t", "light or dark"],
  ["1 … 5", "deliveries, conversations, runs, faults, findings"],
  ["?", "this help"],
];

/** `actions` are functions by key; `escape` is called when no dialog, menu or field takes Esc. */
export class Keys {
  constructor(actions, escape) {
    this.actions = actions;
    this.escape = escape;
    this.dialog = byId("help");
    this.off = localStorage.getItem(OFF) === "off";
    document.addEventListener("keydown", (event) => this.#press(event));
  }

  help() {
    const single = el("input", {
      type: "checkbox",
      checked: !this.off,
      on: { change: () => this.#switch(!single.checked) },
    });
    frame(this.dialog, {
      title: "Help",
      body: [
        el("h3", {}, "Keys"),
        el(
          "dl",
          { class: "shortcuts" },
          ...LISTED.flatMap(([key, does]) => [
            el("dt", {}, el("kbd", {}, key)),
            el("dd", {}, does),
          ]),
        ),
        el("br"),
        el("label", { class: "check" }, single, "Single-key shortcuts"),
        el("h3", {}, "Outcomes of an attempt"),
        el(
          "ul",
          { class: "signs" },
          ...OUTCOMES.map((outcome) =>
            el(
              "li",
              {},
              mark(outcome),
              el(
                "span",
                {},
                el("b", {}, OUTCOME_WORDS[outcome]),
                el("br"),
                el("span", { class: "soft small" }, OUTCOME_MEANINGS[outcome]),
              ),
            ),
          ),
        ),
        el("h3", {}, "More"),
        el(
          "p",
          {},
          el("a", { href: "mockatell/api/openapi.json" }, "The control API's description"),
          ": all that this page does, a test can do as well.",
        ),
      ],
    });
    this.dialog.showModal();
  }

  #switch(off) {
    this.off = off;
    localStorage.setItem(OFF, off ? "off" : "on");
  }

  #press(event) {
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return;
    if (document.querySelector("dialog[open], [popover]:popover-open")) return;
    if (event.key === "Escape") this.#escaped(event);
    else if (!this.off && !typing(event.target) && event.key in this.actions) {
      event.preventDefault();
      this.actions[event.key]();
    }
  }

  #escaped(event) {
    if (typing(event.target)) event.target.blur();
    else this.escape();
  }
}

function typing(target) {
  return target.matches?.("input:not([type=checkbox], [type=radio]), textarea, select") ?? false;
}
