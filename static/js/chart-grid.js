// @ts-check
/**
 * The lines of a chart's grid: a step that suits the scale, and where they run.
 *
 * @typedef {import("./canvas-layer.js").Frame} Frame
 *
 * @typedef {object} GridLines pixels on the canvas
 * @property {number} step_degrees
 * @property {{x: number, longitude: number}[]} meridians
 * @property {{y: number, latitude: number}[]} parallels
 */

import { latitudeAt, worldX, worldY } from "./mercator.js";

const STEPS = [30, 15, 10, 5, 2, 1, 1 / 2, 1 / 6, 1 / 12, 1 / 30, 1 / 60, 1 / 120, 1 / 300];
const LEAST_PX = 170;

/**
 * @param {Frame} frame
 * @returns {GridLines}
 */
export function gridLines({ worldSize, left, top, width, height }) {
  const step = STEPS.findLast((degrees) => (degrees / 360) * worldSize >= LEAST_PX) ?? 30;
  const west = (left / worldSize) * 360 - 180;
  const east = ((left + width) / worldSize) * 360 - 180;
  const north = Math.min(85, latitudeAt(top / worldSize));
  const south = Math.max(-85, latitudeAt((top + height) / worldSize));
  return {
    step_degrees: step,
    meridians: multiples(west, east, step).map((longitude) => ({ x: worldX(longitude) * worldSize - left, longitude })),
    parallels: multiples(south, north, step).map((latitude) => ({ y: worldY(latitude) * worldSize - top, latitude })),
  };
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Frame} frame
 * @param {string} style
 */
export function strokeGrid(context, frame, style) {
  const { meridians, parallels } = gridLines(frame);
  context.beginPath();
  for (const { x } of meridians) {
    context.moveTo(Math.round(x) + 0.5, 0);
    context.lineTo(Math.round(x) + 0.5, frame.height);
  }
  for (const { y } of parallels) {
    context.moveTo(0, Math.round(y) + 0.5);
    context.lineTo(frame.width, Math.round(y) + 0.5);
  }
  context.lineWidth = 1;
  context.strokeStyle = style;
  context.stroke();
}

/**
 * @param {number} from
 * @param {number} to
 * @param {number} step
 */
function multiples(from, to, step) {
  const found = [];
  for (let i = Math.ceil(from / step); i <= Math.floor(to / step); i += 1) found.push(i * step);
  return found;
}

/**
 * Degrees, and minutes when the lines stand closer than a degree: 57° 30′ N, 11° 42.5′ E.
 * @param {number} value
 * @param {number} step_degrees
 * @param {"NS" | "EW"} ends
 */
export function graduation(value, step_degrees, ends) {
  const tenths = Math.round(Math.abs(value) * 600);
  const [whole, minutes] = [Math.floor(tenths / 600), (tenths % 600) / 10];
  const end = tenths === 0 ? "" : ` ${value < 0 ? ends[1] : ends[0]}`;
  if (step_degrees >= 1) return `${whole}°${end}`;
  const shown = step_degrees * 60 < 1 ? minutes.toFixed(1).padStart(4, "0") : String(minutes).padStart(2, "0");
  return `${whole}° ${shown}′${end}`;
}
