// The sidecar's time on top of the page, and the menu that pauses, hurries and advances it.

import { byId, el, facts, fill, tell } from "./dom.js";
import { confirm, field } from "./dialogs.js";
import { clockTime, moment } from "./words.js";

const SPEEDS = [0.1, 1, 10, 60, 600];
const ADVANCES = [
  [1, "1 s"],
  [10, "10 s"],
  [60, "1 min"],
  [600, "10 min"],
  [3600, "1 h"],
  [86400, "1 d"],
];

export class Clock {
  #read = 0; // when the clock was read, in ms of this page

  constructor({ api, store, notices }) {
    Object.assign(this, { api, store, notices });
    this.button = byId("clock");
    this.menu = byId("clock-menu");
    this.#build();
    store.on("overview", () => this.show());
    setInterval(() => this.#tick(), 250);
  }

  get view() {
    return this.store.overview?.clock ?? null;
  }

  show() {
    const { clock, seed, version, endpoints } = this.store.overview;
    this.#read = performance.now();
    this.button.classList.toggle("paused", clock.paused);
    this.button.querySelector("use").setAttribute("href", clock.paused ? "#pause" : "#play");
    tell(byId("clock-speed"), clock.paused ? "paused" : clock.speed === 1 ? "" : `×${clock.speed}`);
    tell(this.pause, clock.paused ? "Go on" : "Pause");
    for (const [speed, button] of this.speeds)
      button.setAttribute("aria-pressed", speed === clock.speed);
    this.#tick();
    this.#tellAbout({ seed, version, endpoints });
  }

  #tellAbout(about) {
    const text = JSON.stringify(about);
    if (text === this.told) return;
    this.told = text;
    const endpoints = Object.entries(about.endpoints).map(([role, url]) => [role, code(url)]);
    const seed = code(String(about.seed));
    fill(this.about, facts([["Seed", seed], ...endpoints, ["mockatell", about.version]]));
  }

  toggle() {
    return this.#do(() => this.api.patch("clock", { paused: !this.view?.paused }));
  }

  #build() {
    this.pause = el(
      "button",
      { type: "button", aria: { keyshortcuts: "p" }, on: { click: () => this.toggle() } },
      "Pause",
    );
    this.speeds = SPEEDS.map((speed) => [
      speed,
      el(
        "button",
        { type: "button", on: { click: () => this.#do(() => this.api.patch("clock", { speed })) } },
        `×${speed}`,
      ),
    ]);
    const advance = (seconds) => this.#do(() => this.api.post("clock/advance", { seconds }));
    const seconds = el("input", {
      type: "number",
      min: 0,
      step: "any",
      placeholder: "3600",
      required: true,
    });
    this.now = el("span", { class: "soft small" });
    this.about = el("div", { class: "small" });
    this.menu.append(
      el("div", { class: "head" }, el("h2", {}, "Clock"), this.pause),
      this.now,
      el("h3", {}, "Speed"),
      el("div", { class: "choices" }, ...this.speeds.map(([, button]) => button)),
      el("h3", {}, "Advance: what is due in between is sent at once"),
      el(
        "div",
        { class: "choices" },
        ...ADVANCES.map(([by, word]) =>
          el("button", { type: "button", on: { click: () => advance(by) } }, `+${word}`),
        ),
      ),
      el("br"),
      el(
        "form",
        {
          class: "inline",
          on: { submit: (event) => (event.preventDefault(), advance(Number(seconds.value))) },
        },
        field("Seconds", seconds),
        el("button", { type: "submit" }, "Advance"),
      ),
      el("h3", {}, "This sidecar"),
      this.about,
      el(
        "button",
        { type: "button", class: "danger", on: { click: () => this.#reset() } },
        "Reset…",
      ),
    );
  }

  async #do(action) {
    try {
      this.store.setClock(await action());
    } catch (error) {
      this.notices.warn(error);
    }
  }

  #reset() {
    this.menu.hidePopover();
    confirm({
      title: "Forget everything?",
      text: "Messages, deliveries, attempts and runs are gone for good; what is pending is never sent.",
      submit: "Reset",
      onSubmit: () => this.api.post("reset", {}),
    });
  }

  #tick() {
    if (!this.view) return;
    const gone = this.view.paused ? 0 : (performance.now() - this.#read) * this.view.speed;
    tell(byId("clock-now"), clockTime(this.view.now_ms + gone));
    if (this.menu.matches(":popover-open")) tell(this.now, moment(this.view.now_ms + gone));
  }
}

function code(text) {
  return el("code", {}, text);
}
