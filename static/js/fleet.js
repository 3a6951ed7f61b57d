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
 * @property {number | null} interval_ms between its two newest positions
 * @property {Fix[]} trail oldest first
 *
 * @typedef {{late_ms: number, silent_ms: number}} Patience
 */

const TRAIL_MS = 30 * 60_000;
const TRAIL_STEP_MS = 8_000;
const TRAIL_FIXES_MAX = 240;
/** A large fleet changes all the time: then a few times a second are enough. */
const MANY = 300;
const MANY_PAUSE_MS = 150;
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
   * Take this as the whole fleet; trails of vessels that stay are kept.
   * @param {Vessel[]} vessels
   */
  replace(vessels) {
    const staying = new Set(vessels.map((vessel) => vessel.id));
    for (const id of this.#vessels.keys()) if (!staying.has(id)) this.remove(id);
    for (const vessel of vessels) this.put(vessel);
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
      const trail = known?.trail ?? [];
      const interval_ms = intervalOf(known, vessel);
      this.#vessels.set(vessel.id, { ...vessel, trail, interval_ms });
      addToTrail(trail, fixOf(vessel));
    }
    this.#note(vessel.id);
  }

  /**
   * A position that was held back aboard: it belongs to the trail, not to the marker.
   * @param {Vessel} vessel
   */
  putLate(vessel) {
    const known = this.#vessels.get(vessel.id);
    if (!known) return this.put(vessel);
    addToTrail(known.trail, fixOf(vessel));
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
      if (state === vessel.state) continue;
      vessel.state = state;
      this.#note(vessel.id);
    }
  }

  /** @param {string} id */
  #note(id) {
    this.#changed.add(id);
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    // Frames stand still in a hidden page, and so does everything drawn from this.
    const flush = () => requestAnimationFrame(() => this.#flush());
    if (this.#vessels.size < MANY) flush();
    else setTimeout(flush, MANY_PAUSE_MS);
  }

  #flush() {
    this.#isPlanned = false;
    const changed = this.#changed;
    this.#changed = new Set();
    this.#onChange(changed);
  }
}

/**
 * The worse of what the server said and what the age says: silence arrives without an event.
 * @param {Vessel} vessel
 * @param {number} now_ms
 * @param {Patience} patience
 * @returns {State}
 */
export function stateOf(vessel, now_ms, patience) {
  if (vessel.recordedAt === null) return "silent";
  const age_ms = now_ms - vessel.recordedAt;
  const aged = age_ms >= patience.silent_ms ? "silent" : age_ms >= patience.late_ms ? "late" : "live";
  return SEVERITY[aged] > SEVERITY[vessel.reportedState] ? aged : vessel.reportedState;
}

/** @param {Vessel} vessel */
function identityOf({ name, imoNumber, mmsi, callSign }) {
  return { name, imoNumber, mmsi, callSign };
}

/**
 * @param {Vessel | undefined} known
 * @param {Vessel} next
 */
function intervalOf(known, next) {
  if (!known?.recordedAt || !next.recordedAt) return null;
  if (known.recordedAt === next.recordedAt) return known.interval_ms;
  return next.recordedAt - known.recordedAt;
}

/**
 * @param {Vessel} vessel
 * @returns {Fix | null}
 */
function fixOf({ recordedAt, latitude, longitude }) {
  if (recordedAt === null || latitude === null || longitude === null) return null;
  return { recordedAt, latitude, longitude };
}

/**
 * @param {Fix[]} trail
 * @param {Fix | null} fix
 */
function addToTrail(trail, fix) {
  if (!fix) return;
  let place = trail.length;
  while (place > 0 && trail[place - 1].recordedAt > fix.recordedAt) place -= 1;
  if (trail[place - 1]?.recordedAt === fix.recordedAt) return;
  trail.splice(place, 0, fix);
  // The newest fix always stays; the one before it goes when it came too soon after its own.
  const last = trail.length - 1;
  if (last >= 2 && trail[last - 1].recordedAt - trail[last - 2].recordedAt < TRAIL_STEP_MS) {
    trail.splice(last - 1, 1);
  }
  const oldest = trail[trail.length - 1].recordedAt - TRAIL_MS;
  while (trail.length > TRAIL_FIXES_MAX || trail[0].recordedAt < oldest) trail.shift();
}
