// @ts-check
/**
 * The fleet's past as far as it has come: a track per vessel, and which stretches are there.
 *
 * @typedef {object} Particulars
 * @property {string} id
 * @property {string} name
 * @property {string | null} imo_number
 * @property {string | null} mmsi
 * @property {string | null} call_sign
 * @property {number | null} retired_at
 *
 * @typedef {{from: number, to: number, step_s: number, vessels: Particulars[], left_out: number}} Head
 * @typedef {[number, number | null, number[], number[], number[], (number | null)[], (number | null)[], (number | null)[]]} TrackLine
 * @typedef {{from: number, to: number, is_before?: boolean, tracks: TrackLine[]}} SliceLine
 */

import { Track, UNKNOWN, columnsOf } from "./replay-track.js";

export class ReplayStore {
  head;
  tracks;
  fixes = 0;
  /** @type {[number, number][]} stretches of time that are loaded, in order, apart */
  #loaded = [];

  /** @param {Head} head the first line of /fleet/history */
  constructor(head) {
    this.head = head;
    this.tracks = head.vessels.map(() => new Track());
  }

  /**
   * A slice: the next one, the one before all others, or what was before those.
   * @param {SliceLine} line
   */
  add({ from, to, is_before: isBefore = false, tracks }) {
    const since = (isBefore ? to : from) - this.head.from;
    for (const line of tracks) {
      const [number, interval_ms, after] = line;
      const track = this.tracks[number];
      const before = track.length;
      track.add(readColumns(line, since));
      if (interval_ms !== null && after.length > 3) track.interval_ms = interval_ms;
      this.fixes += track.length - before;
    }
    if (!isBefore) this.#loaded = joined([...this.#loaded, [from, to]]);
  }

  /** @returns {readonly [number, number][]} */
  get loaded() {
    return this.#loaded;
  }

  /**
   * How far the fleet can be played from a moment without a pause; the moment itself when its
   * slice is not there yet.
   * @param {number} moment_ms
   */
  playableUntil(moment_ms) {
    const stretch = this.#loaded.find(([from, to]) => from <= moment_ms && moment_ms <= to);
    return stretch ? stretch[1] : moment_ms;
  }

  /**
   * The first fix of all that are there, when a moment lies before it; else the moment.
   * @param {number} moment_ms
   */
  notBefore(moment_ms) {
    const firsts = this.tracks.filter((track) => track.length > 0).map((track) => this.head.from + track.get("at", 0));
    return firsts.length ? Math.max(moment_ms, Math.min(...firsts)) : moment_ms;
  }

  /** @param {number} moment_ms */
  holds(moment_ms) {
    return this.#loaded.some(([from, to]) => from <= moment_ms && moment_ms <= to);
  }
}

/**
 * Differences into values.
 * @param {TrackLine} line
 * @param {number} since where its times begin, from the history's beginning
 */
function readColumns([, , after, north, east, speed, course, heading], since) {
  const columns = columnsOf(after.length);
  let [at, latitude, longitude] = [since, 0, 0];
  for (let i = 0; i < after.length; i += 1) {
    columns.at[i] = at += after[i];
    columns.latitude[i] = latitude += north[i];
    columns.longitude[i] = longitude += east[i];
    columns.speed[i] = speed[i] ?? UNKNOWN;
    columns.course[i] = course[i] ?? UNKNOWN;
    columns.heading[i] = heading[i] ?? UNKNOWN;
  }
  return columns;
}

/**
 * @param {[number, number][]} stretches
 * @returns {[number, number][]}
 */
function joined(stretches) {
  stretches.sort((a, b) => a[0] - b[0]);
  /** @type {[number, number][]} */
  const apart = [];
  for (const [from, to] of stretches) {
    const last = apart[apart.length - 1];
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else apart.push([from, to]);
  }
  return apart;
}
