// @ts-check
/**
 * Distances and bearings on the globe: great circles, as a ship measures them. A sphere is
 * within half a percent of the ellipsoid, and a minute of arc on it is a nautical mile.
 *
 * @typedef {{latitude: number, longitude: number}} Point
 */

const RADIAN = Math.PI / 180;
const MILES_PER_RADIAN = 60 / RADIAN;

/**
 * Nautical miles along the great circle.
 * @param {Point} from
 * @param {Point} to
 */
export function milesBetween(from, to) {
  return arcBetween(from, to) * MILES_PER_RADIAN;
}

/**
 * The true bearing at which a great circle sets out, 0 to 360.
 * @param {Point} from
 * @param {Point} to
 */
export function bearingTo(from, to) {
  const [a, b] = [from.latitude * RADIAN, to.latitude * RADIAN];
  const turn = (to.longitude - from.longitude) * RADIAN;
  const east = Math.sin(turn) * Math.cos(b);
  const north = Math.cos(a) * Math.sin(b) - Math.sin(a) * Math.cos(b) * Math.cos(turn);
  return (Math.atan2(east, north) / RADIAN + 360) % 360;
}

/**
 * Points along a great circle, both ends among them. Longitudes run on past 180 instead of
 * leaping to the other side of the map.
 * @param {Point} from
 * @param {Point} to
 * @param {number} pieces
 * @returns {Point[]}
 */
export function greatCircle(from, to, pieces) {
  const arc = arcBetween(from, to);
  const points = [from];
  for (let i = 1; i <= pieces && arc > 0; i += 1) {
    const point = i === pieces ? to : pointAlong(from, to, arc, i / pieces);
    const last = points[points.length - 1].longitude;
    points.push({ latitude: point.latitude, longitude: last + nearTurn(point.longitude - last) });
  }
  return points;
}

/**
 * An angle between -180 and 180 that turns as far.
 * @param {number} degrees
 */
export const nearTurn = (degrees) => ((((degrees + 180) % 360) + 360) % 360) - 180;

/**
 * Haversine: exact for neighbours too.
 * @param {Point} from
 * @param {Point} to
 */
function arcBetween(from, to) {
  const [a, b] = [from.latitude * RADIAN, to.latitude * RADIAN];
  const half = Math.sin((b - a) / 2) ** 2;
  const across = Math.sin(((to.longitude - from.longitude) * RADIAN) / 2) ** 2;
  return 2 * Math.asin(Math.min(1, Math.sqrt(half + Math.cos(a) * Math.cos(b) * across)));
}

/**
 * @param {Point} from
 * @param {Point} to
 * @param {number} arc
 * @param {number} part
 * @returns {Point}
 */
function pointAlong(from, to, arc, part) {
  const [a, b] = [vectorOf(from), vectorOf(to)];
  const [near, far] = [Math.sin((1 - part) * arc) / Math.sin(arc), Math.sin(part * arc) / Math.sin(arc)];
  const [x, y, z] = a.map((axis, i) => near * axis + far * b[i]);
  return { latitude: Math.atan2(z, Math.hypot(x, y)) / RADIAN, longitude: Math.atan2(y, x) / RADIAN };
}

/** @param {Point} point */
function vectorOf({ latitude, longitude }) {
  const [up, round] = [latitude * RADIAN, longitude * RADIAN];
  return [Math.cos(up) * Math.cos(round), Math.cos(up) * Math.sin(round), Math.sin(up)];
}
