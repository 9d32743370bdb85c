// Attempts drawn along time: when each was due, sent and answered, and how it ended.

import { svg } from "./dom.js";
import { OUTCOME_WORDS, duration } from "./words.js";

const LONG = 1.5; // how much a tenfold longer wait is drawn longer

/**
 * A map from times (ms) to shares of the width. Waits are drawn by their logarithm, since retries
 * lie milliseconds to days apart: order and rough length show, and nothing runs into each other.
 */
export function scale(times) {
  const sorted = [...new Set(times)].sort((a, b) => a - b);
  const places = [0];
  for (let i = 1; i < sorted.length; i++)
    places.push(places[i - 1] + 0.35 + LONG * Math.log10(1 + (sorted[i] - sorted[i - 1]) / 20));
  const all = places.at(-1) || 1;
  const at = new Map(sorted.map((time, i) => [time, places[i] / all]));
  return (time) => at.get(time) ?? 0;
}

/** The times that a delivery's picture needs. */
export function times(delivery, tries) {
  const all = [delivery.due_ms, ...tries.flatMap((attempt) => [attempt.due_ms, attempt.ended_ms])];
  return delivery.next_due_ms === null ? all : [...all, delivery.next_due_ms];
}

/**
 * One delivery as marks on a line; in a room of `width` × `height`.
 *
 * @param x  the place of a time, as `scale` gives it.
 */
export function lane(delivery, tries, x, { width, height = 22, labels = null }) {
  const edge = 10;
  const middle = height / 2;
  const place = (time) => edge + x(time) * (width - 2 * edge);
  const drawn = [];
  let left = delivery.due_ms;
  for (const attempt of tries) {
    if (attempt.due_ms > left) drawn.push(line("wait", place(left), place(attempt.due_ms), middle));
    drawn.push(
      line(`span ${attempt.outcome}`, place(attempt.due_ms), place(attempt.ended_ms), middle),
    );
    drawn.push(shape(attempt.outcome, place(attempt.ended_ms), middle, told(attempt)));
    left = attempt.ended_ms;
  }
  if (delivery.next_due_ms !== null) {
    drawn.push(line("wait", place(left), place(delivery.next_due_ms), middle));
    drawn.push(shape("waiting", place(delivery.next_due_ms), middle, "due next"));
  }
  if (labels)
    drawn.push(...labels.map(([time, text]) => label(place(time), height + 10, text, width)));
  return drawn;
}

/** A picture of one delivery, with the times since it was due below its marks. */
export function picture(delivery, tries, width) {
  const x = scale(times(delivery, tries));
  const labels = apart(
    [
      ...tries.map((attempt) => attempt.ended_ms),
      ...(delivery.next_due_ms === null ? [] : [delivery.next_due_ms]),
    ].map((time) => [time, `+${duration((time - delivery.due_ms) / 1000)}`]),
    x,
    width,
  );
  const drawing = lane(delivery, tries, x, { width, height: 28, labels });
  return svg(
    "svg",
    { viewBox: `0 0 ${width} 46`, height: 46, role: "img", "aria-label": spoken(delivery, tries) },
    line("rule", 0, width, 14),
    ...drawing,
  );
}

/** Labels that do not overlap: those of later attempts give way. */
function apart(labels, x, width) {
  let free = -Infinity;
  return labels.filter(([time, text]) => {
    const half = text.length * 3.6;
    const at = x(time) * width;
    if (at - half < free) return false;
    free = at + half + 8;
    return true;
  });
}

function spoken(delivery, tries) {
  const said = tries.map((attempt) => `attempt ${attempt.number}: ${told(attempt)}`);
  if (delivery.next_due_ms !== null) said.push("another one is due");
  return said.length ? said.join("; ") : "not sent yet";
}

function told(attempt) {
  const code = attempt.status_code === null ? "" : ` ${attempt.status_code}`;
  return `${OUTCOME_WORDS[attempt.outcome] ?? attempt.outcome}${code} after ${duration((attempt.ended_ms - attempt.sent_ms) / 1000)}`;
}

function line(name, x1, x2, y) {
  return svg("line", { class: name, x1, x2, y1: y, y2: y });
}

function shape(outcome, x, y, title) {
  const use = svg("use", {
    href: `#${outcome}`,
    x: x - 8,
    y: y - 8,
    width: 16,
    height: 16,
    class: outcome,
  });
  use.append(svg("title", {}, title));
  return use;
}

function label(x, y, text, width) {
  const half = text.length * 3.6;
  return svg(
    "text",
    { x: Math.min(Math.max(x, half), width - half), y, "text-anchor": "middle" },
    text,
  );
}
