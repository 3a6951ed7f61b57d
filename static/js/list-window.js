// @ts-check
/**
 * The rows of the list that are near the view: of ten thousand vessels some thirty have one, and
 * rows that leave are handed to vessels that come. The list is as high as if all were there.
 *
 * It is a listbox with aria-activedescendant. A screen reader that walks through a plain list by
 * itself would come to the end of the rows there are and take it for the end of the fleet; in a
 * listbox it leaves the keys to us, and each row says which of how many it is. The focus stays
 * on the list, so it is never lost with a row, and the row that the keys are on is never
 * recycled.
 *
 * @typedef {import("./fleet.js").Vessel} Vessel
 * @typedef {import("./vessel-row.js").Reading} Reading
 */

import { VesselRow } from "./vessel-row.js";

/** Rows above and below the view, so that a fling finds them there. */
const SPARE = 8;
const ROW_GUESS_PX = 61;

export class ListWindow {
  #scroller;
  #list;
  #template;
  #read;
  /** @type {readonly Vessel[]} */
  #vessels = [];
  /** @type {Map<string, VesselRow>} */
  #rows = new Map();
  /** @type {VesselRow[]} */
  #spare = [];
  #active = "";
  #selected = "";
  #top_px = 0;
  #height_px;
  #row_px = 0;

