// @ts-check
/**
 * Lines that move with the vessels: the way they are about to go, and the last piece of their
 * trails, which must not run ahead of a marker that glides.
 *
 * @typedef {import("./vessel-mark.js").Mark} Mark
 * @typedef {import("./canvas-layer.js").Frame} Frame
 */

import { colour } from "./palette.js";
import { strokeTrail } from "./trail-layer.js";

/**
 * Where each would be in so many minutes, if nothing changed.
 * @param {CanvasRenderingContext2D} context
 * @param {Frame} frame
 * @param {Mark[]} marks
 * @param {number} minutes
 */
export function drawVectors(context, { worldSize }, marks, minutes) {
  const path = new Path2D();
  for (const { ahead, x, y } of marks) {
    if (!ahead) continue;
    const [dx, dy] = [ahead.x * worldSize * minutes, ahead.y * worldSize * minutes];
    const length = Math.hypot(dx, dy);
    if (length < 6) continue;
    path.moveTo(x, y);
    path.lineTo(x + dx, y + dy);
    // The bar at the end says where the minutes are over.
    path.moveTo(x + dx - (dy / length) * 3.5, y + dy + (dx / length) * 3.5);
    path.lineTo(x + dx + (dy / length) * 3.5, y + dy - (dx / length) * 3.5);
  }
  context.lineCap = "round";
  context.lineWidth = 4;
  context.strokeStyle = colour("trail-halo");
  context.stroke(path);
  context.lineWidth = 1.6;
  context.strokeStyle = colour("vector");
  context.stroke(path);
}

/**
 * From where each trail ends to where the vessel is drawn.
 * @param {CanvasRenderingContext2D} context
 * @param {Frame} frame
 * @param {Mark[]} marks
 * @param {(id: string) => import("./trail-layer.js").End | undefined} endOf
 * @param {string | null} selected
 */
export function drawWakes(context, { worldSize, left, top }, marks, endOf, selected) {
  const others = { sailed: new Path2D(), guessed: new Path2D() };
  const chosen = { sailed: new Path2D(), guessed: new Path2D() };
  for (const { id, x, y } of marks) {
    const end = endOf(id);
    if (!end) continue;
    // The copy of the world in which the marker stands.
    const turns = Math.round((x + left) / worldSize - end.x);
    const path = (id === selected ? chosen : others)[end.isGap ? "guessed" : "sailed"];
    path.moveTo((end.x + turns) * worldSize - left, end.y * worldSize - top);
    path.lineTo(x, y);
  }
  strokeTrail(context, others.sailed, others.guessed, false);
  strokeTrail(context, chosen.sailed, chosen.guessed, true);
}
