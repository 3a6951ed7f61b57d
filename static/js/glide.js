// @ts-check
/**
 * The way of a marker from one fix to the next: straight, steady, and never past the newest fix.
 *
 * @typedef {object} Place
 * @property {number} x world coordinate
 * @property {number} y
 * @property {number | null} bearing degrees
 *
 * @typedef {{from: Place, to: Place, startedAt: number, lasts_ms: number}} Glide
 */

const LONGEST_MS = 10_000;
const SILENCE_MS = 60_000;
const TURN_MS = 1_500;

/**
 * How long a marker may take: the time between its last two fixes, but no longer than its tracker
 * usually takes; or not at all after a long silence.
 * @param {number | null} step_ms
 * @param {number | null} interval_ms learned; null while it is unknown
 */
export function glideTime(step_ms, interval_ms) {
  if (step_ms === null || step_ms <= 0 || step_ms > SILENCE_MS) return 0;
  return Math.min(step_ms, interval_ms ?? LONGEST_MS, LONGEST_MS);
}

/**
 * @param {Place} from
 * @param {Place} to
 * @param {number} lasts_ms
 * @param {number} far world units from which on a marker leaps
 * @returns {Glide | null}
 */
export function glideBetween(from, to, lasts_ms, far) {
  if (lasts_ms === 0 || Math.hypot(to.x - from.x, to.y - from.y) > far) return null;
  return { from, to, startedAt: performance.now(), lasts_ms };
}

/**
 * @param {Place} one
 * @param {Place} other
 */
export const isSamePlace = (one, other) => one.x === other.x && one.y === other.y && one.bearing === other.bearing;

/**
 * @param {Glide} glide
 * @param {number} now_ms
 * @returns {Place}
 */
export function placeAt({ from, to, startedAt, lasts_ms }, now_ms) {
  const part = Math.min(1, Math.max(0, (now_ms - startedAt) / lasts_ms));
  const turned = Math.min(1, Math.max(0, (now_ms - startedAt) / Math.min(lasts_ms, TURN_MS)));
  return {
    x: from.x + (to.x - from.x) * part,
    y: from.y + (to.y - from.y) * part,
    bearing: turn(from.bearing, to.bearing, turned),
  };
}

/** @param {Glide} glide @param {number} now_ms */
export const isOver = (glide, now_ms) => now_ms >= glide.startedAt + glide.lasts_ms;

/**
 * Degrees a second.
 * @param {Glide} glide
 * @param {number} now_ms
 */
export function turnRate({ from, to, startedAt, lasts_ms }, now_ms) {
  const turns_ms = Math.min(lasts_ms, TURN_MS);
  if (from.bearing === null || to.bearing === null || now_ms >= startedAt + turns_ms) return 0;
  return (Math.abs(shortWay(from.bearing, to.bearing)) * 1_000) / turns_ms;
}

/**
 * @param {number | null} from
 * @param {number | null} to
 * @param {number} part
 */
function turn(from, to, part) {
  return from === null || to === null ? to : from + shortWay(from, to) * part;
}

/**
 * @param {number} from
 * @param {number} to
 */
const shortWay = (from, to) => ((((to - from + 180) % 360) + 360) % 360) - 180;
