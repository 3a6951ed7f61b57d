// @ts-check
/**
 * The alerts that a dispatcher has yet to see. A beacon repeats itself for hours, so that alerts of
 * one vessel and kind are one matter, shown as it was told last.
 *
 * @typedef {object} Alert
 * @property {string} kind man_overboard, distress, sos or another word
 * @property {boolean} isOver it was called off
 * @property {string} text as the sender put it
 * @property {string | null} vesselId
 * @property {string | null} name of the vessel
 * @property {number | null} latitude
 * @property {number | null} longitude
 * @property {number} recordedAt milliseconds since the epoch, by the sender's clock
 * @property {number} receivedAt the same by the server's
 *
 * @typedef {Record<string, {at: number, isOver: boolean}>} Seen what was seen, by its matter; the
 *   time is that of the last repetition
 */

const HOUR_MS = 3_600_000;
/** After so long a silence the same thing is news again. */
const EPISODE_MS = HOUR_MS;
const KEPT_MS = 24 * HOUR_MS;
const MATTERS_MAX = 200;

/**
 * @param {any} feature as on the stream
 * @returns {Alert}
 */
export function alertOf({ geometry, properties }) {
  const [longitude = null, latitude = null] = geometry?.coordinates ?? [];
  return {
    kind: properties.kind,
    isOver: properties.is_over,
    text: properties.text,
    vesselId: properties.vessel_id,
    name: properties.name,
    latitude,
    longitude,
    recordedAt: Date.parse(properties.recorded_at),
    receivedAt: Date.parse(properties.received_at),
  };
}

/** @param {Alert} alert */
const matterOf = ({ vesselId, kind, text }) => (vesselId ? `${vesselId} ${kind}` : `${kind} ${text}`);

export class AlertBook {
  /** @type {Map<string, Alert>} */
  #newest = new Map();
  /** @type {Seen} */
  #seen;

  /** @param {Seen} seen what this browser keeps */
  constructor(seen) {
    this.#seen = seen;
  }

  /** @returns {Seen} */
  get seen() {
    return this.#seen;
  }

  /** @param {Seen} seen another tab has changed it */
  learn(seen) {
    this.#seen = seen;
  }

  /**
   * @param {Alert} alert
   * @returns {boolean} whether somebody must be told
   */
  put(alert) {
    const matter = matterOf(alert);
    const known = this.#newest.get(matter);
    if (known && alert.recordedAt < known.recordedAt) return false;
    // Told again: what is drawn already stays, and whoever is about to press its button.
    if (known && alert.recordedAt === known.recordedAt && alert.isOver === known.isOver) return false;
    this.#newest.set(matter, alert);
    this.#turn(matter, alert);
    if (this.#isSeen(alert)) {
      this.#mark(alert);
      return false;
    }
    return known === undefined || known.isOver !== alert.isOver || alert.recordedAt - known.recordedAt > EPISODE_MS;
  }

  /** @param {Alert} alert somebody has seen it */
  see(alert) {
    this.#mark(alert);
  }

  /**
   * What nobody has seen, what goes on before what is over, and the newest first. When it came in
   * counts: who is in distress may have a wrong clock, or had no link for a day.
   * @param {number} now_ms
   */
  open(now_ms) {
    const open = [...this.#newest.values()].filter((alert) => !this.#isSeen(alert) && now_ms - alert.receivedAt < KEPT_MS);
    return open.sort((one, other) => Number(one.isOver) - Number(other.isOver) || other.recordedAt - one.recordedAt);
  }

  /**
   * Called off, or raised again: what was seen before that says nothing of what comes after it.
   * @param {string} matter
   * @param {Alert} alert
   */
  #turn(matter, { isOver, recordedAt }) {
    const { [matter]: seen, ...others } = this.#seen;
    if (seen && seen.isOver !== isOver && recordedAt > seen.at) this.#seen = others;
  }

  /** @param {Alert} alert */
  #isSeen(alert) {
    const seen = this.#seen[matterOf(alert)];
    return seen !== undefined && seen.isOver === alert.isOver && alert.recordedAt - seen.at < EPISODE_MS;
  }

  /** @param {Alert} alert */
  #mark(alert) {
    const { [matterOf(alert)]: before, ...others } = this.#seen;
    const at = Math.max(alert.recordedAt, before?.isOver === alert.isOver ? before.at : -Infinity);
    const latest = Object.entries(others).sort(([, one], [, other]) => other.at - one.at).slice(0, MATTERS_MAX - 1);
    this.#seen = { ...Object.fromEntries(latest), [matterOf(alert)]: { at, isOver: alert.isOver } };
  }
}
