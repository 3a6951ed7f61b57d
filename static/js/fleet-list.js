// @ts-check
/**
 * The list beside the map: search, filter, sort. It says everything that the map shows.
 *
 * @typedef {import("./fleet.js").Vessel} Vessel
 * @typedef {"name" | "speed" | "seen"} Order
 */

import { KINDS, kindOf } from "./kind.js";
import { VesselRow } from "./vessel-row.js";

/** While the order depends on moving numbers, rows change places this often at most. */
const SETTLE_MS = 4_000;

/** @type {Record<Order, (a: Vessel, b: Vessel) => number>} */
const ORDERS = {
  name: (a, b) => byName.compare(a.name, b.name),
  speed: (a, b) => (b.speedKnots ?? -1) - (a.speedKnots ?? -1) || byName.compare(a.name, b.name),
  seen: (a, b) => (b.recordedAt ?? 0) - (a.recordedAt ?? 0) || byName.compare(a.name, b.name),
};
const byName = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

export class FleetList {
  /** @type {Map<string, VesselRow>} */
  #rows = new Map();
  /** @type {VesselRow[]} */
  #shown = [];
  #list = byId("fleet-list");
  #search = /** @type {HTMLInputElement} */ (byId("search"));
  #order = /** @type {HTMLSelectElement} */ (byId("order"));
  #chips = [...document.querySelectorAll("[data-filter]")].map((chip) => /** @type {HTMLButtonElement} */ (chip));
  #template = /** @type {HTMLTemplateElement} */ (byId("vessel-row"));
  #filter = "all";
  #selected = "";
  #sortedAt = 0;
  #now;
  #observer;

