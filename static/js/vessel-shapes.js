// @ts-check
/**
 * Vessels on the canvas, one path and one fill per colour. Age shows twice: the colour grows
 * pale, and the shape hollow (late: a pale core; silent: an outline).
 *
 * @typedef {import("./vessel-mark.js").Mark} Mark
 */

import { addShape } from "./hull-path.js";
import { colour } from "./palette.js";

/** How much of the colour is left, by age. */
export const FADES = [1, 0.95, 0.85, 0.75];
/** How thick the hull's side is around a pale core, in pixels; the fresh have none. */
const SIDES_PX = [0, 2.6, 2.2, 1.6];
const CORES = ["", "hull-core-late", "hull-core-late", "hull-core-silent"];
const OUTLINE_PX = 1.3;
const HALO_PX = 2.6;
const GLOW_PX = 22;
/** Nothing of a vessel that was chosen is drawn further out, but her name. */
export const GLOW_REACH_PX = GLOW_PX + 2;

/**
 * Few enough to keep each rim above the neighbour's: the freshest and the chosen on top.
 * @param {CanvasRenderingContext2D} context
 * @param {Mark[]} marks the lowest first
 * @param {(mark: Mark) => number} sizeOf
 */
export function drawEach(context, marks, sizeOf) {
  for (const mark of marks) {
    fill(context, [mark], sizeOf, HALO_PX, colour("hull-halo"));
    fill(context, [mark], sizeOf, OUTLINE_PX, colour("hull-outline"));
    fillAlike(context, [mark], sizeOf);
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Mark[]} marks
 * @param {(mark: Mark) => number} sizeOf
 */
export function drawTogether(context, marks, sizeOf) {
  fill(context, marks, sizeOf, OUTLINE_PX, colour("hull-outline"));
  for (const batch of alike(marks, ({ role, age }) => `${role}/${age}`)) fillAlike(context, batch, sizeOf);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Mark} selected
 */
export function drawGlow(context, { x, y }) {
  context.beginPath();
  context.arc(x, y, GLOW_PX, 0, 2 * Math.PI);
  context.fillStyle = colour("selection-glow");
  context.fill();
  context.strokeStyle = colour("selection");
  context.lineWidth = 2;
  context.stroke();
}

/**
 * The outline keeps its contrast; only what is inside it tells the age.
 * @param {CanvasRenderingContext2D} context
 * @param {Mark[]} batch all of one colour and age
 * @param {(mark: Mark) => number} sizeOf
 */
function fillAlike(context, batch, sizeOf) {
  const { role, age } = batch[0];
  if (age > 0) fill(context, batch, sizeOf, 0, colour("hull-pale"));
  context.globalAlpha = FADES[age];
  fill(context, batch, sizeOf, 0, colour(role));
  context.globalAlpha = 1;
  if (age > 0) fill(context, batch, sizeOf, -SIDES_PX[age], colour(CORES[age]));
}

/**
 * One path, one fill.
 * @param {CanvasRenderingContext2D} context
 * @param {Mark[]} marks
 * @param {(mark: Mark) => number} sizeOf
 * @param {number} rim pixels further out, or further in below zero
 * @param {string} style
 */
function fill(context, marks, sizeOf, rim, style) {
  const path = new Path2D();
  for (const mark of marks) addShape(path, mark.shape, mark.x, mark.y, sizeOf(mark), mark.bearing, rim);
  context.fillStyle = style;
  context.fill(path);
}

/**
 * @param {Mark[]} marks
 * @param {(mark: Mark) => string} keyOf
 */
function alike(marks, keyOf) {
  /** @type {Map<string, Mark[]>} */
  const batches = new Map();
  for (const mark of marks) {
    const key = keyOf(mark);
    const batch = batches.get(key);
    if (batch) batch.push(mark);
    else batches.set(key, [mark]);
  }
  return batches.values();
}
