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

import { UNKNOWN } from "./replay-track.js";

const TRAIL_MS = 30 * 60_000;
/** A silence of so many intervals makes a vessel late, and silent: as live. */
const LATE_INTERVALS = 2;
const SILENT_INTERVALS = 5;

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
    return !before || drawn.state === "late" || before.state !== drawn.state || before.recordedAt !== drawn.recordedAt
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
    const state = this.#state(track, recordedAt);
    if (before && before.recordedAt === recordedAt && before.state === state) return before;
    return this.#vessel(track, number, index, state);
  }

  /**
   * @param {Track} track
   * @param {number | null} recordedAt
   * @returns {import("./fleet.js").State}
   */
  #state(track, recordedAt) {
    if (recordedAt === null) return "silent";
    const age_ms = this.#moment - recordedAt;
    const { late_ms, silent_ms } = this.#patienceWith(track);
    return age_ms >= silent_ms ? "silent" : age_ms >= late_ms ? "late" : "live";
  }

  /**
   * @param {Track} track
   * @param {number} number
   * @param {number} index
   * @param {import("./fleet.js").State} state
   * @returns {Vessel}
   */
  #vessel(track, number, index, state) {
    const { id, name, imo_number, mmsi, call_sign } = this.#store.head.vessels[number];
    const isKnown = index >= 0;
    const { from } = this.#store.head;
    const gap_ms = this.#patienceWith(track).silent_ms;
    return {
      id, name, imoNumber: imo_number, mmsi, callSign: call_sign,
      latitude: isKnown ? track.get("latitude", index) / 1e6 : null,
      longitude: isKnown ? track.get("longitude", index) / 1e6 : null,
      recordedAt: isKnown ? from + track.get("at", index) : null,
      speedKnots: isKnown ? tenths(track.get("speed", index)) : null,
      courseDegrees: isKnown ? tenths(track.get("course", index)) : null,
      headingDegrees: isKnown ? tenths(track.get("heading", index)) : null,
      accuracyMetres: null, navigationStatus: null, batteryPercent: null, source: "",
      reportedState: state, state, interval_ms: null,
      // Made when somebody draws it: most trails nobody looks at.
      get trail() { return trailOf(track, index, from, gap_ms); },
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
    if (to - from >= this.#patienceWith(track).silent_ms || to === from) return reported;
    const part = (at - from) / (to - from);
    const [latitude, longitude] = [track.get("latitude", index), track.get("longitude", index)];
    const east = shortWay(track.get("longitude", index + 1) - longitude);
    return Object.create(reported, {
      latitude: { value: (latitude + (track.get("latitude", index + 1) - latitude) * part) / 1e6, enumerable: true },
      longitude: { value: wrapped((longitude + east * part) / 1e6), enumerable: true },
    });
  }

  /**
   * The same as live, and a step more: that much may have been left out. Silence is a gap.
   * @param {Track} track
   * @returns {Patience}
   */
  #patienceWith({ interval_ms }) {
    const step_ms = 1_000 * this.#store.head.step_s;
    if (interval_ms === null) {
      const { late_ms, silent_ms } = this.#patience;
      return { late_ms: Math.max(late_ms, step_ms), silent_ms: Math.max(silent_ms, 2 * step_ms) };
    }
    return { late_ms: LATE_INTERVALS * interval_ms + step_ms, silent_ms: SILENT_INTERVALS * interval_ms + step_ms };
  }
}

/**
 * The last half hour before the moment, and the fix she is on her way to.
 * @param {Track} track
 * @param {number} index
 * @param {number} from_ms the history's beginning
 * @param {number} gap_ms
 * @returns {import("./fleet.js").Fix[]}
 */
function trailOf(track, index, from_ms, gap_ms) {
  if (index < 0) return [];
  const newest = track.get("at", index);
  const isOnHerWay = index + 1 < track.length && track.get("at", index + 1) - newest < gap_ms;
  const fixes = [];
  for (let i = Math.max(0, track.indexAt(newest - TRAIL_MS)); i <= index + Number(isOnHerWay); i += 1) {
    fixes.push({
      recordedAt: from_ms + track.get("at", i),
      latitude: track.get("latitude", i) / 1e6,
      longitude: track.get("longitude", i) / 1e6,
    });
  }
  return fixes;
}

/** @param {number} value */
const tenths = (value) => (value === UNKNOWN ? null : value / 10);

/** @param {number} east_millionths across the antimeridian it is not round the world */
const shortWay = (east_millionths) =>
  east_millionths > 180e6 ? east_millionths - 360e6 : east_millionths < -180e6 ? east_millionths + 360e6 : east_millionths;

/** @param {number} longitude */
const wrapped = (longitude) => (longitude > 180 ? longitude - 360 : longitude < -180 ? longitude + 360 : longitude);
