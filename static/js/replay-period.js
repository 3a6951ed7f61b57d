// @ts-check
/**
 * Which stretch of the past is replayed, and in which steps.
 *
 * @typedef {{from: number, to: number, choice: string}} Period choice: as in the page's picker
 */

/** No position is older. */
export const EARLIEST = Date.UTC(2020, 0, 1);
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** The hours that can be picked, and how far an arrow key goes in each, in seconds. */
const CHOICES = [6, 24, 72, 168];
const STEPS_S = [10, 60, 300, 600];
const TICKS_MS = [1, 3, 6, 12, 24].map((hours) => hours * HOUR_MS);

/**
 * The last hours.
 * @param {number} hours
 * @param {number} now_ms
 * @returns {Period}
 */
export const lastHours = (hours, now_ms) => ({ from: now_ms - hours * HOUR_MS, to: now_ms, choice: String(hours) });

/**
 * A day of the reader's calendar, as a date field gives it; not further than now, nor before 2020.
 * @param {string} date
 * @param {number} now_ms
 * @returns {Period | null} null for a day that has not begun, is too old, or is none
 */
export function wholeDay(date, now_ms) {
  const [year, month, day] = date.split("-").map(Number);
  const from = Math.max(new Date(year, month - 1, day).getTime(), EARLIEST);
  const to = Math.min(new Date(year, month - 1, day + 1).getTime(), now_ms);
  return from < to ? { from, to, choice: "day" } : null;
}

/**
 * The shortest period of the picker that holds a moment; for an older one half a day on either side.
 * @param {number} moment_ms
 * @param {number} now_ms
 * @returns {Period}
 */
export function periodWith(moment_ms, now_ms) {
  const hours = CHOICES.slice(1).find((one) => now_ms - moment_ms < one * HOUR_MS);
  if (hours) return lastHours(hours, now_ms);
  const middle = Math.max(moment_ms, EARLIEST);
  const from = Math.max(middle - DAY_MS / 2, EARLIEST);
  return { from, to: Math.min(now_ms, middle + DAY_MS / 2), choice: "around" };
}

/**
 * How far an arrow key or a step button goes.
 * @param {{from: number, to: number}} period
 */
export function stepOf({ from, to }) {
  const at = CHOICES.findIndex((hours) => to - from <= hours * HOUR_MS);
  return 1_000 * (STEPS_S[at] ?? STEPS_S[STEPS_S.length - 1]);
}

/**
 * Full hours of the reader's clock to write under the scrubber, eight at most or so.
 * @param {{from: number, to: number}} period
 * @param {number} most
 */
export function ticksOf({ from, to }, most) {
  const wide = TICKS_MS.find((one) => (to - from) / one <= most) ?? TICKS_MS[TICKS_MS.length - 1];
  const midnight = new Date(from).setHours(0, 0, 0, 0);
  const ticks = [];
  for (let at = midnight; at < to; at += wide) if (at > from) ticks.push(at);
  return ticks;
}
