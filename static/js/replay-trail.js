// @ts-check
/** Where one vessel had been in the half hour before the replayed moment: made when it is asked for. */

import { Trail } from "./trail.js";

const SPAN_MS = 30 * 60_000;
/** So many fixes further it is taken up where it was; more are a leap. */
const NEAR = 30;

export class ReplayTrail {
  #track;
  #from;
  #step_ms;
  #trail = new Trail(0);
  #last = -1;
  #beginnings = 0;

  /**
   * @param {import("./replay-track.js").Track} track
   * @param {{from: number, step_s: number}} head of the history
   */
  constructor(track, { from, step_s }) {
    this.#track = track;
    this.#from = from;
    this.#step_ms = 1_000 * step_s;
  }

  /**
   * With the fix that she is on her way to, as live: there a marker glides to the newest one.
   * @param {number} at when the newest fix by the moment was recorded, in the track's time
   * @param {number} silent_ms beyond a longer silence nobody knows the way
   */
  until(at, silent_ms) {
    const track = this.#track;
    const index = track.indexAt(at);
    const isOnHerWay = index >= 0 && index + 1 < track.length && track.get("at", index + 1) - track.get("at", index) <= silent_ms;
    const end = isOnHerWay ? index + 1 : index;
    const last = this.#trail.length ? track.indexAt(this.#last) : -1;
    const isSame = track.beginnings === this.#beginnings;
    if (isSame && end === last && this.#trail.length) return this.#trail;
    if (!isSame || last < 0 || end < last || end - last > NEAR) this.#begin(end);
    else this.#go(last + 1, end);
    this.#last = end < 0 ? -1 : track.get("at", end);
    return this.#trail;
  }

  /** @param {number} end */
  #begin(end) {
    const { version } = this.#trail;
    this.#beginnings = this.#track.beginnings;
    this.#trail = new Trail(0);
    this.#trail.told_ms = this.#step_ms;
    this.#trail.version = version + 1;
    if (end >= 0) this.#go(Math.max(0, this.#track.indexAt(this.#track.get("at", end) - SPAN_MS)), end);
  }

  /**
   * @param {number} first
   * @param {number} end
   */
  #go(first, end) {
    const track = this.#track;
    for (let i = first; i <= end; i += 1) {
      this.#trail.add(this.#from + track.get("at", i), track.get("latitude", i) / 1e6, track.get("longitude", i) / 1e6);
    }
  }
}