  /**
   * @param {HTMLElement} scroller
   * @param {HTMLElement} list what the server has written
   * @param {HTMLTemplateElement} template of a row
   * @param {() => Reading} read
   */
  constructor(scroller, list, template, read) {
    this.#scroller = scroller;
    this.#list = list;
    this.#template = template;
    this.#read = read;
    this.#height_px = scroller.clientHeight;
    this.#takeOver();
    scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    new ResizeObserver(() => this.#resized()).observe(scroller);
  }

  /** The vessel whose row the keys are on; "" for none. */
  get active() {
    return this.#active;
  }

  /** The vessel of the card; "" for none. */
  get selected() {
    return this.#selected;
  }

  /** How many whole rows are in the view. */
  get page() {
    return Math.max(1, Math.floor(this.#height_px / this.#rowHeight()) - 1);
  }

  /**
   * These, in this order. When the row that the keys are on has gone, they are on the one that
   * took its place.
   * @param {readonly Vessel[]} vessels
   */
  show(vessels) {
    const at = this.#indexOf(this.#active);
    this.#vessels = vessels;
    if (at >= 0 && this.#indexOf(this.#active) < 0) this.#active = vessels[Math.min(at, vessels.length - 1)]?.id ?? "";
    this.#list.style.height = `${vessels.length * this.#rowHeight()}px`;
    this.#render(this.#read(), { all: true });
  }

  /** Ages go on. */
  tick() {
    const { now_ms } = this.#read();
    for (const row of this.#rows.values()) row.tick(now_ms);
  }

  /** @param {string} id "" for none */
  select(id) {
    this.#selected = id;
    if (id) this.#active = id;
    if (id) this.#reveal(this.#indexOf(id));
    this.#render(this.#read(), { all: false });
  }

  /**
   * The keys are on this vessel's row, which stays where it is: a pointer is on it too.
   * @param {string | null} id
   */
  hold(id) {
    if (!id) return;
    this.#active = id;
    this.#render(this.#read(), { all: false });
  }

  /** The keys come to the list: to the row where they were, else to the first in the view. */
  enter() {
    const at = this.#indexOf(this.#active || this.#selected);
    this.#goTo(at >= 0 ? at : Math.ceil(this.#top_px / this.#rowHeight()));
  }

  /** @param {number} by so many rows up or down; to the ends with Infinity */
  step(by) {
    const last = this.#vessels.length - 1;
    this.#goTo(Math.max(0, Math.min(last, this.#indexOf(this.#active) + by)));
  }

  /** @param {number} index */
  #goTo(index) {
    this.#active = this.#vessels[index]?.id ?? "";
    this.#reveal(index);
    this.#render(this.#read(), { all: false });
  }

  /** @param {string} id */
  #indexOf(id) {
    return id ? this.#vessels.findIndex((vessel) => vessel.id === id) : -1;
  }

  /** The rows of the server become ours, for whichever vessel. */
  #takeOver() {
    for (const element of this.#list.children) {
      if (element instanceof HTMLElement) this.#spare.push(new VesselRow(element));
    }
    this.#list.setAttribute("role", "listbox");
    this.#list.tabIndex = 0;
    this.#list.dataset.windowed = "true";
  }

  #scrolled() {
    this.#top_px = this.#scroller.scrollTop;
    this.#render(this.#read(), { all: false });
  }

  #resized() {
    this.#height_px = this.#scroller.clientHeight;
    this.#row_px = 0;
    this.show(this.#vessels);
  }

  /**
   * @param {Reading} reading
   * @param {{all: boolean}} how whether rows that stay may have changed too
   */
  #render(reading, { all }) {
    const wanted = this.#wanted();
    for (const [id, row] of this.#rows) if (!wanted.has(id)) this.#lay(id, row);
    let last = null;
    for (const [id, index] of wanted) {
      const known = this.#rows.get(id);
      const row = known ?? this.#take(id);
      if (all || !known) row.put(this.#vessels[index], reading);
      row.place(index, this.#vessels.length, this.#rowHeight());
      row.mark(id === this.#selected, id === this.#active, reading);
      last = this.#keepOrder(row.element, last);
    }
    for (const { element } of this.#spare) element.remove();
    this.#point(wanted.has(this.#active));
  }

  /** The vessels that have a row, by their place in the list. */
  #wanted() {
    const row_px = this.#rowHeight();
    const total = this.#vessels.length;
    const top_px = Math.max(0, Math.min(this.#top_px, total * row_px - this.#height_px));
    const first = Math.max(0, Math.floor(top_px / row_px) - SPARE);
    const end = Math.min(total, Math.ceil((top_px + this.#height_px) / row_px) + SPARE);
    const places = Array.from({ length: Math.max(0, end - first) }, (...[, at]) => first + at);
    const active = this.#active ? this.#indexOf(this.#active) : -1;
    if (active >= 0 && active < first) places.unshift(active);
    if (active >= end) places.push(active);
    return new Map(places.map((index) => [this.#vessels[index].id, index]));
  }

  /**
   * The order in the document is that of the list, for those who read it without the keys.
   * @param {HTMLElement} element
   * @param {HTMLElement | null} last the one before it
   */
  #keepOrder(element, last) {
    const next = last ? last.nextElementSibling : this.#list.firstElementChild;
    if (next !== element) this.#list.insertBefore(element, next);
    return element;
  }

  /**
   * @param {string} id
   * @param {VesselRow} row
   */
  #lay(id, row) {
    this.#rows.delete(id);
    this.#spare.push(row);
  }

  /** @param {string} id */
  #take(id) {
    const row = this.#spare.pop() ?? this.#make();
    this.#rows.set(id, row);
    return row;
  }

  #make() {
    const copy = /** @type {DocumentFragment} */ (this.#template.content.cloneNode(true));
    return new VesselRow(/** @type {HTMLElement} */ (copy.firstElementChild));
  }

  /** @param {boolean} isThere */
  #point(isThere) {
    if (isThere) this.#list.setAttribute("aria-activedescendant", `row-${this.#active}`);
    else this.#list.removeAttribute("aria-activedescendant");
  }

  /**
   * Scroll no further than is needed.
   * @param {number} index
   */
  #reveal(index) {
    if (index < 0) return;
    const row_px = this.#rowHeight();
    const least = (index + 1) * row_px - this.#height_px;
    const top_px = Math.min(Math.max(this.#top_px, least), index * row_px);
    if (top_px === this.#top_px) return;
    this.#scroller.scrollTop = top_px;
    this.#top_px = top_px;
  }

  /** As the style sheet says; all rows have one height. */
  #rowHeight() {
    if (this.#row_px === 0) this.#row_px = this.#list.firstElementChild?.getBoundingClientRect().height ?? 0;
    return this.#row_px || ROW_GUESS_PX;
  }
}
