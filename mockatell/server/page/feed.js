// The live feed: server-sent events over fetch (EventSource can carry no token), and coming back.

const FIRST_WAIT = 500; // ms, doubled after every failure
const LONGEST_WAIT = 10_000;
const SILENCE = 45_000; // ms without so much as a comment: the connection is dead

/** Cuts a stream of text into the events that it holds; each is `{id, type, data}`. */
export class Events {
  #rest = "";

  take(text) {
    const blocks = (this.#rest + text).replaceAll("\r\n", "\n").split("\n\n");
    this.#rest = blocks.pop();
    return blocks.map(parse).filter((event) => event.data !== "");
  }
}

function parse(block) {
  const event = { id: null, type: "message", data: "" };
  for (const line of block.split("\n")) {
    const [, field, value] = /^(\w*):? ?(.*)$/s.exec(line) ?? [];
    if (field === "data") event.data += (event.data && "\n") + value;
    else if (field === "id") event.id = value;
    else if (field === "event") event.type = value;
  }
  return event;
}

/**
 * Follows the feed for as long as the page is there.
 *
 * `onState` is told `live`, or `lost` with the ms until the next try; `onChange` gets each entry.
 */
export class Feed {
  #last = null;
  #wait = FIRST_WAIT;
  #wake = null;

  constructor(api, { onChange, onState }) {
    this.api = api;
    this.onChange = onChange;
    this.onState = onState;
    addEventListener("online", () => this.#wake?.());
    document.addEventListener("visibilitychange", () => document.hidden || this.#wake?.());
  }

  async follow() {
    for (;;) {
      try {
        await this.#listen();
      } catch (error) {
        this.#last = null; // what was missed is fetched anew
        this.onState("lost", this.#wait, error);
      }
      await new Promise((wake) => {
        this.#wake = wake;
        setTimeout(wake, this.#wait);
      });
      this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT);
    }
  }

  async #listen() {
    const ending = new AbortController();
    const answer = await this.api.stream("changes", { last: this.#last, signal: ending.signal });
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    const events = new Events();
    this.#wait = FIRST_WAIT;
    this.onState("live");
    for (;;) {
      const silence = setTimeout(() => ending.abort(), SILENCE);
      const { done, value } = await reader.read().finally(() => clearTimeout(silence));
      if (done) throw new Error("the feed ended");
      events.take(value).forEach((event) => this.#take(event));
    }
  }

  #take(event) {
    const change = JSON.parse(event.data);
    const first = this.#last === null;
    this.#last = change.id;
    if (!(first && change.type === "reset")) this.onChange(change); // all is fetched anew in any case
  }
}
