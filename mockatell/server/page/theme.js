// Light or dark: the system's preference, until the reader chooses.

const KEPT = "mockatell.theme";
const SYSTEM = matchMedia("(prefers-color-scheme: dark)");

export class Theme {
  constructor(button) {
    this.button = button;
    button.addEventListener("click", () => this.toggle());
    SYSTEM.addEventListener("change", () => this.#say());
    this.#say();
  }

  get dark() {
    const chosen = document.documentElement.dataset.theme;
    return chosen ? chosen === "dark" : SYSTEM.matches;
  }

  /** To the other one; back to the system's own, where that is the other one. */
  toggle() {
    const wanted = this.dark ? "light" : "dark";
    if (SYSTEM.matches === (wanted === "dark")) {
      delete document.documentElement.dataset.theme;
      localStorage.removeItem(KEPT);
    } else {
      document.documentElement.dataset.theme = wanted;
      localStorage.setItem(KEPT, wanted);
    }
    this.#say();
  }

  #say() {
    this.button.setAttribute("aria-pressed", this.dark);
    this.button.querySelector("use").setAttribute("href", this.dark ? "#sun" : "#moon");
  }
}
