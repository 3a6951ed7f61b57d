// @ts-check
/**
 * The list beside the map: it says everything that the map shows. All vessels are on its roll;
 * those that were asked for are listed, and those near the view have a row.
 *
 * @typedef {import("./fleet.js").Vessel} Vessel
 * @typedef {import("./geo.js").Place} Place
 *
 * @typedef {object} ListListener
 * @property {(id: string, how: {byKey: boolean}) => void} onPick a vessel was chosen
 * @property {(id: string | null) => void} onHover
 */

import { byId } from "./element.js";
import { readBerths } from "./list-berths.js";
import { ListFilters } from "./list-filters.js";
import { offerListKeys, offerSearchKeys } from "./list-keys.js";
import { distanceKey, nameKey, seenKey, speedKey } from "./list-order.js";
import { ListOrigin } from "./list-origin.js";
import { Roll } from "./list-roll.js";
import { ListTold } from "./list-told.js";
import { ListWindow } from "./list-window.js";
import { sentence } from "./list-words.js";

/** While the order depends on moving numbers, rows change places this often at most. */
const SETTLE_MS = 4_000;
/** So soon after somebody touched the list its rows stay where they are. */
const REST_MS = 4_000;
const CURSOR_PAUSE_MS = 500;

export class FleetList {
  #element = byId("fleet-list");
  /** The rows that the server has written, as they were before vessels took them over. */
  written = [...this.#element.querySelectorAll("[data-vessel-id]")]
    .map((row) => /** @type {HTMLElement} */ (row.cloneNode()));
  #roll = new Roll();
  #told = new ListTold();
  #filters = new ListFilters(() => this.show({ sort: true, aloud: true }));
  /** @type {readonly Vessel[]} */
  #listed = [];
  #isWhole = false;
  #sortedAt = 0;
  #touchedAt = -Infinity;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #cursorTimer;
  #chart;
  #now;
  #origin;
  #rows;

  /**
   * @param {ListListener} listener
   * @param {import("./list-origin.js").Chart} chart asked only once the list is shown
   * @param {() => number} now the server's time
   */
  constructor(listener, chart, now) {
    this.#chart = chart;
    this.#now = now;
    this.#origin = new ListOrigin(byId("map"), chart, () => this.#cursorMoved());
    const template = /** @type {HTMLTemplateElement} */ (byId("vessel-row"));
    this.#rows = new ListWindow(byId("fleet-scroll"), this.#element, template, () => this.#reading);
    this.#listen(listener);
    void readBerths().then((berths) => this.#filters.offerBerths(berths));
  }

  /** Who is listed, in the order of the list. */
  get listed() {
    return this.#listed;
  }

  /** How many vessels there are, even before they have come here. */
  get total() {
    const told = Number(this.#element.dataset.total) || 0;
    return this.#isWhole ? this.#roll.size : Math.max(this.#roll.size, told);
  }

  /** Where the vessels are to be had that never reported; "" when all of them are here. */
  get unheardAt() {
    return this.#element.dataset.unheardUrl ?? "";
  }

  /** @param {Vessel} vessel */
  put(vessel) {
    this.#roll.put(vessel);
  }

  /**
   * They have changed, or gone; the list shows it when it is shown next.
   * @param {Iterable<string>} ids
   * @param {(id: string) => Vessel | undefined} find
   */
  update(ids, find) {
    for (const id of ids) {
      const vessel = find(id);
      if (vessel) this.#roll.put(vessel);
      else this.#roll.remove(id);
    }
  }

  /** From now on this page knows every vessel. */
  complete() {
    this.#isWhole = true;
  }

  /** @param {string | null} id */
  select(id) {
    this.#rows.select(id ?? "");
  }

  /**
   * The vessel before or after the selected one, in the order of the list.
   * @param {1 | -1} direction
   */
  neighbour(direction) {
    const at = this.#listed.findIndex(({ id }) => id === this.#rows.selected);
    const next = at < 0 && direction < 0 ? this.#listed.length - 1 : at + direction;
    return this.#listed[next]?.id ?? null;
  }

  focusSearch() {
    this.#filters.focusSearch();
  }

  focus() {
    this.#element.focus({ preventScroll: true });
  }

  /** For those who stepped on from elsewhere; in the list the row is read out by itself. */
  sayActive() {
    const vessel = this.#roll.get(this.#rows.active)?.vessel;
    if (vessel && document.activeElement !== this.#element) this.#told.say(sentence(vessel, this.#reading));
  }

  toggleInView() {
    this.#filters.toggleInView();
  }

  /** The map shows another part of the world. */
  viewed() {
    if (this.#filters.isInView || this.#filters.order === "cursor") this.show({ sort: true });
  }

  /** Ages go on. */
  tick() {
    this.#rows.tick();
  }

  /**
   * Bring what is listed up to date.
   * @param {{sort: boolean, aloud?: boolean}} how aloud after the reader asked for it
   */
  show({ sort, aloud = false }) {
    const mustSort = sort || this.#isSortDue();
    if (mustSort) this.#sortedAt = performance.now();
    this.#filters.nameOrigin(this.#origin.isCursor);
    const { words, kind, isInView, query } = this.#filters;
    const wish = { words, kind, box: isInView ? this.#chart.box() : null, key: this.#key };
    const { counts, kept } = this.#roll.muster(wish, { sort: mustSort });
    this.#listed = kept.map(({ vessel }) => vessel);
    this.#rows.show(this.#listed);
    if (this.#roll.size === this.total) this.#filters.count(counts);
    const tale = { kept: kept.length, known: this.#roll.size, total: this.total, asked: { query, kind, isInView } };
    this.#told.tell(tale, { aloud });
  }

  get #reading() {
    return { now_ms: this.#now(), words: this.#filters.words, from: this.#from };
  }

  /** @returns {Place | null} from where distances are shown */
  get #from() {
    if (this.#filters.order === "cursor") return this.#origin.place;
    return this.#filters.berth;
  }

  get #key() {
    const from = this.#from;
    if (from) return distanceKey(from);
    return { speed: speedKey, seen: seenKey }[String(this.#filters.order)] ?? nameKey;
  }

  #isSortDue() {
    const now_ms = performance.now();
    return now_ms - this.#sortedAt > SETTLE_MS && now_ms - this.#touchedAt > REST_MS;
  }

  #cursorMoved() {
    if (this.#filters.order !== "cursor") return;
    this.#cursorTimer ??= setTimeout(() => {
      this.#cursorTimer = undefined;
      this.show({ sort: true });
    }, CURSOR_PAUSE_MS);
  }

  /** @param {ListListener} listener */
  #listen({ onPick, onHover }) {
    const list = this.#element;
    const touch = () => { this.#touchedAt = performance.now(); };
    for (const kind of ["pointermove", "wheel", "keydown"]) list.addEventListener(kind, touch, { passive: true });
    list.addEventListener("pointerdown", (event) => this.#rows.hold(idAt(event)));
    list.addEventListener("click", (event) => {
      const id = idAt(event);
      if (id) onPick(id, { byKey: false });
    });
    list.addEventListener("pointerover", (event) => onHover(event.pointerType === "mouse" ? idAt(event) : null));
    list.addEventListener("pointerleave", () => onHover(null));
    list.addEventListener("focus", () => this.#rows.enter());
    this.#listenToKeys(onPick);
    byId("clear-filter").addEventListener("click", () => this.#askAgain(() => this.#filters.clear()));
    byId("leave-view").addEventListener("click", () => this.#askAgain(() => this.toggleInView()));
    document.querySelector(".skip")?.addEventListener("click", (event) => {
      event.preventDefault(); // the address is the state of the page
      this.focus();
    });
  }

  /** @param {ListListener["onPick"]} onPick */
  #listenToKeys(onPick) {
    offerListKeys(this.#element, this.#rows, () => onPick(this.#rows.active, { byKey: true }));
    offerSearchKeys(/** @type {HTMLInputElement} */ (byId("search")), {
      onDown: () => this.focus(),
      onEnter: () => this.#listed[0] && onPick(this.#listed[0].id, { byKey: true }),
      onClear: () => this.#filters.clearSearch(),
    });
  }

  /**
   * The button that was pressed goes away: the focus goes where the next question is typed.
   * @param {() => void} ask
   */
  #askAgain(ask) {
    ask();
    this.focusSearch();
  }
}

/** @param {Event} event */
function idAt(event) {
  const row = event.target instanceof Element ? event.target.closest("[data-vessel-id]") : null;
  return row instanceof HTMLElement ? (row.dataset.vesselId ?? null) : null;
}
