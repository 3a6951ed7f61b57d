// @ts-check
/**
 * What the reader asks of the list: the search, the chips, "in view only" and the order, all of
 * which stand in the address.
 *
 * @typedef {import("./kind.js").Kind} Kind
 * @typedef {import("./list-order.js").Order} Order
 * @typedef {import("./list-berths.js").Berth} Berth
 */

import { byId } from "./element.js";
import { KINDS } from "./kind.js";
import { wordsOf } from "./list-search.js";
import { readState, writeState } from "./view-link.js";
import { _ } from "./words.js";

const ORDERS = new Set(["name", "speed", "seen", "cursor"]);
const BERTH = "berth:";

export class ListFilters {
  /** @type {readonly string[]} folded */
  words = [];
  /** @type {Kind | "all"} */
  kind = "all";
  isInView = false;
  #search = /** @type {HTMLInputElement} */ (byId("search"));
  #order = /** @type {HTMLSelectElement} */ (byId("order"));
  #chips = [...document.querySelectorAll("[data-show]")].map((chip) => /** @type {HTMLButtonElement} */ (chip));
  #inView = /** @type {HTMLButtonElement} */ (byId("in-view"));
  /** @type {readonly Berth[]} */
  #berths = [];
  #onChange;

  /** @param {() => void} onChange the reader asks for something else */
  constructor(onChange) {
    this.#onChange = onChange;
    this.#search.addEventListener("input", () => this.#changed());
    this.#order.addEventListener("change", () => this.#changed());
    this.#inView.addEventListener("click", () => this.toggleInView());
    for (const chip of this.#chips) chip.addEventListener("click", () => this.#choose(chip.dataset.show));
    for (const control of [...this.#chips, this.#order, this.#inView]) control.disabled = false;
    addEventListener("hashchange", () => this.#obeyAddress());
    this.#readAddress();
  }

  /** As it was typed. */
  get query() {
    return this.#search.value.trim();
  }

  /** @returns {Order} */
  get order() {
    if (this.berth) return "berth";
    return ORDERS.has(this.#order.value) ? /** @type {Order} */ (this.#order.value) : "name";
  }

  /** From which distances are asked for, if from any. */
  get berth() {
    return this.#berths.find(({ id }) => this.#order.value === BERTH + id) ?? null;
  }

  /** @param {readonly Berth[]} berths */
  offerBerths(berths) {
    this.#berths = berths;
    for (const { id, name } of berths) {
      this.#order.append(new Option(_("Distance to {name}", { name }), BERTH + id));
    }
    if (readState().has("berth")) this.#obeyAddress();
  }

  /** @param {boolean} isCursor whether a pointer says where distances are taken from */
  nameOrigin(isCursor) {
    const option = this.#order.querySelector('[value="cursor"]');
    const words = isCursor ? _("Distance to cursor") : _("Distance to map centre");
    if (option && option.textContent !== words) option.textContent = words;
  }

  /** @param {import("./list-roll.js").Counts} counts */
  count(counts) {
    for (const chip of this.#chips) {
      const count = chip.querySelector("[data-count]");
      const text = String(counts[/** @type {Kind | "all"} */ (chip.dataset.show)]);
      if (count && count.textContent !== text) count.textContent = text;
    }
  }

  toggleInView() {
    this.isInView = !this.isInView;
    this.#changed();
  }

  focusSearch() {
    this.#search.focus();
    this.#search.select();
  }

  clearSearch() {
    this.#search.value = "";
    this.#changed();
  }

  clear() {
    this.kind = "all";
    this.isInView = false;
    this.clearSearch();
  }

  /** @param {string | undefined} show a second press on a chip shows all again */
  #choose(show) {
    this.kind = show === this.kind ? "all" : kindNamed(show);
    this.#changed();
  }

  #changed() {
    this.words = wordsOf(this.query);
    this.#press();
    this.#writeAddress();
    this.#onChange();
  }

  #press() {
    for (const chip of this.#chips) chip.setAttribute("aria-pressed", String(chip.dataset.show === this.kind));
    this.#inView.setAttribute("aria-pressed", String(this.isInView));
  }

  #writeAddress() {
    const { order, berth } = this;
    writeState({
      q: this.query || null,
      show: this.kind === "all" ? null : this.kind,
      sort: order === "name" ? null : order,
      berth: berth?.id ?? null,
      inview: this.isInView ? "1" : null,
    });
  }

  #readAddress() {
    const state = readState();
    if (wordsOf(state.get("q") ?? "").join() !== wordsOf(this.query).join()) this.#search.value = state.get("q") ?? "";
    const asked = state.get("sort") === "berth" ? BERTH + state.get("berth") : state.get("sort");
    const isOffered = [...this.#order.options].some(({ value }) => value === asked);
    this.#order.value = asked && isOffered ? asked : "name";
    this.words = wordsOf(this.query);
    this.kind = kindNamed(state.get("show"));
    this.isInView = state.get("inview") === "1";
    this.#press();
  }

  #obeyAddress() {
    this.#readAddress();
    this.#onChange();
  }
}

/**
 * @param {string | undefined} word
 * @returns {Kind | "all"}
 */
function kindNamed(word) {
  return KINDS.find((kind) => kind === word) ?? "all";
}
