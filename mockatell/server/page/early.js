// Sets the chosen theme before anything is drawn, so that the page does not flash in the other one.
"use strict";
try {
  const chosen = localStorage.getItem("mockatell.theme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
} catch {
  // Storage is switched off: the system's preference holds.
}
