// @ts-check
/**
 * Where one vessel has been in the last half hour, thinned: numbers in one array, because ten
 * thousand vessels with an object for each fix are more than a browser keeps at hand.
 *
 * @typedef {import("./fleet.js").Fix} Fix
 */

import { worldX, worldY } from "./mercator.js";

const WIDTH = 5;
const [TIME, LATITUDE, LONGITUDE, X, Y] = [0, 1, 2, 3, 4];
export const SPAN_MS = 30 * 60_000;
/** What was left out on purpose is no gap. */
const THINNED = 2.5;

export class Trail {
  length = 0;
  /** Fixes stand at least so far apart, but for the newest. */
  step_ms;
  /** So far apart are those that the server has told. */
  told_ms = 0;
  /** Goes up by one with every change. */
  version = 0;
  #numbers;

  /** @param {number} step_ms */
  constructor(step_ms) {
    this.step_ms = step_ms;
    this.#numbers = new Float64Array(0);
  }

  /** @param {number} i */
  recordedAt(i) {
    return this.#numbers[i * WIDTH + TIME];
  }

  /**
   * World coordinate.
   * @param {number} i
   */
  x(i) {
    return this.#numbers[i * WIDTH + X];
  }

  /** @param {number} i */
  y(i) {
    return this.#numbers[i * WIDTH + Y];
  }

  /**
   * Whether nobody knows the way to a fix from the one before: then a line may only be dashed.
   * @param {number} i from 1
   * @param {number} silence_ms a longer one is a gap
   */
  isGap(i, silence_ms) {
    const thinned_ms = THINNED * Math.max(this.step_ms, this.told_ms);
    return this.recordedAt(i) - this.recordedAt(i - 1) > Math.max(silence_ms, thinned_ms);
  }

  /** @returns {Fix[]} oldest first */
  fixes() {
    return Array.from({ length: this.length }, (_, i) => ({
      recordedAt: this.recordedAt(i),
      latitude: this.#numbers[i * WIDTH + LATITUDE],
      longitude: this.#numbers[i * WIDTH + LONGITUDE],
    }));
  }

  /**
   * From now on; a finer step that the server has told stays.
   * @param {number} step_ms
   */
  thinTo(step_ms) {
    this.step_ms = Math.min(step_ms, this.told_ms || step_ms);
  }

  /**
   * The newest fix always stays; the one before it goes when it came too soon after its own.
   * @param {number} recorded_ms
   * @param {number} latitude
   * @param {number} longitude
   */
  add(recorded_ms, latitude, longitude) {
    const newest = this.length ? this.recordedAt(this.length - 1) : -Infinity;
    if (recorded_ms <= newest) return this.fill([[recorded_ms, latitude, longitude]]);
    const last = this.length - 1;
    if (last >= 1 && newest - this.recordedAt(last - 1) < this.step_ms) this.length -= 1;
    this.#append(recorded_ms, latitude, longitude);
    this.#forget();
    this.version += 1;
  }

  /**
   * Put fixes where they belong: those that were held back aboard, or that the server has kept.
   * @param {readonly number[][]} fixes recorded, latitude, longitude; oldest first
   * @param {number} [told_ms] how far apart the server keeps them
   */
  fill(fixes, told_ms = this.told_ms) {
    this.told_ms = told_ms;
    if (told_ms) this.step_ms = Math.min(this.step_ms, told_ms);
    const own = this.fixes().map(({ recordedAt, latitude, longitude }) => [recordedAt, latitude, longitude]);
    const all = merged(own, fixes);
    this.length = 0;
    for (const [i, [recorded_ms, latitude, longitude]] of all.entries()) {
      const isNewest = i === all.length - 1;
      const before = this.length ? this.recordedAt(this.length - 1) : -Infinity;
      if (isNewest || recorded_ms - before >= this.step_ms) this.#append(recorded_ms, latitude, longitude);
    }
    this.#forget();
    this.version += 1;
  }

  /**
   * @param {number} recorded_ms
   * @param {number} latitude
   * @param {number} longitude
   */
  #append(recorded_ms, latitude, longitude) {
    if ((this.length + 1) * WIDTH > this.#numbers.length) this.#grow();
    const at = this.length * WIDTH;
    this.#numbers[at + TIME] = recorded_ms;
    this.#numbers[at + LATITUDE] = latitude;
    this.#numbers[at + LONGITUDE] = longitude;
    this.#numbers[at + X] = worldX(longitude);
    this.#numbers[at + Y] = worldY(latitude);
    this.length += 1;
  }

  #grow() {
    const most = Math.ceil(SPAN_MS / this.step_ms) + 3;
    const room = Math.min(most, Math.max(8, this.length * 2, this.length + 1));
    const larger = new Float64Array(Math.max(room, this.length + 1) * WIDTH);
    larger.set(this.#numbers);
    this.#numbers = larger;
  }

  /** What is too old goes, a few at a time. */
  #forget() {
    const oldest = this.recordedAt(this.length - 1) - SPAN_MS;
    let gone = 0;
    while (this.recordedAt(gone) < oldest) gone += 1;
    if (gone === 0) return;
    this.#numbers.copyWithin(0, gone * WIDTH, this.length * WIDTH);
    this.length -= gone;
  }
}

/**
 * Two rows in time's order as one; of two at the same moment the first stays.
 * @param {readonly number[][]} a
 * @param {readonly number[][]} b
 */
function merged(a, b) {
  const all = [];
  for (let [i, j] = [0, 0]; i < a.length || j < b.length;) {
    const takesB = i === a.length || (j < b.length && b[j][0] < a[i][0]);
    const next = takesB ? b[j++] : a[i++];
    if (all.length === 0 || all[all.length - 1][0] !== next[0]) all.push(next);
  }
  return all;
}
