// @ts-check
/**
 * One vessel's fixes of a replay in typed arrays, 18 bytes each, oldest first. It grows at both
 * ends: history comes from the played moment on, then backwards.
 *
 * @typedef {"at" | "latitude" | "longitude" | "speed" | "course" | "heading"} Column
 * @typedef {Record<Column, Int32Array | Int16Array>} Columns
 */

/** Columns of 16 bits have no null. */
export const UNKNOWN = -1;
const LEAST = 64;

export class Track {
  /**
   * How often she reports, in milliseconds; null where there were too few fixes to tell.
   * @type {number | null}
   */
  interval_ms = null;
  /** How often it has grown at its beginning: indexes are others then. */
  beginnings = 0;
  #columns = columnsOf(0);
  #start = 0;
  #end = 0;

  get length() {
    return this.#end - this.#start;
  }

  /** Bytes that the columns take, room to grow included. */
  get bytes() {
    return Object.values(this.#columns).reduce((sum, column) => sum + column.byteLength, 0);
  }

  /**
   * @param {Column} name
   * @param {number} index from 0 to length - 1
   */
  get(name, index) {
    return this.#columns[name][this.#start + index];
  }

  /**
   * The newest fix that is not after a moment; -1 when there is none.
   * @param {number} at milliseconds since the history's beginning
   */
  indexAt(at) {
    const moments = this.#columns.at;
    let [low, high] = [this.#start, this.#end];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (moments[middle] <= at) low = middle + 1;
      else high = middle;
    }
    return low - 1 - this.#start;
  }

  /**
   * Fixes that lie all behind or all before those that are known; known ones are left out.
   * @param {Columns} fixes all columns of one length, oldest first
   */
  add(fixes) {
    if (fixes.at.length === 0) return;
    const isBehind = this.length === 0 || fixes.at[fixes.at.length - 1] > this.get("at", this.length - 1);
    if (isBehind) this.#append(this.length === 0 ? fixes : cut(fixes, (at) => at > this.get("at", this.length - 1)));
    else this.#prepend(cut(fixes, (at) => at < this.get("at", 0)));
  }

  /** @param {Columns} fixes */
  #append(fixes) {
    const count = fixes.at.length;
    if (this.#end + count > this.#columns.at.length) this.#grow(this.#start, count + room(this.length));
    for (const name of names()) this.#columns[name].set(fixes[name], this.#end);
    this.#end += count;
  }

  /** @param {Columns} fixes */
  #prepend(fixes) {
    const count = fixes.at.length;
    this.beginnings += 1;
    if (count > this.#start) this.#grow(count + room(this.length), this.#columns.at.length - this.#end);
    this.#start -= count;
    for (const name of names()) this.#columns[name].set(fixes[name], this.#start);
  }

  /**
   * @param {number} before room at the beginning
   * @param {number} behind
   */
  #grow(before, behind) {
    const columns = columnsOf(before + this.length + behind);
    for (const name of names()) {
      columns[name].set(this.#columns[name].subarray(this.#start, this.#end), before);
    }
    this.#end = before + this.length;
    this.#start = before;
    this.#columns = columns;
  }
}

/** @param {number} count */
const room = (count) => Math.max(LEAST, Math.ceil(count / 2));

/** @returns {Column[]} */
const names = () => ["at", "latitude", "longitude", "speed", "course", "heading"];

/**
 * @param {number} count
 * @returns {Columns}
 */
export function columnsOf(count) {
  return {
    at: new Int32Array(count),
    latitude: new Int32Array(count),
    longitude: new Int32Array(count),
    speed: new Int16Array(count),
    course: new Int16Array(count),
    heading: new Int16Array(count),
  };
}

/**
 * @param {Columns} fixes
 * @param {(at: number) => boolean} isNew true for a stretch of them
 * @returns {Columns}
 */
function cut(fixes, isNew) {
  const from = fixes.at.findIndex(isNew);
  if (from < 0) return columnsOf(0);
  let to = fixes.at.length;
  while (!isNew(fixes.at[to - 1])) to -= 1;
  const part = columnsOf(0);
  for (const name of names()) part[name] = fixes[name].subarray(from, to);
  return part;
}
