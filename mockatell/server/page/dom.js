// Making elements: foreign text only ever becomes text nodes, never markup.

const SVG = "http://www.w3.org/2000/svg";
const PREFIXES = { attr: "", aria: "aria-", data: "data-" };

/** An element; `on` holds its listeners, `attr`, `aria` and `data` attributes, the rest is properties. */
export function el(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key === "on") listen(element, value);
    else if (key in PREFIXES) attributes(element, PREFIXES[key], value);
    else if (key === "class") element.className = value;
    else element[key] = value;
  }
  return fill(element, ...children);
}

/** Have these children and no others; what is null, undefined, false or empty is left out. */
export function fill(element, ...children) {
  element.replaceChildren(...children.filter((child) => child || child === 0));
  return element;
}

/** An SVG element, with attributes. */
export function svg(name, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

/** A shape of the sprite in index.html; it says nothing that the words beside it do not. */
export function icon(id, className = "icon") {
  return svg("svg", { class: className, "aria-hidden": "true" }, svg("use", { href: `#${id}` }));
}

/** The shape of an outcome, in its colour. */
export function mark(outcome) {
  return icon(outcome, `mark ${outcome}`);
}

export function setMark(element, outcome) {
  element.setAttribute("class", `mark ${outcome}`);
  element.firstChild.setAttribute("href", `#${outcome}`);
}

/** Set a text, if it is another one: rows are told the same things again and again. */
export function tell(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export function byId(id) {
  return document.getElementById(id);
}

/** An <option> for each pair of value and word; a bare string is both. */
export function options(pairs, chosen = "") {
  return pairs.map((pair) => {
    const [value, word] = Array.isArray(pair) ? pair : [pair, pair];
    return el("option", { value, selected: value === chosen }, word);
  });
}

/** What a definition list says; pairs without a value are left out. */
export function facts(pairs, className = "facts") {
  const said = pairs.filter(([, value]) => value !== null && value !== undefined && value !== "");
  return el(
    "dl",
    { class: className },
    ...said.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]),
  );
}

function listen(element, listeners) {
  for (const [type, listener] of Object.entries(listeners))
    element.addEventListener(type, listener);
}

function attributes(element, prefix, values) {
  for (const [key, value] of Object.entries(values)) element.setAttribute(prefix + key, value);
}
