// @ts-check
/**
 * What is drawn of the fleet, from the lowest to the highest: wakes, ways ahead, hulls, those that
 * were chosen, names.
 *
 * @typedef {import("./vessel-mark.js").Mark} Mark
 * @typedef {import("./canvas-layer.js").Frame} Frame
 * @typedef {import("./vessel-dots.js").Box} Box
 * @typedef {Readonly<import("./map-options.js").Options>} Options
 *
 * @typedef {object} Scene
 * @property {Map<string, Mark>} marks of everybody
 * @property {Mark[]} seen those that are on the canvas, unless it is crowded
 * @property {boolean} isCrowded they are dots
 */

import { drawLabels, hasRoom } from "./vessel-labels.js";
import { drawVectors, drawWakes } from "./vessel-lines.js";
import { GLOW_REACH_PX, drawEach, drawGlow, drawTogether } from "./vessel-shapes.js";

/** From here on hulls are small, drawn all at once and without halo. */
const DENSE_FROM = 600;

export class VesselPicture {
  /** @type {string | null} */
  selected = null;
  /** @type {string | null} */
  hovered = null;
  #trails;

  /** @param {import("./trail-layer.js").TrailLayer} trails */
  constructor(trails) {
    this.#trails = trails;
  }

  /**
   * Those that are few enough to have a shape each, but for those that were chosen.
   * @param {CanvasRenderingContext2D} context
   * @param {Frame} frame
   * @param {Mark[]} seen
   * @param {Options} options
   */
  drawHulls(context, frame, seen, { vectors }) {
    const selected = seen.find(({ id }) => id === this.selected);
    const others = seen.filter(({ id }) => id !== this.selected && id !== this.hovered);
    const size = sizeAt(frame.zoom);
    drawWakes(context, frame, seen, (id) => this.#trails.endOf(id), this.selected);
    if (vectors) drawVectors(context, frame, seen, vectors);
    if (selected) drawGlow(context, selected);
    if (seen.length > DENSE_FROM) drawTogether(context, others, () => size * 0.7);
    else drawEach(context, others.toSorted((a, b) => this.#rank(b) - this.#rank(a)), () => size);
  }

  /**
   * However many there are, those that were chosen can be seen among them.
   * @param {CanvasRenderingContext2D} context
   * @param {Frame} frame
   * @param {Scene} scene
   * @param {Options} options
   * @returns {{chosen: Box[], names: Box[]}} what they cover
   */
  drawChosen(context, frame, { marks, seen, isCrowded }, { labels }) {
    const ids = new Set([this.hovered, this.selected]);
    const chosen = [...ids].flatMap((id) => (id && marks.get(id)) || []);
    const selected = chosen.find(({ id }) => id === this.selected);
    if (selected && isCrowded) drawGlow(context, selected);
    drawEach(context, chosen, () => sizeAt(frame.zoom) * 1.25);
    const named = !isCrowded && hasRoom(seen.length, frame.zoom) ? seen : chosen;
    return { chosen: chosen.map(boxAround), names: labels ? this.#drawLabels(context, frame, named) : [] };
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Frame} frame
   * @param {Mark[]} named
   */
  #drawLabels(context, { zoom }, named) {
    const inOrder = named.toSorted((a, b) => this.#rank(a) - this.#rank(b));
    return drawLabels(context, inOrder, this.selected, sizeAt(zoom));
  }

  /** @param {Mark} mark */
  #rank({ id, kind }) {
    if (id === this.selected) return 0;
    if (id === this.hovered) return 1;
    return kind === "silent" ? 3 : 2;
  }
}

/** @param {number} zoom */
const sizeAt = (zoom) => Math.max(5, Math.min(12, 5.5 + (zoom - 7) * 0.85));

/** @param {Mark} mark */
function boxAround({ x, y }) {
  return { x: x - GLOW_REACH_PX, y: y - GLOW_REACH_PX, width: 2 * GLOW_REACH_PX, height: 2 * GLOW_REACH_PX };
}
