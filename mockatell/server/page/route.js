// Where the reader is, in the address: `#deliveries?kind=moText&open=12` can be kept and shared.

const VIEWS = ["deliveries", "conversations", "runs", "faults", "findings"];

export class Route extends EventTarget {
  constructor() {
    super();
    this.#read();
    addEventListener("hashchange", () => {
      this.#read();
      this.dispatchEvent(new Event("change"));
    });
  }

  get(name) {
    return this.query.get(name) ?? "";
  }

  /** Go to a view; what is not said of the query is gone. */
  go(view, query = {}) {
    location.hash = hash(view, new URLSearchParams(clean(query)));
  }

  /** Stay in the view and change the query; no step for the back button unless `step`. */
  set(changes, { step = false } = {}) {
    for (const [key, value] of Object.entries(changes)) {
      if (value) this.query.set(key, value);
      else this.query.delete(key);
    }
    const next = hash(this.view, this.query);
    history[step ? "pushState" : "replaceState"](null, "", next);
    this.dispatchEvent(new Event("change"));
  }

  #read() {
    const [view, query = ""] = location.hash.slice(1).split("?", 2);
    this.view = VIEWS.includes(view) ? view : VIEWS[0];
    this.query = new URLSearchParams(query);
  }
}

/** The address of a place on the page, for links. */
export function href(view, query = {}) {
  return hash(view, new URLSearchParams(clean(query)));
}

function hash(view, query) {
  return `#${view}${query.size ? `?${query}` : ""}`;
}

function clean(query) {
  return Object.fromEntries(
    Object.entries(query).filter(
      ([, value]) => value !== "" && value !== null && value !== undefined,
    ),
  );
}
