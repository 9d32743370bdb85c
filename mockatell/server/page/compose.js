// The form that sends one event of any kind.

import { byId, el, options } from "./dom.js";
import { field, frame } from "./dialogs.js";
import { KINDS, STATUSES } from "./kinds.js";

export class Compose {
  #kept = {}; // what was typed, by field: it survives a change of kind and the next event

  constructor({ api, store, route, notices }) {
    Object.assign(this, { api, store, route, notices });
    this.dialog = byId("compose");
    this.kind = "moText";
    this.channel = "sms";
  }

  /** Open the form, with what is known already. */
  open({ kind = this.kind, channel = null, fields = {} } = {}) {
    Object.assign(this.#kept, fields);
    this.kind = kind;
    this.channel = channel ?? this.channel;
    this.form = el("div");
    this.preview = el("pre", { class: "code" });
    frame(this.dialog, {
      title: "Compose an event",
      body: [
        this.#kinds("Replies of users", (name) => name.startsWith("mo")),
        this.#kinds("What becomes of messages", (name) => !name.startsWith("mo")),
        this.form,
        el(
          "details",
          { class: "preview" },
          el("summary", {}, "The request that this makes"),
          this.preview,
        ),
        this.#messages(),
      ],
      submit: "Send the event",
      onSubmit: () => this.#send(),
    });
    this.#draw();
    this.dialog.showModal();
    this.dialog.querySelector("input[name=kind]:checked").focus();
  }

  #kinds(legend, wanted) {
    const choice = (name) =>
      el(
        "label",
        {},
        el("input", {
          type: "radio",
          name: "kind",
          value: name,
          checked: name === this.kind,
          on: { change: () => this.#choose(name) },
        }),
        el("span", {}, name, el("small", {}, KINDS[name].means)),
      );
    return el(
      "fieldset",
      { class: "kinds" },
      el("legend", {}, legend),
      ...Object.keys(KINDS).filter(wanted).map(choice),
    );
  }

  #choose(kind) {
    this.kind = kind;
    this.channel = KINDS[kind].channels[0];
    this.#draw();
  }

  #messages() {
    const sent = [...this.store.messages.values()]
      .filter((message) => message.direction === "sent")
      .slice(0, 50);
    return el(
      "datalist",
      { id: "message-ids" },
      ...sent.map((message) =>
        el("option", {
          value: message.id,
          label: `${message.user} ${message.client_message_id ?? ""}`,
        }),
      ),
    );
  }

  #draw() {
    const { channels, fields } = KINDS[this.kind];
    if (!channels.includes(this.channel)) this.channel = channels[0];
    const channel = el(
      "select",
      { name: "channel", on: { change: (event) => this.#onChannel(event.target.value) } },
      ...options(channels, this.channel),
    );
    this.controls = new Map();
    const shown = fields.filter((each) => !each.only || each.only === this.channel);
    this.form.replaceChildren(
      el(
        "div",
        { class: "fields", on: { input: () => this.#keep() } },
        field("Channel", channel),
        ...shown.map((each) => this.#field(each)),
      ),
    );
    this.#keep();
  }

  #onChannel(channel) {
    this.channel = channel;
    this.#draw();
  }

  #field(spec) {
    const control = this.#control(spec);
    this.controls.set(spec, control);
    if (spec.type === "checkbox") return el("label", { class: "check" }, control, spec.label);
    return field(spec.label, control, spec);
  }

  #control(spec) {
    const kept = this.#kept[spec.name];
    if (spec.type === "status")
      return el(
        "select",
        { name: spec.name },
        ...options(statuses(this.channel), kept ?? "DEVICE_ACK"),
      );
    if (spec.type === "select")
      return el("select", { name: spec.name }, ...options(spec.options, kept));
    if (spec.type === "checkbox")
      return el("input", { type: "checkbox", name: spec.name, checked: Boolean(kept) });
    const plain = {
      name: spec.name,
      value: kept ?? "",
      placeholder: spec.placeholder ?? "",
      spellcheck: false,
      autocomplete: "off",
    };
    if (spec.type === "textarea") return el("textarea", { ...plain, spellcheck: true });
    if (spec.type === "json") return el("textarea", { ...plain, class: "mono" });
    const limits = Object.fromEntries(
      ["min", "max", "pattern", "list"].filter((key) => key in spec).map((key) => [key, spec[key]]),
    );
    return el("input", {
      ...plain,
      type: spec.type ?? "text",
      inputMode: spec.inputMode ?? "",
      attr: limits,
    });
  }

  #keep() {
    for (const [spec, control] of this.controls)
      this.#kept[spec.name] = spec.type === "checkbox" ? control.checked : control.value;
    try {
      this.preview.textContent = `POST mockatell/api/events\n${JSON.stringify(this.#request(), null, 2)}`;
    } catch (error) {
      this.preview.textContent = error.message;
    }
  }

  #request() {
    const given = [...this.controls]
      .map(([spec, control]) => [spec.name, value(spec, control)])
      .filter(([, said]) => said !== null);
    const { message_id = null, ...fields } = Object.fromEntries(given);
    return { kind: this.kind, channel: this.channel, message_id, fields };
  }

  async #send() {
    const made = await this.api.post("events", this.#request());
    this.store.addDeliveries(made);
    this.notices.say(
      made.length === 1 ? `Sent as #${made[0].seq}` : `Sent as ${made.length} deliveries`,
    );
    if (this.route.view === "deliveries" && made.length)
      this.route.set({ open: String(made[0].seq) });
  }
}

function statuses(channel) {
  return STATUSES.filter(([, , channels]) => channels.includes(channel)).map(([name, code]) => [
    name,
    `${code} ${name}`,
  ]);
}

/** What a control says, as the API takes it; null when it says nothing. */
function value(spec, control) {
  if (spec.type === "checkbox") return control.checked || null;
  const text = control.value;
  if (text === "") return null;
  if (spec.type === "number") return Number(text);
  if (spec.type !== "json") return text;
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`${spec.label}: this is not JSON`);
  }
}
