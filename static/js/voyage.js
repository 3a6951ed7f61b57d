// @ts-check
/**
 * A vessel's voyage in a period, as the server has worked it out: points to draw, figures, stops,
 * gaps, and what was put aside.
 *
 * @typedef {object} Period
 * @property {string} from RFC 3339
 * @property {string} to
 * @property {string | null} last "6h", "24h" …: it ends now, and goes with time
 *
 * @typedef {object} Point
 * @property {number} at milliseconds since the epoch
 * @property {number} latitude
 * @property {number} longitude
 * @property {number | null} speed knots, as reported, else computed from the fix before
 * @property {number | null} course degrees
 * @property {boolean} isGap nobody knows the way from the point before
 * @property {boolean} isComputed the speed was not reported
 *
 * @typedef {object} Stop
 * @property {number} begin_s
 * @property {number} end_s
 * @property {number} latitude
 * @property {number} longitude
 * @property {number} unreported_s
 * @property {string | null} berth
 *
 * @typedef {{begin_s: number, end_s: number, metres: number}} Gap
 *
 * @typedef {object} Doubt
 * @property {string} reason
 * @property {string} detail
 * @property {string | null} recorded_at
 * @property {string} received_at
 * @property {number | null} latitude
 * @property {number | null} longitude
 * @property {string} tracker
 *
 * @typedef {object} Figures
 * @property {number} fixes
 * @property {number} metres
 * @property {number} estimated_metres
 * @property {number} under_way_s
 * @property {number} stopped_s
 * @property {number} unreported_s
 * @property {number} stop_count
 * @property {number} gap_count
 * @property {number | null} speed_max_knots
 * @property {number | null} speed_max_at_s
 * @property {boolean} is_speed_computed
 * @property {number | null} speed_mean_knots
 *
 * @typedef {object} Voyage
 * @property {string} from
 * @property {string} to
 * @property {Figures} figures
 * @property {number} tolerance_metres 0: the points are all there is
 * @property {Point[]} points oldest first
 * @property {Stop[]} stops
 * @property {Gap[]} gaps
 * @property {Doubt[]} doubts newest first
 */

import { distance_nm } from "./geo.js";

const HOUR_MS = 3_600_000;
/** So often a reader with many tabs waits for a turn. */
const TURNS_MAX = 5;

/**
 * Rejects with an Error whose message is the server's, or with an AbortError.
 * @param {string} url
 * @param {Period} period
 * @param {AbortSignal} signal
 * @returns {Promise<Voyage>}
 */
export async function readVoyage(url, { from, to, last }, signal) {
  const asked = new URLSearchParams(last ? { last } : { from, to });
  const answer = await inTurn(() => fetch(`${url}?${asked}`, { headers: { Accept: "application/json" }, signal }));
  const document = await answer.json();
  if (!answer.ok) throw new Error(document.detail ?? String(answer.status));
  return { ...document, points: pointsOf(document.points) };
}

/**
 * Ask again while the server works through others of this reader's.
 * @param {() => Promise<Response>} ask rejects when nobody waits any more
 */
async function inTurn(ask) {
  for (let turn = 1; ; turn += 1) {
    const answer = await ask();
    if (answer.status !== 429 || turn === TURNS_MAX) return answer;
    const wait_s = Number(answer.headers.get("Retry-After")) || 1;
    await new Promise((resolve) => setTimeout(resolve, wait_s * 1_000));
  }
}

/**
 * The point nearest in time.
 * @param {Point[]} points
 * @param {number} at_ms
 */
export function nearestInTime(points, at_ms) {
  let low = 0;
  let high = points.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (points[middle].at < at_ms) low = middle + 1;
    else high = middle;
  }
  const isBeforeNearer = low > 0 && at_ms - points[low - 1].at < points[low].at - at_ms;
  return isBeforeNearer ? low - 1 : low;
}

/** @param {[number, number, number, number | null, number | null, number][]} rows */
function pointsOf(rows) {
  /** @type {Point[]} */
  const points = [];
  for (const [at, latitude, longitude, speed, course, gap] of rows) {
    const before = points.at(-1);
    const isComputed = speed === null;
    const point = { at, latitude, longitude, speed, course, isGap: gap === 1, isComputed };
    if (isComputed && before && !point.isGap && at > before.at) {
      point.speed = distance_nm(before, point) / ((at - before.at) / HOUR_MS);
    }
    points.push(point);
  }
  return points;
}
