// @ts-check
/**
 * What the page knows of the fleet: the newest position of each vessel, and half an hour of trail.
 *
 * @typedef {"live" | "late" | "silent"} State
 *
 * @typedef {object} Fix
 * @property {number} recordedAt milliseconds since the epoch
 * @property {number} latitude
 * @property {number} longitude
 *
 * @typedef {object} Vessel
 * @property {string} id
 * @property {string} name
 * @property {string | null} imoNumber
 * @property {string | null} mmsi
 * @property {string | null} callSign
 * @property {number | null} retiredAt in a replay: since then she is no longer on the live map
 * @property {number | null} latitude null when it never reported
 * @property {number | null} longitude
 * @property {number | null} recordedAt milliseconds since the epoch, by the tracker
 * @property {number | null} speedKnots
 * @property {number | null} courseDegrees
 * @property {number | null} headingDegrees
 * @property {number | null} accuracyMetres
 * @property {string | null} navigationStatus
 * @property {number | null} batteryPercent
 * @property {string} source
 * @property {State} reportedState what the server said last
 * @property {State} state what holds now
 * @property {number} age how stale it looks: 0 (fresh) to 3, see FADES of vessel-shapes.js
 * @property {number | null} step_ms between its two newest positions
 * @property {Rhythm} rhythm
 * @property {Trail} trail
 *
 * @typedef {{late_ms: number, silent_ms: number}} Patience
 */

import { Rhythm, patienceFor } from "./rhythm.js";
import { SPAN_MS, Trail } from "./trail.js";

const TRAIL_STEP_MS = 8_000;
/** Of all trails together; those of a large fleet are coarse, or they would fill the memory. */
const FIXES_MAX = 200_000;
const SEVERITY = { live: 0, late: 1, silent: 2 };

export class Fleet {
  /** @type {Map<string, Vessel>} */
  #vessels = new Map();
  /** @type {Set<string>} */
  #changed = new Set();
  #patience;
  #onChange;
  #isPlanned = false;

  /**
   * @param {Patience} patience
   * @param {(changed: Set<string>) => void} onChange at most once a frame; ids that have gone
   *   are among the changed
   */
  constructor(patience, onChange) {
    this.#patience = patience;
    this.#onChange = onChange;
  }

  /** @param {string} id */
  get(id) {
    return this.#vessels.get(id);
  }

