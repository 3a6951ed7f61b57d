// @ts-check
/**
 * In which order the vessels stand. Each has a whole number by which it is sorted, least first,
 * so that ten thousand are sorted in about a millisecond; among equals the name decides.
 *
 * @typedef {import("./fleet.js").Vessel} Vessel
 * @typedef {import("./geo.js").Place} Place
 * @typedef {"name" | "speed" | "seen" | "cursor" | "berth"} Order
 * @typedef {(vessel: Vessel) => number} Key from 0 to LAST
 *
 * @typedef {object} Ranked
 * @property {Vessel} vessel
 * @property {number} rank its place among all names
 * @property {number} key
 */

import { distance_nm } from "./geo.js";
import { language } from "./words.js";

const LAST = 2 ** 32 - 1;
/** Ranks are below this: a key and a rank fit into one exact number of 52 bits. */
const RANKS = 2 ** 20;
const byName = new Intl.Collator(language, { numeric: true, sensitivity: "base" });

/** @type {Key} */
export const nameKey = () => 0;

/** @type {Key} the fastest first, by the tenth of a knot that is shown */
export const speedKey = ({ speedKnots }) => (speedKnots === null ? LAST : 10_000 - Math.round(Math.min(speedKnots, 1_000) * 10));

/** @type {Key} the newest first */
export const seenKey = ({ recordedAt }) => (recordedAt === null ? LAST : LAST - 1 - Math.floor(recordedAt / 1_000));

/**
 * The nearest first, by the metre.
 * @param {Place} place
 * @returns {Key}
 */
export function distanceKey(place) {
  return (vessel) => {
    const away_nm = distanceTo(place, vessel);
    return away_nm === null ? LAST : Math.round(away_nm * 1852);
  };
}

/**
 * @param {Place} place
 * @param {Vessel} vessel
 */
export function distanceTo(place, { latitude, longitude }) {
  return latitude === null || longitude === null ? null : distance_nm(place, { latitude, longitude });
}

/**
 * Sort by name, and give each its rank.
 * @param {Ranked[]} all
 */
export function rankByName(all) {
  all.sort((a, b) => byName.compare(a.vessel.name, b.vessel.name) || (a.vessel.id < b.vessel.id ? -1 : 1));
  for (let at = 0; at < all.length; at += 1) all[at].rank = at;
}

/**
 * Some of them in order of their keys.
 * @template {Ranked} R
 * @param {readonly R[]} some
 * @param {readonly R[]} all by rank
 * @returns {R[]}
 */
export function arranged(some, all) {
  const count = some.length;
  const numbers = new Float64Array(count);
  for (let at = 0; at < count; at += 1) numbers[at] = some[at].key * RANKS + some[at].rank;
  numbers.sort();
  const sorted = new Array(count);
  for (let at = 0; at < count; at += 1) sorted[at] = all[numbers[at] % RANKS];
  return sorted;
}
