// What the page knows: deliveries by number, messages by id, runs, and how the sidecar stands.

const MOST_DELIVERIES = 50_000;
const MOST_MESSAGES = 20_000;

/** What messages of one conversation have in common. */
export function talkKey({ channel, user, business }) {
  return `${channel}:${user}:${business}`;
}

/** Tells `on(topic, listener)` when something of a topic has come or changed, once per task. */
export class Store {
  deliveries = new Map();
  messages = new Map();
  runs = new Map();
  refusals = [];
  overview = null;
  #conversations = null;
  #order = null;
  #listeners = new Map();
  #told = new Set();

  on(topic, listener) {
    const listeners = this.#listeners.get(topic) ?? [];
    this.#listeners.set(topic, [...listeners, listener]);
  }

  /** Every delivery that is known, the newest first. */
  newestFirst() {
    this.#order ??= [...this.deliveries.keys()].sort((a, b) => b - a);
    return this.#order.map((seq) => this.deliveries.get(seq));
  }

  addDeliveries(views) {
    for (const view of views) {
      if (!this.deliveries.has(view.seq)) this.#order = null;
      this.deliveries.set(view.seq, view);
    }
    if (this.deliveries.size > MOST_DELIVERIES) this.#forgetOldest();
    this.#tell("deliveries");
  }

  dropDeliveries(seqs) {
    for (const seq of seqs) this.deliveries.delete(seq);
    this.#order = null;
    this.#tell("deliveries");
  }

  /** Take messages, the newest first; those of the same millisecond keep that order. */
  addMessages(views) {
    for (const view of views.toReversed()) this.messages.set(view.id, view);
    this.#conversations = null;
    if (this.messages.size > MOST_MESSAGES) this.#forgetOldestMessages();
    this.#tell("messages");
  }

  /** How many conversations the messages that are known make up. */
  get conversations() {
    this.#conversations ??= new Set([...this.messages.values()].map(talkKey)).size;
    return this.#conversations;
  }

  setRefusals(views) {
    this.refusals = views;
    this.#tell("refusals");
  }

  setRuns(views) {
    this.runs = new Map(views.map((view) => [view.id, view]));
    this.#tell("runs");
  }

  setOverview(overview) {
    this.overview = overview;
    this.#tell("overview");
  }

  setClock(clock) {
    if (this.overview) this.setOverview({ ...this.overview, clock });
  }

  setFaults(faults) {
    if (this.overview) this.setOverview({ ...this.overview, faults });
  }

  /** Everything is gone, or to be fetched anew. */
  clear() {
    this.deliveries.clear();
    this.messages.clear();
    this.runs.clear();
    this.refusals = [];
    this.#order = null;
    this.#conversations = null;
    for (const topic of ["deliveries", "messages", "runs", "refusals"]) this.#tell(topic);
  }

  #forgetOldest() {
    const oldest = [...this.deliveries.keys()].sort((a, b) => a - b);
    for (const seq of oldest.slice(0, oldest.length - MOST_DELIVERIES)) this.deliveries.delete(seq);
    this.#order = null;
  }

  /** A tenth more than need be, so that it is not done each time. */
  #forgetOldestMessages() {
    const oldest = [...this.messages.values()].sort((a, b) => a.at_ms - b.at_ms);
    const most = 0.9 * MOST_MESSAGES;
    for (const { id } of oldest.slice(0, oldest.length - most)) this.messages.delete(id);
  }

  #tell(topic) {
    if (this.#told.size === 0) queueMicrotask(() => this.#flush());
    this.#told.add(topic);
  }

  #flush() {
    const topics = [...this.#told];
    this.#told.clear();
    for (const topic of topics) for (const listener of this.#listeners.get(topic) ?? []) listener();
  }
}
