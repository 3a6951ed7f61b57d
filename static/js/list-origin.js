// @ts-check
/**
 * From where distances are taken when no berth was chosen: where the pointer was last on the
 * map, as long as that is in the view; else the middle of the map, which fingers and keys have.
 *
 * @typedef {import("./geo.js").Place} Place
 * @typedef {import("./geo.js").Box} Box
 *
 * @typedef {object} Chart the map, as far as the list must know it
 * @property {() => Box} box what is in the view
 * @property {() => Place} centre
 * @property {(x: number, y: number) => Place} placeAt of a point of the window
 */

import { isWithin } from "./geo.js";

export class ListOrigin {
  #chart;
  /** @type {Place | null} */
  #cursor = null;

  /**
   * @param {HTMLElement} map
   * @param {Chart} chart
   * @param {() => void} onMove the pointer is elsewhere
   */
  constructor(map, chart, onMove) {
    this.#chart = chart;
    map.addEventListener("pointermove", ({ pointerType, clientX, clientY }) => {
      if (pointerType === "touch") return;
      this.#cursor = chart.placeAt(clientX, clientY);
      onMove();
    }, { passive: true });
  }

  /** Whether a pointer says it. */
  get isCursor() {
    return this.#cursor !== null && isWithin(this.#chart.box(), this.#cursor);
  }

  /** @returns {Place} */
  get place() {
    return this.isCursor && this.#cursor ? this.#cursor : this.#chart.centre();
  }
}
