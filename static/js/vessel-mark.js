// @ts-check
/**
 * A vessel as the map draws it: what it looks like, where its newest fix is, and where it stands
 * on the canvas just now.
 *
 * @typedef {object} Mark
 * @property {string} id
 * @property {string} name
 * @property {import("./kind.js").Kind} kind
 * @property {import("./kind.js").Shape} shape
 * @property {number} age 0 (fresh) to 3 (silent)
 * @property {string} role of its colour
 * @property {import("./glide.js").Place} place where the newest fix is
 * @property {import("./glide.js").Glide | null} glide the way there
 * @property {{x: number, y: number} | null} ahead the way of the next minute, world coordinates
 * @property {number} x pixels on the canvas, as it was drawn last
 * @property {number} y
 * @property {number} bearing degrees
 */

import { isOver, placeAt, turnRate } from "./glide.js";
import { bearingOf, isMoving, kindOf, roleOf, shapeOf } from "./kind.js";

/** Half of the largest mark. */
const EDGE_PX = 20;
/** From the middle of a hull. */
const TIP_PX = 12;

/**
 * @param {import("./fleet.js").Vessel} vessel
 * @param {import("./glide.js").Place} place
 * @param {import("./map-options.js").Options} options
 * @returns {Mark}
 */
export function markOf(vessel, place, options) {
  return {
    id: vessel.id,
    name: vessel.name,
    kind: kindOf(vessel),
    shape: shapeOf(vessel),
    age: vessel.age,
    role: roleOf(vessel, options.colour),
    place,
    glide: null,
    ahead: options.vectors ? minuteAhead(vessel) : null,
    x: NaN,
    y: NaN,
    bearing: bearingOf(vessel) ?? 0,
  };
}

/**
 * Where a vessel is drawn at this moment.
 * @param {Mark} mark
 * @param {number} now_ms
 */
export function placeNow(mark, now_ms) {
  if (!mark.glide) return mark.place;
  if (!isOver(mark.glide, now_ms)) return placeAt(mark.glide, now_ms);
  mark.glide = null;
  return mark.place;
}

/**
 * Put a mark onto a canvas, in the copy of the world that is nearest to the view.
 * @param {Mark} mark
 * @param {import("./glide.js").Place} place
 * @param {import("./canvas-layer.js").Frame} frame
 * @returns whether any of it can be seen there
 */
export function locate(mark, place, { worldSize, left, top, width, height }) {
  const middle = (left + width / 2) / worldSize;
  const x = (place.x + Math.round(middle - place.x)) * worldSize - left;
  const y = place.y * worldSize - top;
  mark.x = x;
  mark.y = y;
  mark.bearing = place.bearing ?? 0;
  return x >= -EDGE_PX && y >= -EDGE_PX && x <= width + EDGE_PX && y <= height + EDGE_PX;
}

/**
 * Whether two marks of a vessel differ at most in where they are.
 * @param {Mark} a
 * @param {Mark} b
 */
export function isAlike(a, b) {
  return a.role === b.role && a.shape === b.shape && a.age === b.age && a.kind === b.kind
    && a.name === b.name && a.ahead?.x === b.ahead?.x && a.ahead?.y === b.ahead?.y;
}

/**
 * Pixels a second, of the hull or of its tips while it turns.
 * @param {import("./glide.js").Glide} glide
 * @param {number} now_ms
 * @param {number} worldSize
 */
export function speedOf(glide, now_ms, worldSize) {
  const { from, to, lasts_ms } = glide;
  const straight = (Math.hypot(to.x - from.x, to.y - from.y) * worldSize * 1_000) / lasts_ms;
  return Math.max(straight, (turnRate(glide, now_ms) * Math.PI * TIP_PX) / 180);
}

/**
 * By speed and course over ground; of nobody who is at rest or has fallen silent.
 * @param {import("./fleet.js").Vessel} vessel
 */
function minuteAhead({ latitude, speedKnots, courseDegrees, state }) {
  if (latitude === null || courseDegrees === null || state === "silent" || !isMoving(speedKnots)) return null;
  const course = (courseDegrees * Math.PI) / 180;
  // A minute of latitude is a mile; Mercator stretches it by the latitude's secant.
  const mile = 1 / (360 * 60 * Math.cos((latitude * Math.PI) / 180));
  const miles = (speedKnots ?? 0) / 60;
  return { x: miles * mile * Math.sin(course), y: -miles * mile * Math.cos(course) };
}

/**
 * @param {{latitude: number | null, longitude: number | null}} vessel
 * @returns {import("./geo.js").Place | null} where the vessel has reported
 */
export function placeOf({ latitude, longitude }) {
  return latitude === null || longitude === null ? null : { latitude, longitude };
}
