// What dialogs share: their frame, asking for a token, asking whether it is meant.

import { byId, el, icon, tell } from "./dom.js";

/** Head, body and foot of a dialog as a form; `onSubmit` may throw a Problem, which is then shown. */
export function frame(dialog, { title, body, submit, danger = false, closable = true, onSubmit }) {
  const wrong = el("p", { class: "wrong", role: "alert" });
  const button =
    submit && el("button", { type: "submit", class: danger ? "danger" : "primary" }, submit);
  const form = el(
    "form",
    { method: "dialog" },
    el(
      "div",
      { class: "dialog-head" },
      el("h2", { id: `${dialog.id}-title` }, title),
      closable &&
        el(
          "button",
          {
            type: "button",
            class: "quiet square",
            aria: { label: "Close" },
            on: { click: () => dialog.close() },
          },
          icon("close"),
        ),
    ),
    el("div", { class: "dialog-body" }, ...body),
    submit && el("div", { class: "dialog-foot" }, wrong, button),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    tell(wrong, "");
    button.disabled = true;
    try {
      await onSubmit();
      dialog.close();
    } catch (error) {
      tell(wrong, error.message);
    } finally {
      button.disabled = false;
    }
  });
  dialog.replaceChildren(form);
}

let fields = 0;

/** A labelled control; `hint` says what is not obvious. */
export function field(label, control, { hint = "", wide = false } = {}) {
  control.id = `field-${++fields}`;
  if (hint) control.setAttribute("aria-describedby", `${control.id}-hint`);
  return el(
    "div",
    { class: `field${wide ? " wide" : ""}` },
    el("label", { htmlFor: control.id }, label),
    control,
    hint && el("small", { id: `${control.id}-hint` }, hint),
  );
}

/** Asks for the token until `attempt` takes one; without it there is nothing to see. */
export function askToken(attempt) {
  const dialog = byId("token");
  const input = el("input", {
    type: "password",
    required: true,
    autocomplete: "current-password",
    class: "mono",
  });
  frame(dialog, {
    title: "This sidecar needs a token",
    body: [
      el("p", { class: "soft" }, "The one that it was started with (--token, MOCKATELL_TOKEN)."),
      field("Token", input),
    ],
    submit: "Open",
    closable: false,
    onSubmit: async () => {
      const refused = await attempt(input.value);
      if (refused) throw new Error(refused);
    },
  });
  const stay = (event) => event.preventDefault();
  dialog.addEventListener("cancel", stay);
  dialog.showModal();
  input.focus();
  return new Promise((resolve) => {
    dialog.addEventListener(
      "close",
      () => {
        dialog.removeEventListener("cancel", stay);
        resolve();
      },
      { once: true },
    );
  });
}

/** Does something that cannot be undone, when the reader says so. */
export function confirm({ title, text, submit, onSubmit }) {
  const dialog = byId("ask");
  frame(dialog, { title, body: [el("p", {}, text)], submit, danger: true, onSubmit });
  dialog.showModal();
}
