// @ts-check
/** A track on the canvas: coloured by speed, dashed across gaps, with its stops and its doubts. */

import { CanvasLayer, worldX, worldY } from "./canvas-layer.js";
import { colour } from "./palette.js";
import { speedRole } from "./speed-scale.js";

/**
 * @typedef {import("./voyage.js").Voyage} Voyage
 * @typedef {{x: number, y: number}} Spot
 */

const WIDTH_PX = 3;
const HALO_PX = 6;
const STOP_PX = 6;
const CROSS_PX = 5;
const END_PX = 5;

export class TrackLayer extends CanvasLayer {
  /** World coordinates of the points. @type {Spot[]} */
  spots = [];
  /** @type {Voyage | null} */
  #voyage = null;
  #hasDoubts = false;

  constructor() {
    super("track", "track-layer");
  }

  /** @param {Voyage} voyage */
  show(voyage) {
    this.#voyage = voyage;
    this.spots = unwound(voyage.points);
    this.redraw();
  }

  /** @param {boolean} hasDoubts whether what was put aside is drawn too */
  showDoubts(hasDoubts) {
    this.#hasDoubts = hasDoubts;
    this.redraw();
  }

  /**
   * @override
   * @param {CanvasRenderingContext2D} context
   * @param {import("./canvas-layer.js").Frame} frame
   */
  draw(context, frame) {
    const voyage = this.#voyage;
    if (!voyage) return;
    context.save();
    context.lineCap = context.lineJoin = "round";
    this.#drawLine(context, frame, voyage.points);
    for (const stop of voyage.stops) drawStop(context, this.#near(frame, stop));
    this.#drawEnds(context, frame);
    if (this.#hasDoubts) for (const doubt of voyage.doubts) drawCross(context, this.#near(frame, doubt));
    context.restore();
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {import("./canvas-layer.js").Frame} frame
   * @param {import("./voyage.js").Point[]} points
   */
  #drawLine(context, frame, points) {
    const whole = new Path2D();
    const guessed = new Path2D();
    /** @type {Map<string, Path2D>} */
    const byRole = new Map();
    for (let i = 1; i < points.length; i += 1) {
      const [from, to] = [onCanvas(frame, this.spots[i - 1]), onCanvas(frame, this.spots[i])];
      if (points[i].isGap) {
        addLine(guessed, from, to);
        continue;
      }
      addLine(whole, from, to);
      const role = speedRole(points[i].speed);
      const path = byRole.get(role) ?? new Path2D();
      addLine(path, from, to);
      byRole.set(role, path);
    }
    stroke(context, whole, HALO_PX, "hull-halo");
    stroke(context, whole, WIDTH_PX + 1.4, "hull-outline");
    for (const [role, path] of byRole) stroke(context, path, WIDTH_PX, role);
    context.setLineDash([2, 7]);
    stroke(context, guessed, 4, "hull-halo");
    stroke(context, guessed, 2, "label-text");
    context.setLineDash([]);
  }

  /**
   * Where the track begins (hollow) and where it ends (full).
   * @param {CanvasRenderingContext2D} context
   * @param {import("./canvas-layer.js").Frame} frame
   */
  #drawEnds(context, frame) {
    const [first, last] = [this.spots[0], this.spots.at(-1)];
    if (!first || !last) return;
    dot(context, onCanvas(frame, first), END_PX, "hull-core");
    dot(context, onCanvas(frame, last), END_PX, "label-text");
  }

  /**
   * A place beside the track, on the same turn of the world as its end.
   * @param {import("./canvas-layer.js").Frame} frame
   * @param {{latitude: number | null, longitude: number | null}} place
   */
  #near(frame, { latitude, longitude }) {
    if (latitude === null || longitude === null) return null;
    const turns = Math.round((this.spots[0]?.x ?? 0.5) - worldX(longitude));
    return onCanvas(frame, { x: worldX(longitude) + turns, y: worldY(latitude) });
  }
}

/**
 * World coordinates of a track that may cross the antimeridian: it goes on, not round the world.
 * @param {{latitude: number, longitude: number}[]} places
 */
function unwound(places) {
  let turns = 0;
  let before = NaN;
  return places.map(({ latitude, longitude }) => {
    const x = worldX(longitude);
    if (x - before > 0.5) turns -= 1;
    if (x - before < -0.5) turns += 1;
    before = x;
    return { x: x + turns, y: worldY(latitude) };
  });
}

/**
 * @param {import("./canvas-layer.js").Frame} frame
 * @param {Spot} spot
 */
function onCanvas({ worldSize, left, top }, { x, y }) {
  return { x: x * worldSize - left, y: y * worldSize - top };
}

/**
 * @param {Path2D} path
 * @param {Spot} from
 * @param {Spot} to
 */
function addLine(path, from, to) {
  path.moveTo(from.x, from.y);
  path.lineTo(to.x, to.y);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Path2D} path
 * @param {number} width
 * @param {string} role
 */
function stroke(context, path, width, role) {
  context.lineWidth = width;
  context.strokeStyle = colour(role);
  context.stroke(path);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Spot} spot
 * @param {number} radius
 * @param {string} role
 */
function dot(context, { x, y }, radius, role) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fillStyle = colour(role);
  context.fill();
  context.lineWidth = 2;
  context.strokeStyle = colour(role === "hull-core" ? "label-text" : "hull-core");
  context.stroke();
}

/**
 * A diamond, as a vessel at rest has on the map.
 * @param {CanvasRenderingContext2D} context
 * @param {Spot | null} spot
 */
function drawStop(context, spot) {
  if (!spot) return;
  context.beginPath();
  context.moveTo(spot.x, spot.y - STOP_PX);
  context.lineTo(spot.x + STOP_PX, spot.y);
  context.lineTo(spot.x, spot.y + STOP_PX);
  context.lineTo(spot.x - STOP_PX, spot.y);
  context.closePath();
  context.lineWidth = 4;
  context.strokeStyle = colour("hull-halo");
  context.stroke();
  context.lineWidth = 1.5;
  context.strokeStyle = colour("hull-outline");
  context.fillStyle = colour("kind-stopped");
  context.fill();
  context.stroke();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Spot | null} spot
 */
function drawCross(context, spot) {
  if (!spot) return;
  const path = new Path2D();
  addLine(path, { x: spot.x - CROSS_PX, y: spot.y - CROSS_PX }, { x: spot.x + CROSS_PX, y: spot.y + CROSS_PX });
  addLine(path, { x: spot.x - CROSS_PX, y: spot.y + CROSS_PX }, { x: spot.x + CROSS_PX, y: spot.y - CROSS_PX });
  stroke(context, path, 6, "hull-halo");
  stroke(context, path, 2.5, "danger-text");
}
