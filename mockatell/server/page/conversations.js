// Who talks with whom: messages by user and channel, and one conversation as a thread.

import { el, tell } from "./dom.js";
import { Refused } from "./refused.js";
import { gist } from "./said.js";
import { talkKey } from "./store.js";
import { Thread } from "./thread.js";
import { clockTime, count, number } from "./words.js";

const SHOWN = 200; // conversations in the list before the reader asks for more

export class Conversations {
  #items = new Map(); // key: element
  #most = SHOWN;

  constructor(section, { api, store, route, compose, notices }) {
    Object.assign(this, { section, api, store, route, notices });
    this.search = el("input", {
      type: "search",
      placeholder: "Number or text",
      autocomplete: "off",
      spellcheck: false,
      attr: { "aria-label": "Filter conversations", "aria-keyshortcuts": "/" },
      on: { input: () => this.show() },
    });
    this.refused = new Refused(store);
    this.list = el("ul", { on: { keydown: (event) => arrows(event, this.list) } });
    this.more = el(
      "button",
      { type: "button", class: "quiet", on: { click: () => this.#showMore() } },
      "Show more",
    );
    this.thread = new Thread({
      api,
      store,
      route,
      compose,
      notices,
      onBack: () => this.#open(null),
    });
    this.talks = el(
      "div",
      { class: "talks" },
      el(
        "div",
        { class: "talk-list" },
        el("div", { class: "talk-search", role: "search" }, this.search),
        this.refused.element,
        this.list,
        this.more,
      ),
      this.thread.element,
    );
    section.append(this.talks);
    store.on("messages", () => this.show());
    store.on("refusals", () => this.show());
    store.on("deliveries", () => this.section.hidden || this.thread.refresh());
  }

  show() {
    if (this.section.hidden) return;
    this.refused.show();
    const talks = gather(this.store.messages.values());
    const sought = this.search.value.trim().toLowerCase();
    const found = talks.filter(
      (talk) => !sought || talk.messages.some((message) => says(message, sought)),
    );
    const chosen = this.#chosen(talks);
    const keys = new Set(talks.map((talk) => talk.key));
    for (const key of this.#items.keys()) if (!keys.has(key)) this.#items.delete(key);
    this.list.replaceChildren(
      ...found.slice(0, this.#most).map((talk) => this.#item(talk, talk.key === chosen?.key)),
    );
    if (!found.length && this.store.overview)
      this.list.append(
        el("li", { class: "empty" }, sought ? "No conversation matches." : "No messages yet."),
      );
    this.more.hidden =
      found.length <= this.#most &&
      this.store.messages.size >= (this.store.overview?.messages ?? 0);
    this.talks.classList.toggle(
      "reading",
      Boolean(this.route.get("talk") || this.route.get("message")),
    );
    this.thread.show(chosen);
    this.#seek(talks);
  }

  focusSearch() {
    this.search.focus();
    this.search.select();
  }

  /** The conversation that the address names: by its key, or by a message of it; else the latest. */
  #chosen(talks) {
    const [key, message] = [this.route.get("talk"), this.route.get("message")];
    if (key) return talks.find((talk) => talk.key === key) ?? null;
    if (message)
      return talks.find((talk) => talk.messages.some((each) => each.id === message)) ?? null;
    return talks[0] ?? null;
  }

  /** A message that a link names may be older than what is loaded. */
  async #seek(talks) {
    const message = this.route.get("message");
    if (!message || this.sought === message || this.#chosen(talks)) return;
    this.sought = message;
    try {
      this.store.addMessages([await this.api.get(`messages/${encodeURIComponent(message)}`)]);
    } catch (error) {
      this.notices.warn(error);
    }
  }

  async #showMore() {
    this.#most += SHOWN;
    const oldest = [...this.store.messages.values()].reduce(
      (a, b) => (a && a.at_ms <= b.at_ms ? a : b),
      null,
    );
    try {
      if (oldest)
        this.store.addMessages(await this.api.get("messages", { limit: 1000, before: oldest.id }));
      this.show();
    } catch (error) {
      this.notices.warn(error);
    }
  }

  #open(key) {
    this.route.set({ talk: key ?? "", message: "", open: "" }, { step: true });
  }

  #item(talk, current) {
    const item = this.#items.get(talk.key) ?? this.#newItem(talk.key);
    this.#items.set(talk.key, item);
    const last = talk.messages.at(-1);
    tell(item.who, talk.user || "unknown user");
    tell(item.when, clockTime(last.at_ms));
    tell(item.last, `${last.direction === "sent" ? "App: " : ""}${gist(last)}`);
    tell(item.channel, talk.channel);
    tell(item.business, talk.twin ? `with ${talk.business || "the business"}` : "");
    tell(item.many, number(talk.messages.length));
    item.many.title = count(talk.messages.length, "message");
    if (current) item.button.setAttribute("aria-current", "true");
    else item.button.removeAttribute("aria-current");
    return item.element;
  }

  #newItem(key) {
    const [who, when, last] = [
      el("b"),
      el("span", { class: "soft small" }),
      el("span", { class: "last" }),
    ];
    const [channel, many] = [el("span", { class: "tag" }), el("span", { class: "tag" })];
    const business = el("span", { class: "soft small" });
    const button = el(
      "button",
      { type: "button", class: "talk", on: { click: () => this.#open(key) } },
      el("span", { class: "who" }, who, channel, many, when),
      business,
      last,
    );
    return { element: el("li", {}, button), button, who, when, last, channel, many, business };
  }
}

/** Conversations, the one with the latest message first; `twin` where one user has several. */
function gather(messages) {
  const talks = new Map();
  for (const message of messages) {
    const key = talkKey(message);
    if (!talks.has(key))
      talks.set(key, {
        key,
        channel: message.channel,
        user: message.user,
        business: message.business,
        messages: [],
      });
    talks.get(key).messages.push(message);
  }
  const all = [...talks.values()];
  const businesses = Map.groupBy(all, ({ channel, user }) => `${channel}:${user}`);
  for (const twins of businesses.values())
    if (twins.length > 1) for (const talk of twins) talk.twin = true;
  for (const talk of all) talk.messages.sort((a, b) => a.at_ms - b.at_ms);
  return all.sort((a, b) => b.messages.at(-1).at_ms - a.messages.at(-1).at_ms);
}

function says(message, sought) {
  return [
    message.user,
    message.business,
    message.id,
    message.client_message_id,
    gist(message),
  ].some((text) => text?.toLowerCase().includes(sought));
}

function arrows(event, list) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  const buttons = [...list.querySelectorAll("button")];
  const next = buttons[buttons.indexOf(document.activeElement) + step];
  if (next) next.focus();
  event.preventDefault();
}
