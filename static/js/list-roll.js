// @ts-check
/**
 * The roll of the fleet: who is on it, who of them was asked for, and in which order.
 *
 * @typedef {import("./fleet.js").Vessel} Vessel
 * @typedef {import("./kind.js").Kind} Kind
 * @typedef {import("./list-order.js").Key} Key
 *
 * @typedef {object} Entry
 * @property {Vessel} vessel
 * @property {Kind} kind
 * @property {number} rank
 * @property {number} key as of when it was sorted last
 * @property {string | null} text for searching, made when it is first needed
 *
 * @typedef {object} Wish
 * @property {readonly string[]} words
 * @property {Kind | "all"} kind
 * @property {import("./geo.js").Box | null} box null for the whole world
 * @property {Key} key
 *
 * @typedef {Record<Kind | "all", number>} Counts of each kind, whichever kind was asked for
 */

import { isWithin } from "./geo.js";
import { KINDS, kindOf } from "./kind.js";
import { arranged, rankByName } from "./list-order.js";
import { searchText } from "./list-search.js";

/** A key that nobody has: it is still to be asked for. */
const UNSORTED = -1;

export class Roll {
  /** @type {Map<string, Entry>} */
  #entries = new Map();
  /** @type {Entry[]} */
  #byName = [];
  /** Whether the names above are all, and in order. */
  #isRanked = true;

  get size() {
    return this.#entries.size;
  }

  /** @param {string} id */
  get(id) {
    return this.#entries.get(id);
  }

  /** @param {Vessel} vessel */
  put(vessel) {
    const entry = this.#entries.get(vessel.id);
    if (!entry) return this.#add(vessel);
    const before = entry.vessel;
    entry.vessel = vessel;
    entry.kind = kindOf(vessel);
    if (before.name !== vessel.name) this.#isRanked = false;
    if (!isSameToSearch(before, vessel)) entry.text = null;
  }

  /** @param {string} id */
  remove(id) {
    if (this.#entries.delete(id)) this.#isRanked = false;
  }

  /**
   * Who was asked for. Unless sorted anew, each keeps the place that it had, so that nobody
   * jumps away under a finger.
   * @param {Wish} wish
   * @param {{sort: boolean}} how
   */
  muster(wish, { sort }) {
    this.#rank();
    /** @type {Entry[]} */
    const kept = [];
    const counts = countsOfNobody();
    for (const entry of this.#byName) {
      if (sort) entry.key = UNSORTED;
      if (!isAskedFor(entry, wish)) continue;
      counts.all += 1;
      counts[entry.kind] += 1;
      if (wish.kind !== "all" && wish.kind !== entry.kind) continue;
      if (entry.key === UNSORTED) entry.key = wish.key(entry.vessel);
      kept.push(entry);
    }
    return { counts, kept: arranged(kept, this.#byName) };
  }

  /** @param {Vessel} vessel */
  #add(vessel) {
    const entry = { vessel, kind: kindOf(vessel), rank: 0, key: UNSORTED, text: null };
    this.#entries.set(vessel.id, entry);
    this.#byName.push(entry);
    this.#isRanked = false;
  }

  #rank() {
    if (this.#isRanked) return;
    this.#byName = this.#byName.filter((entry) => this.#entries.get(entry.vessel.id) === entry);
    rankByName(this.#byName);
    this.#isRanked = true;
  }
}

/**
 * @param {Entry} entry
 * @param {Wish} wish
 */
function isAskedFor(entry, { words, box }) {
  if (words.length > 0) {
    entry.text ??= searchText(entry.vessel);
    for (const word of words) if (!entry.text.includes(word)) return false;
  }
  if (!box) return true;
  const { latitude, longitude } = entry.vessel;
  return latitude !== null && longitude !== null && isWithin(box, { latitude, longitude });
}

/**
 * @param {Vessel} a
 * @param {Vessel} b
 */
function isSameToSearch(a, b) {
  return a.name === b.name && a.imoNumber === b.imoNumber && a.mmsi === b.mmsi && a.callSign === b.callSign;
}

/** @returns {Counts} */
function countsOfNobody() {
  const counts = /** @type {Counts} */ ({ all: 0 });
  for (const kind of KINDS) counts[kind] = 0;
  return counts;
}
