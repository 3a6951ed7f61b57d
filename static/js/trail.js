// @ts-check
/** The last half hour of a vessel: solid where it reported, dashed where it was silent. */

import { worldX, worldY } from "./canvas-layer.js";
import { colour } from "./palette.js";

/**
 * @param {CanvasRenderingContext2D} context
 * @param {import("./canvas-layer.js").Frame} frame
 * @param {import("./fleet.js").Fix[]} fixes oldest first
 * @param {{x: number, y: number} | undefined} end where the vessel is drawn, in pixels
 * @param {number} gap_ms
 * @param {number} turns copies of the world to the east
 */
export function drawTrail(context, frame, fixes, end, gap_ms, turns) {
  const points = fixes.map(({ latitude, longitude, recordedAt }) => ({
    x: (worldX(longitude) + turns) * frame.worldSize - frame.left,
    y: worldY(latitude) * frame.worldSize - frame.top,
    recordedAt,
  }));
  // The marker glides towards the newest fix: the line must not run ahead of it.
  const newest = points.pop();
  if (newest && end) points.push({ ...end, recordedAt: newest.recordedAt });
  const sailed = new Path2D();
  const guessed = new Path2D();
  for (let i = 1; i < points.length; i += 1) {
    const isGap = points[i].recordedAt - points[i - 1].recordedAt > gap_ms;
    const path = isGap ? guessed : sailed;
    path.moveTo(points[i - 1].x, points[i - 1].y);
    path.lineTo(points[i].x, points[i].y);
  }
  context.save();
  context.lineCap = "round";
  draw(context, sailed, []);
  draw(context, guessed, [2, 7]);
  context.restore();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Path2D} path
 * @param {number[]} dashes
 */
function draw(context, path, dashes) {
  context.setLineDash(dashes);
  context.lineWidth = 5;
  context.strokeStyle = colour("trail-halo");
  context.stroke(path);
  context.lineWidth = 2.5;
  context.strokeStyle = colour("trail");
  context.stroke(path);
}
