// @ts-check
/**
 * The fleet at a replayed moment: what each vessel had reported by then, and where between two
 * fixes she is drawn. Across a gap nothing is invented: she stays where she was last seen, and
 * grows pale as she would live.
 *
 * @typedef {import("./fleet.js").Vessel} Vessel
 * @typedef {import("./fleet.js").Patience} Patience
 * @typedef {import("./replay-store.js").ReplayStore} ReplayStore
 * @typedef {import("./replay-track.js").Track} Track
 */

import { ReplayTrail } from "./replay-trail.js";
import { UNKNOWN } from "./replay-track.js";
import { Rhythm, patienceFor } from "./rhythm.js";

/** Fixes are a step apart where she reports more often: up to so many are no silence. */
const SILENT_STEPS = 2.5;

export class ReplayFleet {
  #store;
  #patience;
  #moment = 0;
  /** @type {Map<string, number>} number of a vessel by her id */
  #numbers;
  /** @type {(Vessel | null)[]} as reported by the moment */
  #reported;
  /** @type {(Vessel | null)[]} as drawn */
  #drawn;
  #rhythms;
  #trails;

  /**
   * @param {ReplayStore} store
   * @param {Patience} patience
   */
  constructor(store, patience) {
    this.#store = store;
    this.#patience = patience;
    this.#numbers = new Map(store.head.vessels.map(({ id }, number) => [id, number]));
    this.#reported = store.head.vessels.map(() => null);
    this.#drawn = store.head.vessels.map(() => null);
    this.#rhythms = store.head.vessels.map(() => new Rhythm());
    this.#trails = store.tracks.map((track) => new ReplayTrail(track, store.head));
  }

  get size() {
    return this.#numbers.size;
  }

  get ids() {
    return [...this.#numbers.keys()];
  }

  /** @param {string} id */
  get(id) {
    return this.#reported[this.#numbers.get(id) ?? -1] ?? undefined;
  }

  /** @param {string} id */
  drawn(id) {
    return this.#drawn[this.#numbers.get(id) ?? -1] ?? undefined;
  }

  all() {
    return this.#reported.filter((vessel) => vessel !== null);
  }

  /**
   * Go to a moment.
   * @param {number} moment_ms
   * @returns {Set<string>} the vessels that look different now
   */
  show(moment_ms) {
    this.#moment = moment_ms;
    /** @type {Set<string>} */
    const changed = new Set();
    this.#store.tracks.forEach((track, number) => {
      if (this.#place(track, number)) changed.add(this.#store.head.vessels[number].id);
    });
    return changed;
  }

  /**
   * @param {Track} track
   * @param {number} number
   */
  #place(track, number) {
    const at = this.#moment - this.#store.head.from;
    const index = track.indexAt(at);
    const before = this.#drawn[number];
    const reported = this.#read(track, number, index, this.#reported[number]);
    const drawn = this.#between(track, index, at, reported);
    this.#reported[number] = reported;
    this.#drawn[number] = drawn;
    return !before || before.state !== drawn.state || before.age !== drawn.age || before.recordedAt !== drawn.recordedAt
      || before.latitude !== drawn.latitude || before.longitude !== drawn.longitude;
  }

  /**
   * The fix itself, with everything judged by the replayed moment.
   * @param {Track} track
   * @param {number} number
   * @param {number} index -1: she had not reported yet
   * @param {Vessel | null} before
   * @returns {Vessel}
   */
  #read(track, number, index, before) {
    const recordedAt = index < 0 ? null : this.#store.head.from + track.get("at", index);
    const [state, age] = this.#judge(track, recordedAt);
    if (before && before.recordedAt === recordedAt && before.state === state && before.age === age) return before;
    this.#rhythms[number].tell(track.interval_ms);
    return this.#vessel(track, number, index, state, age);
  }

  /**
   * @param {Track} track
   * @param {number | null} recordedAt
   * @returns {[import("./fleet.js").State, number]} and how stale it looks
   */
  #judge(track, recordedAt) {
    if (recordedAt === null) return ["silent", 3];
    const since_ms = this.#moment - recordedAt;
    const { late_ms, silent_ms } = this.#patienceWith(track);
    if (since_ms < late_ms) return ["live", 0];
    if (since_ms >= silent_ms) return ["silent", 3];
    return ["late", since_ms < (late_ms + silent_ms) / 2 ? 1 : 2];
  }

  /**
   * @param {Track} track
   * @param {number} number
   * @param {number} index
   * @param {import("./fleet.js").State} state
   * @param {number} age
   * @returns {Vessel}
   */
  #vessel(track, number, index, state, age) {
    const { id, name, imo_number, mmsi, call_sign } = this.#store.head.vessels[number];
    const isKnown = index >= 0;
    const { from } = this.#store.head;
    const at = isKnown ? track.get("at", index) : -Infinity;
    const trail = this.#trails[number];
    const { silent_ms } = this.#patienceWith(track);
    return {
      id, name, imoNumber: imo_number, mmsi, callSign: call_sign,
      latitude: isKnown ? track.get("latitude", index) / 1e6 : null,
      longitude: isKnown ? track.get("longitude", index) / 1e6 : null,
      recordedAt: isKnown ? from + at : null,
      speedKnots: isKnown ? tenths(track.get("speed", index)) : null,
      courseDegrees: isKnown ? tenths(track.get("course", index)) : null,
      headingDegrees: isKnown ? tenths(track.get("heading", index)) : null,
      accuracyMetres: null, navigationStatus: null, batteryPercent: null, source: "",
      reportedState: state, state, age, step_ms: null, rhythm: this.#rhythms[number],
      // Made when somebody draws it: most trails nobody looks at.
      get trail() { return trail.until(at, silent_ms); },
    };
  }

  /**
   * Where she is drawn: on the straight line to her next fix, unless that ends a gap.
   * @param {Track} track
   * @param {number} index
   * @param {number} at
   * @param {Vessel} reported
   * @returns {Vessel}
   */
  #between(track, index, at, reported) {
    if (index < 0 || index + 1 >= track.length) return reported;
    const [from, to] = [track.get("at", index), track.get("at", index + 1)];
    if (to - from > this.#patienceWith(track).silent_ms || to === from) return reported;
    const part = (at - from) / (to - from);
    const [latitude, longitude] = [track.get("latitude", index), track.get("longitude", index)];
    const east = shortWay(track.get("longitude", index + 1) - longitude);
    return Object.create(reported, {
      latitude: { value: (latitude + (track.get("latitude", index + 1) - latitude) * part) / 1e6, enumerable: true },
      longitude: { value: wrapped((longitude + east * part) / 1e6), enumerable: true },
    });
  }

  /**
   * The same curve as live, but that a fix may have been left out on purpose.
   * @param {Track} track
   * @returns {Patience}
   */
  #patienceWith({ interval_ms }) {
    const step_ms = 1_000 * this.#store.head.step_s;
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
