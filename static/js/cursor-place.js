// @ts-check
/**
 * The position under the pointer in degrees and decimal minutes; for the keyboard, that of the
 * middle of the map. With a vessel selected also how far off, and in which direction from her.
 *
 * @typedef {import("./geo.js").Place} Point
 */

import { bearing_degrees, distance_nm } from "./geo.js";
import { Control, DomUtil } from "./leaflet.js";
import { degrees, latitudeText, longitudeText } from "./format.js";
import { distanceText, onUnits } from "./units.js";
import { _ } from "./words.js";

export class CursorPlace extends Control {
  #box = DomUtil.create("div", "cursor-place");
  /** @type {Point | null} */
  #pointer = null;
  #isFocused = false;
  /** @type {{name: string, place: Point} | null} */
  #origin = null;
  /** @type {import("leaflet").Map | null} */
  #chart = null;

  constructor() {
    super({ position: "bottomleft" });
  }

  /** Where the pointer is on the map, or else the map's middle. */
  get place() {
    const { lat = 0, lng = 0 } = this.#chart?.getCenter() ?? {};
    return this.#pointer ?? { latitude: lat, longitude: lng };
  }

  /**
   * @override
   * @param {import("leaflet").Map} map
   */
  onAdd(map) {
    this.#chart = map;
    map.on("mousemove", ({ latlng }) => this.#point({ latitude: latlng.lat, longitude: latlng.lng }));
    map.on("mouseout", () => this.#point(null));
    map.on("move", () => this.#write());
    const element = map.getContainer();
    element.addEventListener("focus", () => this.#focus(element.matches(":focus-visible")));
    element.addEventListener("keydown", () => this.#focus(true));
    element.addEventListener("blur", () => this.#focus(false));
    onUnits(() => this.#write());
    this.#write();
    return this.#box;
  }

  /** @param {{name: string, place: Point} | null} origin */
  from(origin) {
    this.#origin = origin;
    this.#write();
  }

  /** @param {Point | null} place */
  #point(place) {
    this.#pointer = place;
    this.#write();
  }

  /** @param {boolean} isFocused */
  #focus(isFocused) {
    this.#isFocused = isFocused;
    this.#write();
  }

  #write() {
    const isShown = this.#pointer !== null || this.#isFocused;
    this.#box.hidden = !isShown;
    if (!isShown) return;
    const text = this.#text();
    if (this.#box.textContent !== text) this.#box.textContent = text;
  }

  #text() {
    const { latitude, longitude } = this.place;
    const place = `${latitudeText(latitude)}  ${longitudeText(longitude)}`;
    const where = this.#pointer ? place : _("Middle of the map {place}", { place });
    if (!this.#origin) return where;
    const off = { distance: distanceText(distance_nm(this.#origin.place, this.place)), bearing: degrees(bearing_degrees(this.#origin.place, this.place)) };
    const way = _("{distance}, {bearing} from {name}", { ...off, name: this.#origin.name });
    return `${where}\n${way}`;
  }
}
