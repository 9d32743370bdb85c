"use strict";
// Without this script the page is whole; it filters rows and opens the one that a link points to.
const form = document.querySelector(".filter");
const rows = [...document.querySelectorAll(".row")];
const shown = document.querySelector("#shown");

function filter() {
  const outcomes = [...form.querySelectorAll("input[type=checkbox]:checked")].map((box) => box.value);
  const kind = form.querySelector("select").value;
  const message = form.querySelector("input[type=search]").value.trim().toLowerCase();
  for (const row of rows) {
    const has = row.dataset.outcomes.split(" ");
    row.hidden = !(
      outcomes.some((outcome) => has.includes(outcome)) &&
      (!kind || row.dataset.kind === kind) &&
      row.dataset.message.toLowerCase().includes(message)
    );
  }
  for (const group of document.querySelectorAll(".message")) {
    group.hidden = !group.querySelector(".row:not([hidden])");
  }
  shown.textContent = `${rows.filter((row) => !row.hidden).length} of ${rows.length} rows shown`;
}

function open() {
  const row = /^#d\d+$/.test(location.hash) && document.querySelector(location.hash);
  if (row) {
    row.hidden = row.parentElement.hidden = false;
    row.open = true;
    row.firstElementChild.scrollIntoView({ block: "center" });
  }
}

if (form) {
  form.hidden = false;
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  window.addEventListener("hashchange", open);
  open();
}