  /**
   * @param {(id: string) => void} onPick
   * @param {(id: string | null) => void} onHover
   * @param {() => number} now the server's time
   */
  constructor(onPick, onHover, now) {
    this.#now = now;
    this.#observer = new IntersectionObserver((entries) => this.#watch(entries), { root: null, rootMargin: "100px" });
    this.#list.addEventListener("click", (event) => {
      const id = idAt(event);
      if (id) onPick(id);
    });
    this.#list.addEventListener("pointerover", (event) => onHover(event.pointerType === "mouse" ? idAt(event) : null));
    this.#list.addEventListener("pointerleave", () => onHover(null));
    this.#list.addEventListener("keydown", (event) => this.#walk(event));
    this.#search.addEventListener("input", () => this.show({ sort: true }));
    this.#search.addEventListener("keydown", (event) => this.#leaveSearch(event));
    this.#order.addEventListener("change", () => this.show({ sort: true }));
    for (const chip of this.#chips) chip.addEventListener("click", () => this.#choose(chip.dataset.filter ?? "all"));
    byId("clear-filter").addEventListener("click", () => this.#clear());
  }

  /** The rows that the server has written. */
  get written() {
    return [...this.#list.querySelectorAll("[data-vessel-id]")].map((row) => /** @type {HTMLElement} */ (row));
  }

  /** @param {Vessel} vessel */
  put(vessel) {
    const row = this.#rows.get(vessel.id) ?? this.#adopt(vessel);
    row.put(vessel, this.#now());
  }

  /** @param {string} id */
  remove(id) {
    this.#rows.get(id)?.element.remove();
    this.#rows.delete(id);
  }

  /** @param {string | null} id */
  select(id) {
    this.#rows.get(this.#selected)?.button.removeAttribute("aria-current");
    this.#selected = id ?? "";
    const row = this.#rows.get(this.#selected);
    row?.button.setAttribute("aria-current", "true");
    row?.element.scrollIntoView({ block: "nearest" });
  }

  /**
   * The vessel before or after the selected one, in the order of the list.
   * @param {1 | -1} direction
   */
  neighbour(direction) {
    const at = this.#shown.findIndex((row) => row.vessel.id === this.#selected);
    const next = at < 0 && direction < 0 ? this.#shown.length - 1 : at + direction;
    return this.#shown[next]?.vessel.id ?? null;
  }

  focusSearch() {
    this.#search.focus();
    this.#search.select();
  }

  /** Ages go on. */
  tick() {
    const now_ms = this.#now();
    for (const row of this.#shown) if (row.isSeen) row.tick(now_ms);
  }

  /**
   * Bring filter, counts and order up to date.
   * @param {{sort: boolean}} how
   */
  show({ sort }) {
    const words = this.#search.value.trim().toLocaleLowerCase().split(/\s+/).filter(Boolean);
    const matching = [...this.#rows.values()].filter((row) => matches(row.vessel, words));
    this.#count(matching);
    const kept = matching.filter((row) => this.#filter === "all" || kindOf(row.vessel) === this.#filter);
    const keep = new Set(kept);
    for (const row of this.#rows.values()) row.element.hidden = !keep.has(row);
    const isDue = performance.now() - this.#sortedAt > SETTLE_MS && !this.#list.matches(":hover");
    if (sort || isDue || this.#shown.length !== kept.length) this.#sort(kept);
    this.#tellEmpty(kept.length);
  }

  /** @param {VesselRow[]} rows */
  #sort(rows) {
    const order = ORDERS[/** @type {Order} */ (this.#order.value)] ?? ORDERS.name;
    this.#shown = rows.toSorted((a, b) => order(a.vessel, b.vessel));
    this.#sortedAt = performance.now();
    const focused = document.activeElement;
    let next = this.#list.firstElementChild;
    for (const { element } of this.#shown) {
      if (element === next) next = next.nextElementSibling;
      else this.#list.insertBefore(element, next);
      while (next instanceof HTMLElement && next.hidden) next = next.nextElementSibling;
    }
    if (focused instanceof HTMLElement && focused !== document.activeElement) focused.focus({ preventScroll: true });
  }

  /** @param {VesselRow[]} rows */
  #count(rows) {
    /** @type {Record<string, number>} */
    const counts = { all: rows.length };
    for (const kind of KINDS) counts[kind] = 0;
    for (const { vessel } of rows) counts[kindOf(vessel)] += 1;
    for (const chip of this.#chips) {
      const count = chip.querySelector("[data-count]");
      if (count) count.textContent = String(counts[chip.dataset.filter ?? "all"]);
      chip.disabled = false;
    }
    const total = this.#rows.size;
    byId("fleet-count").textContent = total === 1 ? "1 vessel" : `${total} vessels`;
  }

  /** @param {number} kept */
  #tellEmpty(kept) {
    byId("empty-fleet").hidden = this.#rows.size > 0;
    byId("empty-search").hidden = this.#rows.size === 0 || kept > 0;
    byId("empty-query").textContent = this.#search.value.trim() ? ` for “${this.#search.value.trim()}”` : "";
  }

  /** @param {string} filter */
  #choose(filter) {
    this.#filter = filter === this.#filter ? "all" : filter;
    for (const chip of this.#chips) chip.setAttribute("aria-pressed", String(chip.dataset.filter === this.#filter));
    this.show({ sort: true });
  }

  #clear() {
    this.#search.value = "";
    this.#filter = "";
    this.#choose("all");
    this.#search.focus();
  }

  /** @param {Vessel} vessel */
  #adopt(vessel) {
    const written = this.#list.querySelector(`[data-vessel-id="${CSS.escape(vessel.id)}"]`);
    const fresh = /** @type {DocumentFragment} */ (this.#template.content.cloneNode(true));
    const element = /** @type {HTMLElement} */ (written ?? fresh.firstElementChild);
    if (!written) this.#list.append(element);
    const row = new VesselRow(element, vessel);
    this.#rows.set(vessel.id, row);
    this.#observer.observe(element);
    return row;
  }

  /** @param {IntersectionObserverEntry[]} entries */
  #watch(entries) {
    for (const { target, isIntersecting } of entries) {
      const row = this.#rows.get(/** @type {HTMLElement} */ (target).dataset.vesselId ?? "");
      if (!row) continue;
      row.isSeen = isIntersecting;
      if (isIntersecting) row.tick(this.#now());
    }
  }

  /** @param {KeyboardEvent} event */
  #walk(event) {
    const steps = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity };
    const step = steps[/** @type {keyof typeof steps} */ (event.key)];
    if (step === undefined) return;
    event.preventDefault();
    const at = this.#shown.findIndex((row) => row.button === document.activeElement);
    const next = Math.max(0, Math.min(this.#shown.length - 1, at + step));
    if (at === 0 && step === -1) this.focusSearch();
    else this.#shown[next]?.button.focus();
  }

  /** @param {KeyboardEvent} event */
  #leaveSearch(event) {
    if (event.key === "ArrowDown" || event.key === "Enter") {
      event.preventDefault();
      if (event.key === "Enter") this.#shown[0]?.button.click();
      else this.#shown[0]?.button.focus();
    }
    if (event.key !== "Escape") return;
    event.stopPropagation();
    if (this.#search.value === "") this.#search.blur();
    this.#search.value = "";
    this.show({ sort: true });
  }
}

/**
 * @param {Vessel} vessel
 * @param {string[]} words in lower case
 */
function matches({ name, imoNumber, mmsi, callSign }, words) {
  const text = [name, imoNumber, mmsi, callSign].join(" ").toLocaleLowerCase();
  return words.every((word) => text.includes(word));
}

/** @param {Event} event */
function idAt(event) {
  const row = event.target instanceof Element ? event.target.closest("[data-vessel-id]") : null;
  return row instanceof HTMLElement ? (row.dataset.vesselId ?? null) : null;
}

/** @param {string} id */
function byId(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}
