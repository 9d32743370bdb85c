// A long list of which only the rows in sight exist: rows are recycled while it scrolls.

import { el, tell } from "./dom.js";

const BEYOND = 8; // rows kept ready above and below what is in sight

/**
 * A grid (ARIA's) with one focus and a cursor that the arrow keys move.
 *
 * @param columns  `[class, title]` of each.
 * @param makeRow  gives `{cells, show(item)}`; called once for each row that exists.
 * @param keyOf    names an item.
 * @param onOpen   the reader chose an item (Enter, click).
 * @param onMove   the cursor went to an item.
 * @param onEnd    the end is near: more could be loaded.
 */
export class Grid {
  items = [];
  #rows = [];
  #cursor = null;
  #selected = null;
  #height = 36; // px of a row
  #inSight = 0; // px of rows that are seen at once
  #frame = null;
  #shownTop = null; // the key that was the newest when the reader last stood at the top

  constructor({ id, label, columns, makeRow, keyOf, onOpen, onMove, onEnd }) {
    Object.assign(this, { id, columns, makeRow, keyOf, onOpen, onMove, onEnd });
    this.head = el(
      "div",
      { class: "grid-head", role: "row", aria: { rowindex: 1 } },
      ...columns.map(heading),
    );
    this.room = el("div", { class: "grid-room", role: "rowgroup" });
    this.grid = el(
      "div",
      {
        class: "grid",
        role: "grid",
        tabIndex: 0,
        aria: { label, colcount: columns.length, readonly: true },
        on: { keydown: (event) => this.#key(event) },
      },
      el("div", { class: "grid-top", role: "rowgroup" }, this.head),
      this.room,
    );
    this.newer = el("button", {
      type: "button",
      class: "newer",
      hidden: true,
      on: { click: () => this.toTop() },
    });
    this.element = el("div", { class: "list" }, this.grid, this.newer);
    this.grid.addEventListener("scroll", () => this.#later(), { passive: true });
    this.room.addEventListener("click", (event) => this.#click(event));
    new ResizeObserver(() => this.#resized()).observe(this.grid);
  }

  /** Show these; what is being read stays where it is when others come above it. */
  setItems(items) {
    const above = this.#isAtTop() ? 0 : this.#shift(items);
    this.items = items;
    this.grid.setAttribute("aria-rowcount", items.length + 1);
    this.room.style.height = `${items.length * this.#height}px`;
    if (above) this.grid.scrollTop += above * this.#height;
    this.#draw();
  }

  select(key) {
    this.#selected = key;
    if (key !== null) this.#cursor = key;
    this.#draw();
  }

  get cursorItem() {
    return this.items[this.#index()] ?? null;
  }

  focus() {
    this.grid.focus({ preventScroll: true });
  }

  toTop() {
    this.grid.scrollTop = 0;
    this.#draw();
  }

  #index() {
    return this.items.findIndex((item) => this.keyOf(item) === this.#cursor);
  }

  #isAtTop() {
    return this.grid.scrollTop < this.#height / 2;
  }

  /** By how many rows the first one in sight has moved. */
  #shift(items) {
    const first = Math.floor(this.grid.scrollTop / this.#height);
    const anchor = this.items[first];
    if (!anchor) return 0;
    const now = items.findIndex((item) => this.keyOf(item) === this.keyOf(anchor));
    return now < 0 ? 0 : now - first;
  }

  #resized() {
    this.#height = parseFloat(getComputedStyle(this.grid).getPropertyValue("--row"));
    this.#inSight = this.grid.clientHeight - this.head.offsetHeight;
    this.room.style.height = `${this.items.length * this.#height}px`;
    this.#draw();
  }

  #later() {
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = null;
      this.#draw();
    });
  }

