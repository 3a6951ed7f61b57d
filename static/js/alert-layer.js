// @ts-check
/** Where alerts were raised, on the map: a ring with a cross, which no vessel looks like. */

import { CanvasLayer, worldX, worldY } from "./canvas-layer.js";
import { nearTurn } from "./geo.js";
import { colour } from "./palette.js";

/** @typedef {import("./alert-book.js").Alert} Alert */
/** @typedef {import("./canvas-layer.js").Frame} Frame */

const RING_PX = 15;
const CROSS_PX = 6;

export class AlertLayer extends CanvasLayer {
  /** @type {readonly Alert[]} */
  #alerts = [];

  constructor() {
    super("alerts", "alert-layer");
  }

  /** @param {readonly Alert[]} alerts those that nobody has seen */
  show(alerts) {
    if (alerts.length + this.#alerts.length === 0) return;
    this.#alerts = alerts;
    this.redraw();
  }

  /**
   * @override
   * @param {CanvasRenderingContext2D} context
   * @param {Frame} frame
   */
  draw(context, frame) {
    for (const alert of this.#alerts) {
      const at = pixelOf(frame, alert);
      if (at) drawMark(context, at, alert.isOver);
    }
  }
}

/**
 * @param {Frame} frame
 * @param {Alert} alert
 */
function pixelOf({ left, top, width, worldSize }, { latitude, longitude }) {
  if (latitude === null || longitude === null) return null;
  const middle = ((left + width / 2) / worldSize) * 360 - 180;
  const near = middle + nearTurn(longitude - middle);
  return { x: worldX(near) * worldSize - left, y: worldY(latitude) * worldSize - top };
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {{x: number, y: number}} at
 * @param {boolean} isOver then only the ring
 */
function drawMark(context, { x, y }, isOver) {
  context.lineCap = "round";
  for (const [width, role] of /** @type {const} */ ([[7, "distress-halo"], [3.5, "distress-mark"]])) {
    context.lineWidth = width;
    context.strokeStyle = colour(role);
    context.beginPath();
    context.arc(x, y, RING_PX, 0, 2 * Math.PI);
    if (!isOver) cross(context, x, y);
    context.stroke();
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} x
 * @param {number} y
 */
function cross(context, x, y) {
  context.moveTo(x - CROSS_PX, y - CROSS_PX);
  context.lineTo(x + CROSS_PX, y + CROSS_PX);
  context.moveTo(x + CROSS_PX, y - CROSS_PX);
  context.lineTo(x - CROSS_PX, y + CROSS_PX);
}
