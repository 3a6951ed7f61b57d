// @ts-check
/** The one fix that the reader points at, and the vessel as she is now. */

import { CanvasLayer, worldX, worldY } from "./canvas-layer.js";
import { addShape } from "./hull-path.js";
import { bearingOf, roleOf, shapeOf } from "./kind.js";
import { colour } from "./palette.js";

const RING_PX = 9;
const HULL_PX = 11;

export class PointerLayer extends CanvasLayer {
  /** World coordinates. @type {{x: number, y: number} | null} */
  #pointed = null;
  /** @type {import("./fleet.js").Vessel | null} */
  #vessel = null;

  constructor() {
    super("pointer", "pointer-layer");
  }

  /** @param {{x: number, y: number} | null} spot world coordinates */
  point(spot) {
    this.#pointed = spot;
    this.redraw();
  }

  /** @param {import("./fleet.js").Vessel | null} vessel */
  put(vessel) {
    this.#vessel = vessel;
    this.redraw();
  }

  /**
   * @override
   * @param {CanvasRenderingContext2D} context
   * @param {import("./canvas-layer.js").Frame} frame
   */
  draw(context, frame) {
    if (this.#vessel) drawVessel(context, frame, this.#vessel);
    if (!this.#pointed) return;
    const x = this.#pointed.x * frame.worldSize - frame.left;
    const y = this.#pointed.y * frame.worldSize - frame.top;
    context.beginPath();
    context.arc(x, y, RING_PX, 0, 2 * Math.PI);
    context.fillStyle = colour("selection-glow");
    context.fill();
    for (const [width, role] of /** @type {const} */ ([[6, "hull-halo"], [3, "selection"]])) {
      context.lineWidth = width;
      context.strokeStyle = colour(role);
      context.stroke();
    }
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {import("./canvas-layer.js").Frame} frame
 * @param {import("./fleet.js").Vessel} vessel
 */
function drawVessel(context, frame, vessel) {
  if (vessel.latitude === null || vessel.longitude === null) return;
  const x = worldX(vessel.longitude) * frame.worldSize - frame.left;
  const y = worldY(vessel.latitude) * frame.worldSize - frame.top;
  const [shape, bearing] = [shapeOf(vessel), bearingOf(vessel) ?? 0];
  for (const [rim, role] of /** @type {[number, string][]} */ ([[2.6, "hull-halo"], [1.3, "hull-outline"], [0, roleOf(vessel, "status")]])) {
    const path = new Path2D();
    addShape(path, shape, x, y, HULL_PX, bearing, rim);
    context.fillStyle = colour(role);
    context.fill(path, "evenodd");
  }
}
