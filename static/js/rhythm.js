// @ts-check
/**
 * How often a tracker reports, learned from its last fixes, and what its silence means: one that
 * sends every ten seconds is late after twenty, one that sends every hour is not.
 *
 * The same rule as harbor/fleet/rhythm.py: the median of the last steps.
 */

const STEPS_LEARNED = 20;
const STEPS_NEEDED = 3;
/** So many intervals without a fix make a vessel late, and silent. */
const LATE_INTERVALS = 2;
export const SILENT_INTERVALS = 5;
/** A fix takes a moment to come here: nobody is late for a second. */
const INTERVAL_LEAST_MS = 5_000;
/** While a rhythm is young every fix counts; later it is looked at now and then. */
const LEARN_EVERY = 5;

/**
 * @param {readonly number[]} moments oldest first
 * @returns {number | null} milliseconds; null when there are too few to tell
 */
export function medianStep(moments) {
  const steps = [];
  for (let i = Math.max(1, moments.length - STEPS_LEARNED); i < moments.length; i += 1) {
    if (moments[i] > moments[i - 1]) steps.push(moments[i] - moments[i - 1]);
  }
  if (steps.length < STEPS_NEEDED) return null;
  steps.sort((a, b) => a - b);
  const middle = steps.length >> 1;
  return steps.length % 2 ? steps[middle] : (steps[middle - 1] + steps[middle]) / 2;
}

export class Rhythm {
  /** @type {number[]} */
  #moments = [];
  #isNew = 0;
  /** @type {number | null} */
  #learned = null;
  /** @type {number | null} */
  #told = null;

  /** Milliseconds between two fixes; null while nobody knows. */
  get interval_ms() {
    return this.#learned ?? this.#told;
  }

  /**
   * What the server has learned, until this page has by itself.
   * @param {number | null} interval_ms
   */
  tell(interval_ms) {
    this.#told = interval_ms;
  }

  /**
   * A fix, in whatever order: what was held back aboard fills its own place.
   * @param {number} recorded_ms
   */
  note(recorded_ms) {
    const moments = this.#moments;
    let place = moments.length;
    while (place > 0 && moments[place - 1] > recorded_ms) place -= 1;
    if (moments[place - 1] === recorded_ms) return;
    if (place === moments.length) moments.push(recorded_ms);
    else moments.splice(place, 0, recorded_ms);
    if (moments.length > STEPS_LEARNED + 1) moments.shift();
    this.#isNew += 1;
    if (this.#isNew < LEARN_EVERY && moments.length > STEPS_NEEDED + 3) return;
    this.#isNew = 0;
    this.#learned = medianStep(moments);
  }
}

/**
 * When an age is late and when it is silence, for a tracker of this rhythm.
 * @param {number | null} interval_ms
 * @param {import("./fleet.js").Patience} patience where the rhythm is unknown
 * @returns {import("./fleet.js").Patience}
 */
export function patienceFor(interval_ms, patience) {
  if (interval_ms === null) return patience;
  const least_ms = Math.max(interval_ms, INTERVAL_LEAST_MS);
  return { late_ms: LATE_INTERVALS * least_ms, silent_ms: SILENT_INTERVALS * least_ms };
}
