// @ts-check
/** The chart's projection: where places lie on the Mercator square, and how long a mile is there. */

const MILES_ROUND_EQUATOR = 360 * 60;
/** One, two and five of each power of ten. */
const ROUND_NUMBERS = [-3, -2, -1, 0, 1, 2, 3, 4].flatMap((power) => [1, 2, 5].map((digit) => Number(`${digit}e${power}`)));

/** @param {number} longitude */
export const worldX = (longitude) => (longitude + 180) / 360;

/** @param {number} latitude */
export function worldY(latitude) {
  const sine = Math.sin((Math.max(-85.0511, Math.min(85.0511, latitude)) * Math.PI) / 180);
  return 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI);
}

/** @param {number} y world coordinate */
export const latitudeAt = (y) => (Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180) / Math.PI;

/**
 * The longest round number of units whose bar is not wider.
 * @param {number} latitude
 * @param {number} zoom
 * @param {number} widest_px
 * @param {number} per_nm how many of the unit are a nautical mile
 */
export function scaleAt(latitude, zoom, widest_px, per_nm) {
  const milesPerPx = (MILES_ROUND_EQUATOR * Math.cos((latitude * Math.PI) / 180)) / (256 * 2 ** zoom);
  const perPx = milesPerPx * per_nm;
  const count = ROUND_NUMBERS.findLast((step) => step <= perPx * widest_px) ?? ROUND_NUMBERS[0];
  return { length_px: count / perPx, count };
}
