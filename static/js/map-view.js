// @ts-check
/**
 * What part of the chart is in view, and the ways to another part: never further than the eye
 * can follow, and beside what the card and the sheet cover.
 *
 * @typedef {import("./view-link.js").View} View
 * @typedef {import("./geo.js").Place} Place
 */

import { calm } from "./appearance.js";
import { LatLngBounds, Point } from "./leaflet.js";

const CLOSE_ZOOM = 12.5;
/** Further than this a map jumps instead of flying. */
export const FLIGHT_SCREENS = 2;

export class MapView {
  #map;
  #home;

  /**
   * @param {import("leaflet").Map} map
   * @param {View} home
   */
  constructor(map, home) {
    this.#map = map;
    this.#home = home;
  }

  /** @returns {View} */
  get view() {
    const { lat, lng } = this.#map.getCenter();
    return { latitude: lat, longitude: lng, zoom: this.#map.getZoom() };
  }

  /** @param {View} view */
  set({ latitude, longitude, zoom }) {
    this.#map.setView([latitude, longitude], zoom, { animate: false });
  }

  home() {
    this.set(this.#home);
  }

  /**
   * Bring a place into the part of the map that nothing covers.
   * @param {Place} place
   * @param {{closer: boolean}} how
   */
  flyTo({ latitude, longitude }, { closer }) {
    const zoom = closer ? Math.max(this.#map.getZoom(), CLOSE_ZOOM) : this.#map.getZoom();
    const target = this.#centreFor([latitude, longitude], zoom);
    const here = this.#map.project(this.#map.getCenter(), zoom);
    const away_px = this.#map.project(target, zoom).distanceTo(here);
    const isFar = away_px > FLIGHT_SCREENS * this.screen_px;
    if (calm.matches || document.hidden || isFar) this.#map.setView(target, zoom, { animate: false });
    else if (zoom !== this.#map.getZoom()) this.#map.flyTo(target, zoom, { duration: 0.8 });
    else this.#map.panTo(target, { duration: 0.6 });
  }

  /**
   * Show all of them.
   * @param {Place[]} places
   */
  fit(places) {
    if (places.length === 0) return this.home();
    const { left, top, right, bottom } = this.#covered();
    this.#map.fitBounds(new LatLngBounds(places.map(({ latitude, longitude }) => [latitude, longitude])), {
      paddingTopLeft: [left + 48, top + 48],
      paddingBottomRight: [right + 48, bottom + 48],
      maxZoom: 14,
      animate: !calm.matches,
    });
  }

  /**
   * Whether three quarters of them are in the view.
   * @param {Place[]} places
   */
  showsMost(places) {
    return places.filter((place) => this.contains(place)).length * 4 >= places.length * 3;
  }

  /** @param {Place} place */
  contains({ latitude, longitude }) {
    const bounds = this.#map.getBounds();
    const turns = Math.round((this.#map.getCenter().lng - longitude) / 360);
    return bounds.contains([latitude, longitude + turns * 360]);
  }

  /** The longer side of the map. */
  get screen_px() {
    const { x, y } = this.#map.getSize();
    return Math.max(x, y);
  }

  /** How much of each side lies under the card or the sheet, in pixels. */
  #covered() {
    const box = this.#map.getContainer().getBoundingClientRect();
    const covered = { left: 0, top: 0, right: 0, bottom: 0 };
    for (const cover of document.querySelectorAll("[data-covers]")) {
      const { left, top, width, height } = cover.getBoundingClientRect();
      if (!width || !height || top >= box.bottom) continue;
      const side = getComputedStyle(cover).getPropertyValue("--covers").trim();
      if (side === "bottom") covered.bottom = Math.max(covered.bottom, box.bottom - top);
      if (side === "right") covered.right = Math.max(covered.right, box.right - left);
    }
    covered.bottom = Math.min(covered.bottom, box.height * 0.7);
    return covered;
  }

  /**
   * @param {[number, number]} place latitude, longitude
   * @param {number} zoom
   */
  #centreFor(place, zoom) {
    const { left, top, right, bottom } = this.#covered();
    const shift = new Point((right - left) / 2, (bottom - top) / 2);
    return this.#map.unproject(this.#map.project(place, zoom).add(shift), zoom);
  }
}