  all() {
    return [...this.#vessels.values()];
  }

  get size() {
    return this.#vessels.size;
  }

  /**
   * Take these as all positions there are; trails of vessels that stay are kept, and so are the
   * vessels that never reported, which a snapshot can't have.
   * @param {Vessel[]} vessels
   */
  replace(vessels) {
    const staying = new Set(vessels.map((vessel) => vessel.id));
    for (const { id, recordedAt } of this.all()) if (recordedAt !== null && !staying.has(id)) this.remove(id);
    for (const vessel of vessels) this.put(vessel);
    const step_ms = trailStep(this.size);
    for (const { trail } of this.all()) trail.thinTo(step_ms);
  }

  /**
   * A vessel's newest position. An older one never moves it back.
   * @param {Vessel} vessel
   */
  put(vessel) {
    const known = this.#vessels.get(vessel.id);
    if (known?.recordedAt && (vessel.recordedAt ?? 0) < known.recordedAt) {
      this.#vessels.set(vessel.id, { ...known, ...identityOf(vessel) });
    } else {
      vessel.trail = known?.trail ?? new Trail(trailStep(this.size));
      vessel.rhythm = known?.rhythm ?? new Rhythm();
      vessel.step_ms = stepOf(known, vessel);
      vessel.age = known?.age ?? 0;
      this.#vessels.set(vessel.id, vessel);
      remember(vessel, vessel);
    }
    this.#note(vessel.id);
  }

  /**
   * The server has told where a vessel has been, and how often it reports.
   * @param {string} id
   * @param {number | null} interval_ms
   * @param {readonly number[][]} fixes recorded, latitude, longitude; oldest first
   * @param {number} step_ms how far apart the server keeps fixes
   */
  recall(id, interval_ms, fixes, step_ms) {
    const vessel = this.#vessels.get(id);
    if (!vessel) return;
    vessel.rhythm.tell(interval_ms);
    vessel.trail.fill(fixes, step_ms);
    this.#note(id);
  }

  /**
   * A position that was held back aboard: it belongs to the trail, not to the marker. To neither
   * belongs what another source says while a better one is followed.
   * @param {Vessel} vessel
   */
  putLate(vessel) {
    const known = this.#vessels.get(vessel.id);
    if (!known) return this.put(vessel);
    if (vessel.source !== known.source || (vessel.recordedAt ?? 0) > (known.recordedAt ?? 0)) return;
    remember(known, vessel);
    this.#note(vessel.id);
  }

  /** @param {string} id */
  remove(id) {
    if (this.#vessels.delete(id)) this.#note(id);
  }

  /**
   * Time has passed: judge every state again.
   * @param {number} now_ms the server's time
   */
  judge(now_ms) {
    for (const vessel of this.#vessels.values()) {
      const state = stateOf(vessel, now_ms, this.#patience);
      const age = ageOf(vessel, state, now_ms, this.#patience);
      if (state === vessel.state && age === vessel.age) continue;
      vessel.state = state;
      vessel.age = age;
      this.#note(vessel.id);
    }
  }

  /** @param {string} id */
  #note(id) {
    this.#changed.add(id);
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    // Frames stand still in a hidden page, and so does everything drawn from this.
    requestAnimationFrame(() => this.#flush());
  }

  #flush() {
    this.#isPlanned = false;
    const changed = this.#changed;
    this.#changed = new Set();
    this.#onChange(changed);
  }
}

/** @param {number} size how many vessels there are */
const trailStep = (size) => Math.max(TRAIL_STEP_MS, (size * SPAN_MS) / FIXES_MAX);

/**
 * The worse of what the server said and what the age says: silence arrives without an event.
 * @param {Vessel} vessel
 * @param {number} now_ms
 * @param {Patience} patience of the settings, for trackers whose rhythm nobody knows yet
 * @returns {State}
 */
function stateOf({ recordedAt, reportedState, rhythm }, now_ms, patience) {
  if (recordedAt === null) return "silent";
  const { late_ms, silent_ms } = patienceFor(rhythm.interval_ms, patience);
  const since_ms = now_ms - recordedAt;
  const aged = since_ms >= silent_ms ? "silent" : since_ms >= late_ms ? "late" : "live";
  return SEVERITY[aged] > SEVERITY[reportedState] ? aged : reportedState;
}

/**
 * Late counts twice: just late, and nearly silent.
 * @param {Vessel} vessel
 * @param {State} state
 * @param {number} now_ms
 * @param {Patience} patience
 */
function ageOf({ recordedAt, rhythm }, state, now_ms, patience) {
  if (state !== "late") return state === "live" ? 0 : 3;
  const { late_ms, silent_ms } = patienceFor(rhythm.interval_ms, patience);
  return now_ms - (recordedAt ?? 0) < (late_ms + silent_ms) / 2 ? 1 : 2;
}

/** @param {Vessel} vessel */
function identityOf({ name, imoNumber, mmsi, callSign }) {
  return { name, imoNumber, mmsi, callSign };
}

/**
 * @param {Vessel | undefined} known
 * @param {Vessel} next
 */
function stepOf(known, next) {
  if (!known?.recordedAt || !next.recordedAt) return null;
  if (known.recordedAt === next.recordedAt) return known.step_ms;
  return next.recordedAt - known.recordedAt;
}

/**
 * @param {Vessel} vessel whose trail and rhythm grow
 * @param {Vessel} report
 */
function remember({ trail, rhythm }, { recordedAt, latitude, longitude }) {
  if (recordedAt === null || latitude === null || longitude === null) return;
  rhythm.note(recordedAt);
  trail.add(recordedAt, latitude, longitude);
}
