// Short messages at the foot of the page, spoken by screen readers, gone after a while.

import { byId, el } from "./dom.js";

const STAYS = 6_000; // ms

export class Notices {
  constructor() {
    this.room = byId("notices");
  }

  say(text) {
    this.#add(text, "notice");
  }

  /** An error, in its own sentence. */
  warn(error) {
    this.#add(error.message, "notice bad");
  }

  #add(text, className) {
    if (this.room.lastElementChild?.textContent === text) return;
    const notice = el("p", { class: className }, text);
    this.room.append(notice);
    setTimeout(() => notice.remove(), STAYS);
  }
}
