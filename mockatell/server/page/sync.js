// Keeps the store true: gathers what the feed names, and fetches it in pieces of bounded size.

export const PAGE = 500; // deliveries in one request
const PIECES = 3; // requests for deliveries at a time
const SINGLY = 6; // messages fetched one by one; more, and new ones, come as the newest page
const SOONEST = 150; // ms between two rounds
const LATEST = 4_000;

export class Sync {
  #stale = new Set(); // numbers of deliveries that stand otherwise now
  #messages = new Set();
  #also = new Set(); // `run`, `clock`, `faults`, `refusal`
  #timer = null;
  #took = 0; // ms of the last round: a slow sidecar is asked less often

  constructor(api, store, onTrouble) {
    this.api = api;
    this.store = store;
    this.onTrouble = onTrouble;
  }

  /** One entry of the feed. */
  take(change) {
    if (change.type === "reset") {
      this.reload();
      return;
    }
    if (change.type === "delivery") this.#stale.add(Number(change.about));
    else if (change.type === "message") this.#messages.add(change.about);
    else this.#also.add(change.type);
    this.#timer ??= setTimeout(
      () => this.#round(),
      Math.min(Math.max(SOONEST, 4 * this.#took), LATEST),
    );
  }

  /** Forget everything and fetch what a page needs first. */
  async reload() {
    this.#stale.clear();
    this.#messages.clear();
    const [overview, deliveries, messages, runs, refusals] = await Promise.all([
      this.api.get("overview"),
      this.api.get("deliveries", { limit: PAGE }),
      this.api.get("messages", { limit: PAGE }),
      this.api.get("runs"),
      this.api.get("refusals"),
    ]);
    this.store.clear();
    this.store.setOverview(overview);
    this.store.addDeliveries(deliveries);
    this.store.addMessages(messages);
    this.store.setRuns(runs);
    this.store.setRefusals(refusals);
  }

  async #round() {
    const began = performance.now();
    try {
      await Promise.all([this.#deliveries(), this.#talks(), this.#rest()]);
    } catch (error) {
      this.onTrouble(error);
    }
    this.#took = performance.now() - began;
    this.#timer = null;
    if (this.#stale.size || this.#messages.size || this.#also.size) this.take({ type: "overview" });
  }

  /** The newest first; and a piece of the oldest, so that these are not left for last for ever. */
  async #deliveries() {
    const pieces = cut([...this.#stale].sort((a, b) => b - a));
    const chosen =
      pieces.length > PIECES ? [...pieces.slice(0, PIECES - 1), pieces.at(-1)] : pieces;
    await Promise.all(chosen.map((piece) => this.#piece(piece)));
  }

  async #piece(seqs) {
    for (const seq of seqs) this.#stale.delete(seq);
    const [high, low] = [seqs[0], seqs.at(-1)];
    const found = await this.api.get("deliveries", { before: high + 1, limit: high - low + 1 });
    const there = new Set(found.map((view) => view.seq));
    this.store.addDeliveries(found.filter((view) => view.seq >= low));
    const gone = seqs.filter((seq) => !there.has(seq) && this.store.deliveries.has(seq));
    if (gone.length) this.store.dropDeliveries(gone);
  }

  async #talks() {
    const [known, unknown] = parted(this.#messages, (id) => this.store.messages.has(id));
    this.#messages.clear();
    const singly = known.length <= SINGLY;
    const asked = singly ? known.map((id) => this.#message(id)) : [];
    if (unknown.length || !singly) asked.push(this.api.get("messages", { limit: PAGE }));
    if (asked.length) this.store.addMessages((await Promise.all(asked)).flat());
  }

  async #message(id) {
    try {
      return [await this.api.get(`messages/${encodeURIComponent(id)}`)];
    } catch (error) {
      if (error.status === 404) return []; // forgotten in the meantime
      throw error;
    }
  }

  /** How the sidecar stands changes with everything, so it is always asked for. */
  async #rest() {
    const runs = this.#also.has("run") ? this.api.get("runs") : null;
    const refusals = this.#also.has("refusal") ? this.api.get("refusals") : null;
    this.#also.clear();
    this.store.setOverview(await this.api.get("overview"));
    if (runs) this.store.setRuns(await runs);
    if (refusals) this.store.setRefusals(await refusals);
  }
}

/** Numbers, the highest first, in runs that one request can answer. */
function cut(seqs) {
  const pieces = [];
  for (const seq of seqs) {
    const piece = pieces.at(-1);
    if (piece && piece[0] - seq < PAGE) piece.push(seq);
    else pieces.push([seq]);
  }
  return pieces;
}

function parted(all, is) {
  const [yes, no] = [[], []];
  for (const each of all) (is(each) ? yes : no).push(each);
  return [yes, no];
}
