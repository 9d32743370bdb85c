// How outcomes, states, times and numbers are said.

export const OUTCOMES = [
  "acknowledged",
  "rejected",
  "timed_out",
  "unreachable",
  "ack_lost",
  "redirected",
];

export const OUTCOME_WORDS = {
  acknowledged: "acknowledged",
  redirected: "redirected",
  rejected: "rejected",
  timed_out: "timed out",
  unreachable: "unreachable",
  ack_lost: "ack lost",
  waiting: "waiting",
  in_flight: "in flight",
};

export const OUTCOME_MEANINGS = {
  acknowledged: "answered 2xx",
  rejected: "answered anything but 2xx or 3xx; tried again",
  timed_out: "no whole answer in time; tried again",
  unreachable: "no connection; tried again",
  ack_lost: "answered 2xx, but a fault lost the answer; tried again",
  redirected: "answered 3xx; neither counted nor tried again",
};

export const STATES = [
  "pending",
  "in_flight",
  "acknowledged",
  "redirected",
  "exhausted",
  "cancelled",
];
export const STATE_WORDS = { in_flight: "in flight", exhausted: "given up" };

/** The shape that stands for a delivery: its last outcome, or how it waits. */
export function sign(delivery) {
  if (delivery.state === "in_flight") return "in_flight";
  return OUTCOMES.includes(delivery.last_outcome) ? delivery.last_outcome : "waiting";
}

/** How a delivery stands, in words: its last outcome with the answer's status. */
export function standing(delivery) {
  const word = OUTCOME_WORDS[sign(delivery)];
  return delivery.state !== "in_flight" && delivery.last_status_code
    ? `${word} ${delivery.last_status_code}`
    : word;
}

/** What comes of a delivery that is not acknowledged: `[word, tone]`, or null. */
export function prospect(delivery) {
  if (delivery.state === "exhausted") return ["given up", "bad"];
  if (delivery.state === "cancelled") return ["cancelled", ""];
  if (delivery.state === "pending" && delivery.attempts) return ["retrying", "unsure"];
  return null;
}

const pad = (number, digits = 2) => String(number).padStart(digits, "0");

/** The time of day in the reader's time zone, to the millisecond. */
export function time(ms) {
  const date = new Date(ms);
  return `${clockTime(ms)}.${pad(date.getMilliseconds(), 3)}`;
}

export function clockTime(ms) {
  const date = new Date(ms);
  return `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;
}

/** The day and the time, for what may not be today's. */
export function moment(ms) {
  const date = new Date(ms);
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())} ${time(ms)}`;
}

/** A length of time, with the unit that suits it. */
export function duration(seconds) {
  if (seconds === null || seconds === undefined) return "";
  const size = Math.abs(seconds);
  if (size < 0.001) return `${Math.round(seconds * 1e6)} µs`;
  if (size < 0.9995) return `${round(seconds * 1000)} ms`;
  if (size < 90) return `${round(seconds)} s`;
  if (size < 5400) return `${round(seconds / 60)} min`;
  if (size < 172800) return `${round(seconds / 3600)} h`;
  return `${round(seconds / 86400)} d`;
}

const round = (number) => String(Number(number.toPrecision(Math.abs(number) < 100 ? 2 : 3)));

const NUMBER = new Intl.NumberFormat("en");
export const number = (value) => NUMBER.format(value ?? 0);

export function count(value, one, many = `${one}s`) {
  return `${number(value)} ${value === 1 ? one : many}`;
}

/** An id short enough for a column: its beginning and its end. */
export function short(id) {
  return id.length > 16 ? `${id.slice(0, 8)}…${id.slice(-4)}` : id;
}
