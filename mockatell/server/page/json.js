// A callback's body for reading: JSON indented and coloured, by text nodes alone; cut when it is huge.

import { el } from "./dom.js";

const MOST = 20_000; // characters shown before the reader asks for the rest
const COLOURED = 100_000; // longer texts stay plain: every word costs an element
const TOKEN =
  /("(?:[^"\\]|\\.)*")(\s*:)?|(-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)|\b(true|false|null)\b/g;

/** A <pre> of a value that came as JSON, or of a text. */
export function code(value, label) {
  const text = typeof value === "string" ? value : JSON.stringify(value, null, 2);
  const pre = el("pre", { class: "code", tabIndex: 0, role: "region", aria: { label } });
  const fill = (shown) =>
    pre.replaceChildren(
      ...(typeof value === "string" || shown.length > COLOURED ? [shown] : coloured(shown)),
    );
  if (text.length <= MOST) {
    fill(text);
    return pre;
  }
  fill(text.slice(0, MOST));
  const rest = el(
    "button",
    { type: "button", class: "linkish", on: { click: () => fill(text) } },
    `Show all ${text.length.toLocaleString("en")} characters`,
  );
  pre.append("…\n\n", rest);
  return pre;
}

function* coloured(text) {
  let from = 0;
  for (const found of text.matchAll(TOKEN)) {
    if (found.index > from) yield text.slice(from, found.index);
    const [all, string, colon, number] = found;
    const name = string ? (colon ? "key" : "string") : number ? "number" : "word";
    yield el("span", { class: `json-${name}` }, string ?? all);
    if (colon) yield colon;
    from = found.index + all.length;
  }
  yield text.slice(from);
}

/** Put a text on the clipboard; gives whether that was allowed. */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
