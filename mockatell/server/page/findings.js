// The report: the verdict, what was expected, what was found, and the numbers behind it.

import { el, options } from "./dom.js";
import { href } from "./route.js";
import { OUTCOME_WORDS, OUTCOMES, duration, number } from "./words.js";

const TITLES = {
  held: "Passed",
  unjudged: "Not judged",
  broken: "Failed",
  missing_evidence: "Evidence missing",
  unreachable: "Unreachable",
  interrupted: "Interrupted",
  pending: "Still running",
};
const SOON = 2_000; // ms between two looks while things change

export class Findings {
  #timer = null;
  #drawn = "";

  constructor(section, { api, store, route, notices }) {
    Object.assign(this, { section, api, store, route, notices });
    this.run = el("select", {
      attr: { "aria-label": "Report on" },
      on: { change: () => route.set({ run: this.run.value }) },
    });
    this.body = el("div");
    section.append(
      el(
        "div",
        { class: "inside" },
        el("div", { class: "head" }, el("h2", {}, "Findings"), this.run),
        this.body,
      ),
    );
    store.on("overview", () => this.#later());
  }

  show() {
    if (this.section.hidden) return;
    const runs = [...this.store.runs.values()].map((run) => [run.id, `${run.id} ${run.scenario}`]);
    this.run.replaceChildren(
      ...options([["", "Everything that was sent"], ...runs], this.route.get("run")),
    );
    this.#load();
  }

  #later() {
    if (this.section.hidden) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      if (!this.section.hidden) this.#load();
    }, SOON);
  }

  async #load() {
    try {
      const report = await this.api.get("report", { run: this.route.get("run") });
      const text = JSON.stringify(report);
      if (text === this.#drawn) return;
      this.#drawn = text;
      const open = new Set(
        [...this.body.querySelectorAll("details[open]")].map((each) => each.dataset.id),
      );
      this.body.replaceChildren(...sections(report, open));
    } catch (error) {
      this.#drawn = "";
      this.body.replaceChildren(el("p", { class: "wrong" }, error.message));
    }
  }
}

function sections(report, open) {
  return [
    el(
      "div",
      { class: `verdict ${report.verdict}` },
      el("strong", {}, TITLES[report.verdict] ?? report.verdict),
      el("p", {}, report.headline),
      el("small", { class: "soft" }, `exit code ${report.exit_code}, seed ${report.started.seed}`),
    ),
    ...report.notes.map((note) => el("p", { class: "soft small" }, note)),
    ...part(
      "Expectations",
      report.expectations.length &&
        el("ul", { class: "expectations" }, ...report.expectations.map(expectation)),
    ),
    el("h2", {}, "What was found"),
    ...(report.findings.length
      ? report.findings.map((each) => finding(each, open))
      : [el("p", { class: "soft" }, "Nothing that needs to be said.")]),
    ...part(
      "Attempts by event and outcome",
      Object.keys(report.kinds).length && outcomes(report.kinds),
    ),
    ...part("Times", report.latency.count && timings(report)),
    ...part(
      "Assumptions",
      report.assumptions.length &&
        table(
          ["Assumed", "Here", "Setting"],
          report.assumptions.map((row) => [row.behaviour, row.default, row.setting]),
          "left",
        ),
    ),
  ];
}

function part(title, body) {
  return body ? [el("h2", {}, title), body] : [];
}

function expectation({ clause, held, evidence }) {
  const [word, tone] =
    held === null ? ["not judged", "unsure"] : held ? ["✓ held", "held"] : ["✕ failed", "failed"];
  return el(
    "li",
    {},
    el("b", { class: tone }, word),
    el(
      "div",
      {},
      el("code", {}, clause),
      ...evidence.map((line) => el("p", { class: "soft small" }, line)),
    ),
  );
}

function finding({ id, title, explanation, evidence, deliveries }, open) {
  return el(
    "details",
    { class: "finding", open: open.has(id), data: { id } },
    el("summary", {}, title),
    el(
      "div",
      {},
      el("p", {}, explanation),
      evidence.length ? el("pre", {}, evidence.join("\n")) : null,
      el(
        "p",
        { class: "links small" },
        "Deliveries",
        ...deliveries
          .slice(0, 40)
          .map((seq) => el("a", { href: href("deliveries", { open: seq }) }, `#${seq}`)),
        deliveries.length > 40 && `and ${deliveries.length - 40} more`,
      ),
    ),
  );
}

function outcomes(kinds) {
  const rows = Object.entries(kinds).map(([kind, counts]) => [
    kind || "unknown event",
    ...OUTCOMES.map((outcome) => (counts[outcome] ? number(counts[outcome]) : "–")),
  ]);
  return table(["Event", ...OUTCOMES.map((outcome) => OUTCOME_WORDS[outcome])], rows);
}

function timings({ lag, service, latency }) {
  const row = (name, timing) => [
    name,
    number(timing.count),
    ...["p50", "p90", "p99", "max"].map((key) => duration(timing[key])),
  ];
  return table(
    ["From … to", "Attempts", "p50", "p90", "p99", "max"],
    [row("due to sent", lag), row("sent to answered", service), row("due to answered", latency)],
  );
}

function table(heads, rows, align = "") {
  const head = el("tr", {}, ...heads.map((text) => el("th", { scope: "col", class: align }, text)));
  const body = rows.map((row) =>
    el("tr", {}, ...row.map((cell) => el("td", { class: align }, cell))),
  );
  return el(
    "div",
    { class: "scroll", tabIndex: 0, role: "region", aria: { label: heads[0] } },
    el("table", {}, el("thead", {}, head), el("tbody", {}, ...body)),
  );
}
