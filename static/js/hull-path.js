// @ts-check
/** The outlines of vessels as pieces of one canvas path. */

/** Bow, shoulders, quarters and transom of a hull that points north; length 1 either way. */
const HULL = [
  [0, -1.25], [0.27, -0.78], [0.44, -0.2], [0.46, 0.45], [0.36, 1],
  [-0.36, 1], [-0.46, 0.45], [-0.44, -0.2], [-0.27, -0.78],
];

/** A hull that is so many times wider than its sides has room for a core. */
const LEAST_CORE = 2.6;

/**
 * Paths are only filled, never stroked and never closed: with thousands of outlines in one path
 * a stroke takes a hundred times as long as a fill, and closePath() walks the whole path.
 * @param {Path2D} path
 * @param {import("./kind.js").Shape} shape
 * @param {number} x
 * @param {number} y
 * @param {number} size half the length, in pixels
 * @param {number} bearing_degrees
 * @param {number} rim pixels that the outline lies further out on every side; below zero further
 *   in, and then nothing is left of the smallest, or of a ring
 */
export function addShape(path, shape, x, y, size, bearing_degrees, rim) {
  if (rim < 0 && (shape === "ring" || size < LEAST_CORE * -rim)) return;
  if (shape === "hull") addHull(path, x, y, size, bearing_degrees, rim);
  else if (shape === "diamond") addDiamond(path, x, y, size * 0.76 + rim * 1.4);
  else addRing(path, x, y, size * 0.68, rim);
}

/**
 * @param {Path2D} path
 * @param {number} x
 * @param {number} y
 * @param {number} size
 * @param {number} bearing_degrees
 * @param {number} rim
 */
function addHull(path, x, y, size, bearing_degrees, rim) {
  const angle = (bearing_degrees * Math.PI) / 180;
  const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
  const [wide, long] = [size + rim / 0.45, size + rim * 1.15];
  for (let i = 0; i < HULL.length; i += 1) {
    const [across, along] = [HULL[i][0] * wide, HULL[i][1] * long];
    const [px, py] = [x + across * cosine - along * sine, y + across * sine + along * cosine];
    if (i === 0) path.moveTo(px, py);
    else path.lineTo(px, py);
  }
}

/**
 * @param {Path2D} path
 * @param {number} x
 * @param {number} y
 * @param {number} size
 */
function addDiamond(path, x, y, size) {
  path.moveTo(x, y - size);
  path.lineTo(x + size, y);
  path.lineTo(x, y + size);
  path.lineTo(x - size, y);
}

/**
 * A disc with a hole: the two circles run against each other.
 * @param {Path2D} path
 * @param {number} x
 * @param {number} y
 * @param {number} radius
 * @param {number} rim
 */
function addRing(path, x, y, radius, rim) {
  const hole = Math.max(0.5, radius * 0.5 - rim);
  path.moveTo(x + radius + rim, y);
  path.arc(x, y, radius + rim, 0, 2 * Math.PI);
  path.moveTo(x + hole, y);
  path.arc(x, y, hole, 0, 2 * Math.PI, true);
}