  #draw() {
    const many = Math.ceil(this.#inSight / this.#height) + 1;
    const first = Math.max(0, Math.floor(this.grid.scrollTop / this.#height) - BEYOND);
    const last = Math.min(this.items.length, first + many + 2 * BEYOND);
    this.#pool(Math.min(many + 2 * BEYOND, this.items.length));
    for (let index = first; index < last; index++)
      this.#place(this.#rows[index % this.#rows.length], index);
    this.#tidy(first, last);
    this.#sayNewer();
    if (last >= this.items.length - many) this.onEnd?.();
  }

  /** As many rows as are needed; a pool of another size deals its rows out anew. */
  #pool(size) {
    if (size === this.#rows.length) return;
    for (const row of this.#rows) row.index = -1;
    while (this.#rows.length > size) this.#rows.pop().element.remove();
    while (this.#rows.length < size) this.#rows.push(this.#newRow(this.#rows.length));
  }

  #newRow(ordinal) {
    const { cells, show } = this.makeRow();
    const named = cells.map((cell, i) => {
      cell.className = `${cell.className} ${this.columns[i][0]}`;
      cell.setAttribute("role", "gridcell");
      return cell;
    });
    const element = el("div", { class: "row", role: "row", id: `${this.id}-${ordinal}` }, ...named);
    this.room.append(element);
    return { element, show, index: -1, key: null };
  }

  #place(row, index) {
    const item = this.items[index];
    const key = this.keyOf(item);
    if (row.index !== index) {
      row.index = index;
      row.element.style.transform = `translateY(${index * this.#height}px)`;
      row.element.setAttribute("aria-rowindex", index + 2);
    } else if (row.height !== this.#height) {
      row.element.style.transform = `translateY(${index * this.#height}px)`;
    }
    row.height = this.#height;
    row.key = key;
    row.show(item);
    row.element.hidden = false;
    row.element.classList.toggle("cursor", key === this.#cursor);
    row.element.setAttribute("aria-selected", key === this.#selected);
    if (key === this.#cursor) this.grid.setAttribute("aria-activedescendant", row.element.id);
  }

  #tidy(first, last) {
    for (const row of this.#rows) {
      const used = row.index >= first && row.index < last;
      if (!used) {
        row.element.hidden = true;
        row.key = null;
      }
    }
    if (!this.#rows.some((row) => row.key !== null && row.key === this.#cursor))
      this.grid.removeAttribute("aria-activedescendant");
  }

  /** Says how many have come above what is in sight. */
  #sayNewer() {
    if (this.#isAtTop()) this.#shownTop = this.items.length ? this.keyOf(this.items[0]) : null;
    const newer = this.items.findIndex((item) => this.keyOf(item) === this.#shownTop);
    this.newer.hidden = newer <= 0;
    if (newer > 0) tell(this.newer, `↑ ${newer} new`);
  }

  #click(event) {
    const element = event.target.closest(".row");
    const row = this.#rows.find((each) => each.element === element);
    if (!row) return;
    this.#cursor = row.key;
    this.focus();
    this.onOpen(this.items[row.index]);
  }

  #key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const at = this.#index();
    const page = Math.max(1, Math.floor(this.#inSight / this.#height) - 1);
    const goal = {
      ArrowDown: at + 1,
      ArrowUp: at < 0 ? 0 : at - 1,
      PageDown: at + page,
      PageUp: at - page,
      Home: 0,
      End: this.items.length - 1,
    }[event.key];
    if (goal !== undefined) this.#moveTo(goal);
    else if (event.key === "Enter" && at >= 0) this.onOpen(this.items[at]);
    else return;
    event.preventDefault();
  }

  #moveTo(goal) {
    if (!this.items.length) return;
    const index = Math.min(Math.max(goal, 0), this.items.length - 1);
    this.#cursor = this.keyOf(this.items[index]);
    const top = index * this.#height;
    const { scrollTop } = this.grid;
    if (top < scrollTop) this.grid.scrollTop = top;
    else if (top + this.#height > scrollTop + this.#inSight)
      this.grid.scrollTop = top + this.#height - this.#inSight;
    this.#draw();
    this.onMove?.(this.items[index]);
  }
}

function heading([className, title], index) {
  return el(
    "span",
    { class: className, role: "columnheader", aria: { colindex: index + 1 } },
    title,
  );
}
