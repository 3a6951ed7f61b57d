// @ts-check
/**
 * Measuring on the map: places one after the other, and the great circles between them. What has
 * been measured stands in the address.
 *
 * @typedef {import("./geo.js").Place & {name?: string}} Place `name` when it was a vessel or a berth
 *
 * @typedef {object} Leg
 * @property {Place} from
 * @property {Place} to
 * @property {number} distance_nm
 * @property {number} bearing_degrees true, at the start
 */

import { bearing_degrees, distance_nm } from "./geo.js";
import { readState, writeState } from "./view-link.js";

const PLACES_MAX = 50;

export class Measure {
  isOn = false;
  /** @type {readonly Place[]} */
  places = [];
  /** @type {(() => void)[]} */
  #listeners = [];

  constructor() {
    this.#read();
    addEventListener("hashchange", () => this.#read());
  }

  /** @param {() => void} listener called at once and after each change */
  listen(listener) {
    this.#listeners.push(listener);
    listener();
  }

  start() {
    this.#become(true, []);
  }

  end() {
    this.#become(false, []);
  }

  /** @param {Place} place */
  add(place) {
    if (this.places.length < PLACES_MAX) this.#become(true, [...this.places, place]);
  }

  /** Take the last place back. */
  undo() {
    this.#become(true, this.places.slice(0, -1));
  }

  /** @returns {Leg[]} */
  get legs() {
    return this.places.slice(1).map((to, i) => legOf(this.places[i], to));
  }

  get total_nm() {
    return this.legs.reduce((sum, { distance_nm }) => sum + distance_nm, 0);
  }

  /**
   * @param {boolean} isOn
   * @param {readonly Place[]} places
   */
  #become(isOn, places) {
    this.isOn = isOn;
    this.places = places;
    writeState({ measure: isOn ? written(places) : null });
    for (const listener of this.#listeners) listener();
  }

  #read() {
    const text = readState().get("measure");
    if (text === (this.isOn ? written(this.places) : undefined)) return;
    this.isOn = text !== undefined;
    this.places = (text ?? "").split("/").flatMap(placeIn).slice(0, PLACES_MAX);
    for (const listener of this.#listeners) listener();
  }
}

/**
 * @param {Place} from
 * @param {Place} to
 * @returns {Leg}
 */
export function legOf(from, to) {
  return { from, to, distance_nm: distance_nm(from, to), bearing_degrees: bearing_degrees(from, to) };
}

/** @param {readonly Place[]} places */
function written(places) {
  return places.map(({ latitude, longitude }) => `${latitude.toFixed(5)},${longitude.toFixed(5)}`).join("/") || "on";
}

/**
 * @param {string} text
 * @returns {Place[]} none when it is not a place
 */
function placeIn(text) {
  const [latitude, longitude] = text.split(",").map(Number);
  const isPlace = Math.abs(latitude) <= 90 && Math.abs(longitude) <= 900;
  return isPlace ? [{ latitude, longitude }] : [];
}
