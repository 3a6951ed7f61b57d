// @ts-check
/** What is being measured, on the map: great circles, their ends, and what each leg comes to. */

import { CanvasLayer, worldX, worldY } from "./canvas-layer.js";
import { degrees } from "./format.js";
import { greatCircle, nearTurn } from "./geo.js";
import { legOf } from "./measure.js";
import { colour, family } from "./palette.js";
import { distanceText } from "./units.js";

/** @typedef {import("./measure.js").Place} Place */
/** @typedef {import("./canvas-layer.js").Frame} Frame */

/** A great circle is bent on the chart: so many pieces look like a curve. */
const PIECES = 64;
const KNOB_PX = 4.5;

export class MeasureLayer extends CanvasLayer {
  /** @type {readonly Place[]} */
  #places = [];
  /** @type {Place | null} */
  #pointer = null;

  constructor() {
    super("measure", "measure-layer");
  }

  /**
   * @param {readonly Place[]} places
   * @param {Place | null} pointer a leg that is not set yet leads there
   */
  show(places, pointer) {
    if (places.length + this.#places.length === 0 && !pointer && !this.#pointer) return;
    this.#places = places;
    this.#pointer = pointer;
    this.redraw();
  }

  /** @override */
  get isBlank() {
    return this.#places.length === 0;
  }

  /**
   * @override
   * @param {CanvasRenderingContext2D} context
   * @param {Frame} frame
   */
  draw(context, frame) {
    const last = this.#places.at(-1);
    if (!last) return;
    context.lineJoin = "round";
    context.lineCap = "round";
    const legs = this.#places.slice(1).map((to, i) => onChart(frame, this.#places[i], to));
    for (const leg of legs) drawLine(context, leg.points, []);
    if (this.#pointer) drawLine(context, onChart(frame, last, this.#pointer).points, [6, 6]);
    for (const place of this.#places) drawKnob(context, pixelOf(frame, place));
    for (const leg of legs) drawResult(context, leg);
    if (this.#pointer) drawResult(context, onChart(frame, last, this.#pointer));
  }
}

/** @typedef {{points: {x: number, y: number}[], text: string}} ChartLeg */

/**
 * @param {Frame} frame
 * @param {Place} from
 * @param {Place} to
 * @returns {ChartLeg}
 */
function onChart(frame, from, to) {
  const { distance_nm, bearing_degrees } = legOf(from, to);
  const start = { ...from, longitude: nearView(frame, from.longitude) };
  const points = greatCircle(start, to, PIECES).map((place) => ({
    x: worldX(place.longitude) * frame.worldSize - frame.left,
    y: worldY(place.latitude) * frame.worldSize - frame.top,
  }));
  return { points, text: `${distanceText(distance_nm)} · ${degrees(bearing_degrees)}` };
}

/**
 * @param {Frame} frame
 * @param {Place} place
 */
function pixelOf(frame, { latitude, longitude }) {
  const x = worldX(nearView(frame, longitude)) * frame.worldSize - frame.left;
  return { x, y: worldY(latitude) * frame.worldSize - frame.top };
}

/**
 * In the copy of the world that is in the view.
 * @param {Frame} frame
 * @param {number} longitude
 */
function nearView({ left, width, worldSize }, longitude) {
  const middle = ((left + width / 2) / worldSize) * 360 - 180;
  return middle + nearTurn(longitude - middle);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {{x: number, y: number}[]} points
 * @param {number[]} dashes
 */
function drawLine(context, points, dashes) {
  context.beginPath();
  for (const { x, y } of points) context.lineTo(x, y);
  context.setLineDash([]);
  context.lineWidth = 5;
  context.strokeStyle = colour("measure-halo");
  context.stroke();
  context.setLineDash(dashes);
  context.lineWidth = 2;
  context.strokeStyle = colour("measure");
  context.stroke();
  context.setLineDash([]);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {{x: number, y: number}} at
 */
function drawKnob(context, { x, y }) {
  context.beginPath();
  context.arc(x, y, KNOB_PX, 0, 2 * Math.PI);
  context.fillStyle = colour("measure-halo");
  context.fill();
  context.lineWidth = 2;
  context.strokeStyle = colour("measure");
  context.stroke();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {ChartLeg} leg
 */
function drawResult(context, { points, text }) {
  const { x, y } = points[points.length >> 1];
  context.font = `650 12px ${family()}`;
  context.textAlign = "center";
  context.textBaseline = "bottom";
  context.lineWidth = 4;
  context.strokeStyle = colour("measure-halo");
  context.strokeText(text, x, y - 7);
  context.fillStyle = colour("measure");
  context.fillText(text, x, y - 7);
  context.textAlign = "start";
}
