// @ts-check
/** How the speed chart is drawn: axes in the reader's time, stops as a ground, gaps left open. */

import { colour } from "./palette.js";
import { speedRole } from "./speed-scale.js";
import { speedIn } from "./units.js";
import { language } from "./words.js";

/**
 * @typedef {import("./voyage.js").Voyage} Voyage
 *
 * @typedef {object} ChartFrame
 * @property {number} width CSS pixels
 * @property {number} height
 * @property {number} from_ms
 * @property {number} to_ms
 * @property {number} top of the scale, in the reader's unit
 * @property {(at_ms: number) => number} xOf
 * @property {(x: number) => number} timeAt
 * @property {(speed: number) => number} yAt a speed in the reader's unit
 * @property {(knots: number) => number} yOf
 */

const [LEFT, RIGHT, TOP, BOTTOM] = [34, 12, 12, 24];
const TOPS = [2, 4, 6, 8, 10, 12, 16, 20, 24, 30, 40, 50, 60, 80, 100, 200, 500, 1_000];
const MINUTE = 60_000;
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1_440, 2_880, 7_200].map((minutes) => minutes * MINUTE);
const TICK_PX = 84;
const DAY = 1_440 * MINUTE;
const TIME = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const SPEED = new Intl.NumberFormat(language);
const DATE = new Intl.DateTimeFormat(language, { day: "numeric", month: "short" });

/**
 * @param {Voyage} voyage
 * @param {number} width
 * @param {number} height
 * @returns {ChartFrame}
 */
export function frameOf({ points, from, to }, width, height) {
  const from_ms = points[0]?.at ?? Date.parse(from);
  const to_ms = Math.max(from_ms + 1_000, points.at(-1)?.at ?? Date.parse(to));
  const fastest = speedIn(points.reduce((most, { speed }) => Math.max(most, speed ?? 0), 0));
  const top = TOPS.find((one) => one >= fastest) ?? fastest;
  const across = width - LEFT - RIGHT;
  const high = height - TOP - BOTTOM;
  const yAt = (/** @type {number} */ speed) => TOP + high - (Math.min(speed, top) / top) * high;
  return {
    width, height, from_ms, to_ms, top, yAt,
    xOf: (at_ms) => LEFT + ((at_ms - from_ms) / (to_ms - from_ms)) * across,
    timeAt: (x) => from_ms + ((x - LEFT) / across) * (to_ms - from_ms),
    yOf: (knots) => yAt(speedIn(knots)),
  };
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {ChartFrame} frame
 * @param {Voyage} voyage
 */
export function drawChart(canvas, frame, voyage) {
  const ratio = devicePixelRatio || 1;
  canvas.width = Math.round(frame.width * ratio);
  canvas.height = Math.round(frame.height * ratio);
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.scale(ratio, ratio);
  context.font = `500 11px ${getComputedStyle(canvas).fontFamily}`;
  drawStops(context, frame, voyage);
  drawScale(context, frame);
  drawTimes(context, frame);
  drawSpeeds(context, frame, voyage.points);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {ChartFrame} frame
 * @param {Voyage} voyage
 */
function drawStops(context, { xOf, yAt, top: most }, { stops }) {
  context.fillStyle = colour("surface-chosen");
  const [top, bottom] = [yAt(most), yAt(0)];
  for (const { begin_s, end_s } of stops) {
    const [from, to] = [xOf(begin_s * 1_000), xOf(end_s * 1_000)];
    context.fillRect(from, top, Math.max(1, to - from), bottom - top);
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {ChartFrame} frame
 */
function drawScale(context, { width, yAt, top }) {
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const part of [0, 0.5, 1]) {
    const y = Math.round(yAt(top * part)) + 0.5;
    line(context, LEFT, y, width - RIGHT, y, "line");
    context.fillStyle = colour("text-soft");
    context.fillText(SPEED.format(top * part), LEFT - 8, y);
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {ChartFrame} frame
 */
function drawTimes(context, { width, height, from_ms, to_ms, xOf }) {
  const step = STEPS.find((one) => ((width - LEFT - RIGHT) * one) / (to_ms - from_ms) >= TICK_PX) ?? 5 * DAY;
  // Full hours and days are those of the reader's own clock.
  const offset = new Date(from_ms).getTimezoneOffset() * MINUTE;
  context.textAlign = "center";
  context.textBaseline = "alphabetic";
  for (let at = Math.ceil((from_ms - offset) / step) * step + offset; at <= to_ms; at += step) {
    const x = Math.round(xOf(at)) + 0.5;
    line(context, x, height - BOTTOM, x, height - BOTTOM + 4, "line-strong");
    const isMidnight = (at - offset) % DAY === 0;
    context.fillStyle = colour(isMidnight ? "text" : "text-soft");
    if (x > LEFT + 8 && x < width - 24) context.fillText(isMidnight ? DATE.format(at) : TIME.format(at), x, height - 6);
  }
}

/**
 * A thin ground under the line, and the line in the colours of the map.
 * @param {CanvasRenderingContext2D} context
 * @param {ChartFrame} frame
 * @param {import("./voyage.js").Point[]} points
 */
function drawSpeeds(context, { xOf, yOf }, points) {
  const ground = new Path2D();
  /** @type {Map<string, Path2D>} */
  const byRole = new Map();
  const zero = yOf(0);
  for (let i = 1; i < points.length; i += 1) {
    const [from, to] = [points[i - 1], points[i]];
    if (to.isGap || to.speed === null) continue;
    const [x1, y1, x2, y2] = [xOf(from.at), yOf(from.speed ?? to.speed), xOf(to.at), yOf(to.speed)];
    const role = speedRole(to.speed);
    const path = byRole.get(role) ?? new Path2D();
    path.moveTo(x1, y1);
    path.lineTo(x2, y2);
    byRole.set(role, path);
    ground.moveTo(x1, zero);
    ground.lineTo(x1, y1);
    ground.lineTo(x2, y2);
    ground.lineTo(x2, zero);
  }
  context.fillStyle = colour("selection-glow");
  context.fill(ground);
  context.lineJoin = context.lineCap = "round";
  for (const [width, isEdge] of /** @type {const} */ ([[3.4, true], [2, false]])) {
    for (const [role, path] of byRole) {
      context.lineWidth = width;
      context.strokeStyle = colour(isEdge ? "hull-outline" : role);
      context.stroke(path);
    }
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} x1
 * @param {number} y1
 * @param {number} x2
 * @param {number} y2
 * @param {string} role
 */
function line(context, x1, y1, x2, y2, role) {
  context.beginPath();
  context.moveTo(x1, y1);
  context.lineTo(x2, y2);
  context.lineWidth = 1;
  context.strokeStyle = colour(role);
  context.stroke();
}
