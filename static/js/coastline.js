// @ts-check
/**
 * Land polygons, ready to be drawn: projected once, with the pieces of shore marked that are
 * only the edge of a file.
 *
 * @typedef {object} Land
 * @property {number} left world coordinates
 * @property {number} top
 * @property {number} right
 * @property {number} bottom
 * @property {Ring[]} rings
 *
 * @typedef {object} Ring
 * @property {Float64Array} points x, y, x, y …
 * @property {Uint8Array} isEdge by point: 1 when the line to it is no shore
 */

import { worldX, worldY } from "./canvas-layer.js";

const NEAR_DEGREES = 0.011;

/** The world's width from which the corners of the survey show, and are rounded: zoom 11. */
const SMOOTH_FROM_PX = 256 * 2 ** 11;

/**
 * @param {any} collection GeoJSON, with a bbox if it was cut out of something larger; or steps
 * @param {number[][]} cuts boxes (west, south, east, north) whose sides are no shore
 * @returns {Land[]}
 */
export function readLand(collection, cuts) {
  if (collection.polygons) return readSteps(collection, cuts);
  const features = collection.features ?? [collection];
  return features.flatMap((/** @type {any} */ feature) =>
    polygonsOf(feature.geometry ?? feature).map((rings) => project(rings, cuts)),
  );
}

/**
 * The same in half the bytes: whole numbers, each the difference from the point before.
 * @param {{decimals: number, polygons: number[][][]}} file
 * @param {number[][]} cuts
 */
function readSteps({ decimals, polygons }, cuts) {
  const unit = 10 ** decimals;
  return polygons.map((rings) => project(rings.map((steps) => walk(steps, unit)), cuts));
}

/**
 * @param {number[]} steps east, north, east, north …
 * @param {number} unit steps to a degree
 */
function walk(steps, unit) {
  const points = [];
  let [east, north] = [0, 0];
  for (let i = 0; i < steps.length; i += 2) {
    [east, north] = [east + steps[i], north + steps[i + 1]];
    points.push([east / unit, north / unit]);
  }
  return points;
}

/**
 * @param {any} geometry
 * @returns {number[][][][]}
 */
function polygonsOf(geometry) {
  if (geometry.type === "Polygon") return [geometry.coordinates];
  if (geometry.type === "MultiPolygon") return geometry.coordinates;
  return (geometry.geometries ?? []).flatMap(polygonsOf);
}

/**
 * @param {number[][][]} rings
 * @param {number[][]} cuts
 * @returns {Land}
 */
function project(rings, cuts) {
  const projected = rings.map((ring) => projectRing(ring, cuts));
  const outer = projected[0].points;
  const land = { left: 1, top: 1, right: 0, bottom: 0, rings: projected };
  for (let i = 0; i < outer.length; i += 2) {
    land.left = Math.min(land.left, outer[i]);
    land.right = Math.max(land.right, outer[i]);
    land.top = Math.min(land.top, outer[i + 1]);
    land.bottom = Math.max(land.bottom, outer[i + 1]);
  }
  return land;
}

/**
 * @param {number[][]} ring
 * @param {number[][]} cuts
 * @returns {Ring}
 */
function projectRing(ring, cuts) {
  const points = new Float64Array(ring.length * 2);
  const isEdge = new Uint8Array(ring.length);
  for (const [i, [longitude, latitude]] of ring.entries()) {
    points[2 * i] = worldX(longitude);
    points[2 * i + 1] = worldY(latitude);
    if (i > 0 && cuts.some((cut) => runsAlong(cut, ring[i - 1], ring[i]))) isEdge[i] = 1;
  }
  return { points, isEdge };
}

/**
 * @param {number[]} cut
 * @param {number[]} from
 * @param {number[]} to
 */
function runsAlong([west, south, east, north], from, to) {
  const isOn = (/** @type {number} */ axis, /** @type {number} */ side) =>
    Math.abs(from[axis] - side) < NEAR_DEGREES && Math.abs(to[axis] - side) < NEAR_DEGREES;
  return isOn(0, west) || isOn(0, east) || isOn(1, south) || isOn(1, north);
}

/**
 * Add the visible part of some land to two paths: the area, and the shore alone.
 * @param {Land} land
 * @param {import("./canvas-layer.js").Frame} frame
 * @param {number} turns copies of the world to the east
 * @param {Path2D} area
 * @param {Path2D} shore
 */
export function addLand(land, { worldSize, left, top, width, height }, turns, area, shore) {
  const isAway =
    (land.right + turns) * worldSize < left || (land.left + turns) * worldSize > left + width ||
    land.bottom * worldSize < top || land.top * worldSize > top + height;
  if (isAway) return;
  for (const { points, isEdge } of land.rings) {
    const isClose = worldSize > SMOOTH_FROM_PX;
    let [lastX, lastY] = [NaN, NaN];
    for (let i = 0; i < isEdge.length; i += 1) {
      const x = (points[2 * i] + turns) * worldSize - left;
      const y = points[2 * i + 1] * worldSize - top;
      // Several points in one pixel are one point.
      const isLast = i === isEdge.length - 1;
      if (i > 0 && !isLast && Math.abs(x - lastX) < 0.7 && Math.abs(y - lastY) < 0.7) continue;
      if (i === 0) {
        area.moveTo(x, y);
        shore.moveTo(x, y);
      } else if (isEdge[i]) {
        area.lineTo(x, y);
        shore.moveTo(x, y);
      } else if (isClose && !isLast) {
        const [middleX, middleY] = [(lastX + x) / 2, (lastY + y) / 2];
        area.quadraticCurveTo(lastX, lastY, middleX, middleY);
        shore.quadraticCurveTo(lastX, lastY, middleX, middleY);
      } else {
        area.lineTo(x, y);
        shore.lineTo(x, y);
      }
      [lastX, lastY] = [x, y];
    }
    area.closePath();
  }
}
