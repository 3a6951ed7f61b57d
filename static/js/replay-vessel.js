// @ts-check
/**
 * One vessel at a replayed moment: what she had reported by then, and where between two fixes
 * she is drawn. Across a gap nothing is invented: she stays where she was last seen, and grows
 * pale as she would live.
 *
 * @typedef {import("./fleet.js").Vessel} Vessel
 * @typedef {import("./fleet.js").Patience} Patience
 * @typedef {import("./replay-store.js").Head} Head
 * @typedef {import("./replay-store.js").Particulars} Particulars
 * @typedef {import("./replay-track.js").Track} Track
 *
 * @typedef {object} Leg to the next fix, in the track's time and millionths of a degree
 * @property {number} at
 * @property {number} lasts
 * @property {number} latitude
 * @property {number} longitude
 * @property {number} north
 * @property {number} east
 */

import { UNKNOWN } from "./replay-track.js";
import { ReplayTrail } from "./replay-trail.js";
import { Rhythm, patienceFor } from "./rhythm.js";

/** Fixes are a step apart where she reports more often: up to so many are no silence. */
const SILENT_STEPS = 2.5;

export class ReplayVessel {
  /** @type {Vessel} as reported by the moment */
  reported;
  /** @type {Vessel} as drawn: the same, elsewhere */
  drawn;
  #track;
  #particulars;
  #head;
  #patience;
  #trail;
  #rhythm = new Rhythm();
  /** @type {Leg | null} */
  #leg = null;
  /** Between these nothing changes but her place. */
  #from = NaN;
  #until = NaN;
  #length = -1;

  /**
   * @param {Track} track
   * @param {Particulars} particulars
   * @param {Head} head
   * @param {Patience} patience of the settings
   */
  constructor(track, particulars, head, patience) {
    this.#track = track;
    this.#particulars = particulars;
    this.#head = head;
    this.#patience = patience;
    this.#trail = new ReplayTrail(track, head);
    this.reported = this.drawn = this.#vessel(-1, "silent", 3);
  }

  /**
   * Go to a moment.
   * @param {number} at milliseconds since the history's beginning
   * @returns {boolean} whether she looks different now
   */
  show(at) {
    const isSame = at >= this.#from && at < this.#until && this.#track.length === this.#length;
    const hasTurned = !isSame && this.#settle(at);
    return this.#leg ? this.#sail(this.#leg, at) || hasTurned : hasTurned;
  }

  /** @param {number} at */
  #settle(at) {
    const index = this.#track.indexAt(at);
    const recorded = index < 0 ? -Infinity : this.#track.get("at", index);
    const next = index + 1 < this.#track.length ? this.#track.get("at", index + 1) : Infinity;
    const { late_ms, silent_ms } = this.#patienceNow();
    const ages = [0, late_ms, (late_ms + silent_ms) / 2, silent_ms].map((one) => recorded + one);
    const age = index < 0 ? 3 : ages.findLastIndex((one) => one <= at);
    this.#length = this.#track.length;
    this.#from = index < 0 ? -Infinity : ages[age];
    this.#until = Math.min(next, ages[age + 1] ?? Infinity);
    this.#leg = index >= 0 && next - recorded <= silent_ms ? this.#legFrom(index) : null;
    return this.#report(index, age);
  }

  /**
   * @param {number} index -1: she had not reported yet
   * @param {number} age
   */
  #report(index, age) {
    const before = this.reported;
    const state = age === 0 ? "live" : age === 3 ? "silent" : "late";
    const vessel = this.#vessel(index, state, age);
    const isNew = before.recordedAt !== vessel.recordedAt || before.age !== age;
    if (isNew) this.reported = vessel;
    if (isNew || !this.#leg) this.drawn = this.#leg ? Object.create(this.reported) : this.reported;
    else if (this.drawn === this.reported) this.drawn = Object.create(this.reported);
    this.#rhythm.tell(this.#track.interval_ms);
    return isNew;
  }

  /**
   * @param {Leg} leg
   * @param {number} at
   */
  #sail({ at: since, lasts, latitude, longitude, north, east }, at) {
    const part = (at - since) / lasts;
    const there = { latitude: (latitude + north * part) / 1e6, longitude: wrapped((longitude + east * part) / 1e6) };
    if (this.drawn.latitude === there.latitude && this.drawn.longitude === there.longitude) return false;
    this.drawn.latitude = there.latitude;
    this.drawn.longitude = there.longitude;
    return true;
  }

  /**
   * @param {number} index
   * @returns {Leg}
   */
  #legFrom(index) {
    const track = this.#track;
    const [at, latitude, longitude] = [track.get("at", index), track.get("latitude", index), track.get("longitude", index)];
    return {
      at, latitude, longitude,
      lasts: track.get("at", index + 1) - at,
      north: track.get("latitude", index + 1) - latitude,
      east: shortWay(track.get("longitude", index + 1) - longitude),
    };
  }

  /**
   * @param {number} index
   * @param {import("./fleet.js").State} state
   * @param {number} age
   * @returns {Vessel}
   */
  #vessel(index, state, age) {
    const { id, name, imo_number, mmsi, call_sign, retired_at } = this.#particulars;
    const [track, trail, isKnown] = [this.#track, this.#trail, index >= 0];
    const at = isKnown ? track.get("at", index) : -Infinity;
    const { silent_ms } = this.#patienceNow();
    return {
      id, name, imoNumber: imo_number, mmsi, callSign: call_sign, retiredAt: retired_at,
      latitude: isKnown ? track.get("latitude", index) / 1e6 : null,
      longitude: isKnown ? track.get("longitude", index) / 1e6 : null,
      recordedAt: isKnown ? this.#head.from + at : null,
      speedKnots: isKnown ? tenths(track.get("speed", index)) : null,
      courseDegrees: isKnown ? tenths(track.get("course", index)) : null,
      headingDegrees: isKnown ? tenths(track.get("heading", index)) : null,
      accuracyMetres: null, navigationStatus: null, batteryPercent: null, source: "",
      reportedState: state, state, age, step_ms: null, rhythm: this.#rhythm,
      // Made when somebody draws it: most trails nobody looks at.
      get trail() { return trail.until(at, silent_ms); },
    };
  }

  /**
   * The same curve as live, but that a fix may have been left out on purpose.
   * @returns {Patience}
   */
  #patienceNow() {
    const { interval_ms } = this.#track;
    const step_ms = 1_000 * this.#head.step_s;
    const { late_ms, silent_ms } = patienceFor(interval_ms, this.#patience);
    return {
      late_ms: Math.max(late_ms, step_ms + (interval_ms ?? 0)),
      silent_ms: Math.max(silent_ms, SILENT_STEPS * step_ms),
    };
  }
}

/** @param {number} value */
const tenths = (value) => (value === UNKNOWN ? null : value / 10);

/** @param {number} east_millionths across the antimeridian it is not round the world */
const shortWay = (east_millionths) =>
  east_millionths > 180e6 ? east_millionths - 360e6 : east_millionths < -180e6 ? east_millionths + 360e6 : east_millionths;

/** @param {number} longitude */
const wrapped = (longitude) => (longitude > 180 ? longitude - 360 : longitude < -180 ? longitude + 360 : longitude);
