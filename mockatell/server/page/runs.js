// Scenarios to start, and the runs that were started.

import { byId, el, options } from "./dom.js";
import { field, frame } from "./dialogs.js";
import { href } from "./route.js";
import { count, clockTime, duration, number } from "./words.js";

const HEADS = [
  ["Run", ""],
  ["Scenario", ""],
  ["State", ""],
  ["Deliveries", ""],
  ["Ended", ""],
  ["Attempts", ""],
  ["Seed", ""],
  ["Started", ""],
  ["Action", "offscreen"],
];
const SHARES = ["acknowledged", "redirected", "exhausted", "pending"];
const TONES = {
  held: "good",
  broken: "bad",
  unreachable: "bad",
  failed: "bad",
  missing_evidence: "unsure",
  interrupted: "unsure",
};

export class Runs {
  #drawn = "";

  constructor(section, { api, store, notices }) {
    Object.assign(this, { section, api, store, notices });
    this.seed = el("input", {
      type: "number",
      min: 0,
      placeholder: "drawn",
      attr: { "aria-label": "Seed", size: 10 },
    });
    this.runs = el("div", {
      class: "scroll runs",
      tabIndex: 0,
      role: "region",
      aria: { label: "Table of runs" },
    });
    this.cards = el("div", { class: "cards" });
    section.append(
      el(
        "div",
        { class: "inside" },
        el("h2", {}, "Runs"),
        this.runs,
        el(
          "div",
          { class: "head" },
          el("h2", {}, "Scenarios"),
          el("label", { class: "check" }, "Seed", this.seed),
          el("button", { type: "button", on: { click: () => this.#own() } }, "Own scenario…"),
        ),
        this.cards,
      ),
    );
    store.on("runs", () => this.show());
  }

  async show() {
    if (this.section.hidden) return;
    this.#drawRuns();
    try {
      const scenarios = await this.api.get("scenarios");
      if (JSON.stringify(scenarios) === this.#drawn) return;
      this.#drawn = JSON.stringify(scenarios);
      this.cards.replaceChildren(...scenarios.map((scenario) => this.#card(scenario)));
    } catch (error) {
      this.notices.warn(error);
    }
  }

  #drawRuns() {
    const runs = [...this.store.runs.values()].sort((a, b) => b.started_ms - a.started_ms);
    if (!runs.length) {
      this.runs.replaceChildren(
        el("p", { class: "soft" }, "None yet. Start one of the scenarios below."),
      );
      return;
    }
    const head = el(
      "tr",
      {},
      ...HEADS.map(([text, name]) => el("th", { scope: "col" }, el("span", { class: name }, text))),
    );
    this.runs.replaceChildren(
      el("table", {}, el("thead", {}, head), el("tbody", {}, ...runs.map((run) => this.#row(run)))),
    );
  }

  #row(run) {
    const word = run.verdict ?? run.state;
    const took =
      run.ended_ms === null ? "" : ` in ${duration((run.ended_ms - run.started_ms) / 1000)}`;
    const state = el(
      "span",
      { class: `tag ${TONES[run.verdict ?? run.state] ?? ""}`, title: run.error ?? "" },
      word.replace("_", " "),
    );
    const going = run.state === "running";
    return el(
      "tr",
      {},
      el("td", {}, el("a", { href: href("deliveries", { run: run.id }) }, run.id)),
      el("td", { class: "left" }, run.scenario),
      el(
        "td",
        { class: "left" },
        state,
        run.exit_code !== null && el("span", { class: "soft small" }, ` exit ${run.exit_code}`),
        run.error && el("span", { class: "wrong small" }, ` ${run.error}`),
      ),
      el("td", {}, number(run.deliveries)),
      el("td", {}, shares(run)),
      el("td", {}, number(run.attempts)),
      el("td", {}, el("code", {}, String(run.seed))),
      el("td", {}, `${clockTime(run.started_ms)}${took}`),
      el(
        "td",
        {},
        going
          ? el("button", { type: "button", on: { click: () => this.#cancel(run.id) } }, "Cancel")
          : el("a", { href: href("findings", { run: run.id }) }, "Findings"),
      ),
    );
  }

  #card(scenario) {
    return el(
      "article",
      { class: "card", aria: { label: scenario.name } },
      el(
        "div",
        { class: "title" },
        el("h3", {}, scenario.name),
        scenario.source !== "shipped" && el("span", { class: "tag" }, scenario.source),
        el(
          "button",
          {
            type: "button",
            aria: { label: `Start ${scenario.name}` },
            on: { click: () => this.#start({ scenario: scenario.name }) },
          },
          "Start",
        ),
      ),
      el("p", {}, scenario.summary),
    );
  }

  async #start(what) {
    try {
      await this.#run(what);
    } catch (error) {
      this.notices.warn(error);
    }
  }

  async #run(what) {
    const seed = this.seed.value === "" ? null : Number(this.seed.value);
    const run = await this.api.post("runs", { ...what, seed });
    this.store.setRuns([...this.store.runs.values(), run]);
    this.notices.say(`${run.scenario} runs as ${run.id}`);
  }

  async #cancel(id) {
    try {
      const run = await this.api.post(`runs/${id}/cancel`);
      this.store.setRuns(
        [...this.store.runs.values()].map((each) => (each.id === run.id ? run : each)),
      );
    } catch (error) {
      this.notices.warn(error);
    }
  }

  /** A scenario that the reader writes: run once, or kept under a name. */
  #own() {
    const dialog = byId("scenario");
    const text = el("textarea", {
      class: "mono",
      rows: 14,
      required: true,
      spellcheck: false,
      placeholder:
        "name: mine\nmessages:\n  - {count: 3, lifecycle: read}\nfaults:\n  - duplicate: {probability: 50%}",
    });
    const name = el("input", {
      pattern: "[A-Za-z0-9][A-Za-z0-9._\\-]{0,63}",
      placeholder: "not kept",
      autocomplete: "off",
    });
    const file = el("input", { type: "file", accept: ".yaml,.yml" });
    file.addEventListener(
      "change",
      async () => file.files[0] && (text.value = await file.files[0].text()),
    );
    const then = el(
      "select",
      {},
      ...options([
        ["run", "Start it now"],
        ["keep", "Keep it only"],
      ]),
    );
    frame(dialog, {
      title: "Own scenario",
      body: [
        el(
          "div",
          { class: "fields" },
          field("Scenario, in YAML", text, { wide: true }),
          field("From a file", file),
          field("Keep it as", name, { hint: "a name, to start it again" }),
          field("Then", then),
        ),
      ],
      submit: "Go",
      onSubmit: async () => {
        if (then.value === "keep" && !name.value)
          throw new Error("Give it a name to keep it under.");
        if (name.value) await this.api.upload(name.value, text.value);
        if (then.value === "run")
          await this.#run(name.value ? { scenario: name.value } : { yaml: text.value });
        await this.show();
      },
    });
    dialog.showModal();
    text.focus();
  }
}

/** What became of a run's deliveries, as a bar whose words say the same. */
function shares(run) {
  const words = { exhausted: "given up", redirected: "lost to a redirect" };
  const said = SHARES.filter((name) => run[name]).map(
    (name) => `${number(run[name])} ${words[name] ?? name}`,
  );
  const bar = el("span", {
    class: "bar",
    role: "img",
    title: said.join(", "),
    aria: { label: said.join(", ") || count(run.deliveries, "delivery", "deliveries") },
  });
  for (const name of SHARES) {
    const part = el("i", { class: `part ${name}` });
    part.style.flexGrow = run[name];
    bar.append(part);
  }
  return bar;
}
