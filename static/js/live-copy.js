// @ts-check
/**
 * What a station remembers of the feed, for the tabs that come later: the newest of each
 * vessel, and the last events by number, so that a tab which slept misses none.
 *
 * @typedef {import("./live-stream.js").FeedEvent} FeedEvent
 *
 * @typedef {object} Mark how far a tab has got
 * @property {string} era
 * @property {number} number of the last event it has taken
 *
 * @typedef {[name: string, text: string]} ToldEvent its data as JSON: a tab reads that in less
 *   than half of the time which it needs to take over objects, and when it has the time
 *
 * @typedef {object} News
 * @property {string} era numbers count within one
 * @property {number} first the number of the first of the events
 * @property {ToldEvent[]} events
 * @property {boolean} isWhole it is a snapshot as of `first`, whatever was known before
 */

const LOG_EVENTS_MAX = 2_000;
const IDENTITY = ["name", "imo_number", "mmsi", "call_sign"];

export class FeedCopy {
  #era = newEra();
  #number = 0;
  #hasSnapshot = false;
  /** @type {Map<string, any>} */
  #newest = new Map();
  /** @type {ToldEvent[]} */
  #log = [];

  /**
   * Take the next events of the stream, and number them.
   * @param {FeedEvent[]} events
   * @returns {News}
   */
  put(events) {
    const first = this.#number + 1;
    for (const event of events) this.#take(event);
    const told = events.map(toldOf);
    if (this.#log.length > 2 * LOG_EVENTS_MAX) this.#log.splice(0, this.#log.length - LOG_EVENTS_MAX);
    return { era: this.#era, first, events: told, isWhole: false };
  }

  /**
   * What a tab needs to be up to date; null when there is nothing to tell yet.
   * @param {Mark | null} mark
   * @returns {News | null}
   */
  since(mark) {
    const missed = mark?.era === this.#era ? this.#number - mark.number : Infinity;
    if (missed >= 0 && missed <= this.#log.length) {
      const events = this.#log.slice(this.#log.length - missed);
      return { era: this.#era, first: this.#number - missed + 1, events, isWhole: false };
    }
    if (!this.#hasSnapshot) return null;
    return { era: this.#era, first: this.#number, events: [this.#snapshot()], isWhole: true };
  }

  /** Nothing of a session that has ended is kept. */
  forget() {
    this.#era = newEra();
    this.#number = 0;
    this.#hasSnapshot = false;
    this.#newest = new Map();
    this.#log = [];
  }

  /** @param {FeedEvent} event */
  #take(event) {
    const [name, data] = event;
    this.#number += 1;
    this.#log.push(toldOf(event));
    if (name === "snapshot") this.#begin(data.features);
    else if (name === "position") this.#place(data);
    else if (name === "vessel") this.#change(data);
  }

  /** @param {any[]} features */
  #begin(features) {
    this.#hasSnapshot = true;
    this.#newest = new Map(features.map((feature) => [String(feature.id), feature]));
    // Whoever slept through it takes a snapshot anyway.
    this.#log = [];
  }

  /** @param {any} feature */
  #place(feature) {
    const known = this.#newest.get(String(feature.id));
    if (!known || recordedAt(feature) >= recordedAt(known)) {
      this.#newest.set(String(feature.id), feature);
    }
  }

  /** @param {any} feature */
  #change(feature) {
    const id = String(feature.id);
    const { change, state } = feature.properties;
    const known = this.#newest.get(id);
    if (change === "removed" || state === "outside") this.#newest.delete(id);
    else if (!known || recordedAt(feature) >= recordedAt(known)) this.#newest.set(id, feature);
    else this.#newest.set(id, renamed(known, feature.properties));
  }

  /** @returns {ToldEvent} */
  #snapshot() {
    return ["snapshot", JSON.stringify({ type: "FeatureCollection", features: [...this.#newest.values()] })];
  }
}

/**
 * @param {FeedEvent} event
 * @returns {ToldEvent}
 */
const toldOf = ([name, , text]) => [name, text];

/** @param {any} feature */
function recordedAt({ properties }) {
  return Date.parse(properties.recorded_at ?? "") || 0;
}

/**
 * @param {any} known
 * @param {Record<string, unknown>} properties
 */
function renamed(known, properties) {
  const identity = Object.fromEntries(IDENTITY.map((part) => [part, properties[part] ?? null]));
  return { ...known, properties: { ...known.properties, ...identity } };
}

function newEra() {
  return `${Date.now()}.${Math.random()}`;
}
