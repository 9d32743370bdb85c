// What a message says besides its text: a template's name and blanks, a file, a place, what to tap.

import { el, facts } from "./dom.js";

const DEEP = 20; // levels of a list picker, whose shape the vendor does not show

/** By the request's field: what it says, as `{text, facts, choices}`. */
const SAYS = {
  template: ({ templateName, header, body, buttons }) => ({
    facts: [
      ["Template", templateName],
      ["Header", header && (header.media?.fileId ?? texts(header).join(", "))],
      ...blanks(body?.parameters),
      ...(buttons ?? []).map((each) => [`Button ${each.listPosition}`, plain(each.postbackData)]),
    ],
  }),
  hsm: ({ template, parameters }) => ({ facts: [["Template", template], ...blanks(parameters)] }),
  button: ({ body, items }) => ({
    text: texts(body).join("\n"),
    choices: items.map((each) => each.title),
  }),
  listPicker: (tree) => ({ choices: titles(tree, DEEP) }),
  media: ({ fileId, caption, contentType }) => ({
    text: caption,
    facts: [["File", fileId], ["Type", contentType]],
  }),
  location: ({ name, address, latitude, longitude }) => ({
    facts: [["Place", name], ["Address", address], ["At", `${latitude}, ${longitude}`]],
  }),
  contacts: (cards) => ({
    facts: cards.map(({ name }) => ["Contact", name.formattedName ?? Object.values(name).join(" ")]),
  }),
};

/** What a bubble holds. */
export function bubble(message) {
  const { text, facts: known, choices } = says(message);
  const told = [
    text && el("span", {}, text),
    known.length > 0 && facts(known, "said"),
    choices.length > 0 &&
      el("ul", { class: "offered" }, ...choices.map((title) => el("li", { class: "tag" }, title))),
  ].filter(Boolean);
  return told.length ? told : [el("span", { class: "soft" }, message.kind)];
}

/** The same in a line. */
export function gist(message) {
  const { text, facts: known, choices } = says(message);
  return text || known[0]?.[1] || choices.join(", ") || message.kind;
}

function says({ content, request }) {
  const none = { text: content ?? "", facts: [], choices: [] };
  if (content !== null || !request) return none;
  const field = Object.keys(SAYS).find((name) => request[name]);
  const known = field ? SAYS[field](request[field]) : inline(request);
  const told = (known.facts ?? []).filter(([, value]) => value !== "" && value != null);
  return { text: known.text ?? "", facts: told, choices: known.choices ?? [] };
}

/** A file within the message; what is sealed says nothing. */
function inline({ caption, contentType, encryptionKey }) {
  return { text: caption, facts: [["Type", contentType], ["Sealed", encryptionKey && "encrypted"]] };
}

function blanks(parameters) {
  return Object.entries(parameters ?? {}).map(([name, value]) => [`{{${name}}}`, value]);
}

/** The texts of what is one, or has some. */
function texts(value) {
  if (typeof value === "string") return [value];
  return Object.values(value ?? {}).filter((each) => typeof each === "string");
}

function titles(tree, deep) {
  if (!deep || tree === null || typeof tree !== "object") return [];
  const own = typeof tree.title === "string" && tree.postbackData !== undefined ? [tree.title] : [];
  return [...own, ...Object.values(tree).flatMap((each) => titles(each, deep - 1))];
}

function plain(value) {
  return value === undefined || typeof value === "string" ? value : JSON.stringify(value);
}
