// @ts-check
/**
 * Distances, bearings and boxes on the globe (spherical, as harbor/fleet/geo.py). Pure, and at
 * home on both sides of the antimeridian.
 *
 * @typedef {{latitude: number, longitude: number}} Place
 * @typedef {object} Box
 * @property {number} west the longitudes of a map that was wound round are beyond 180
 * @property {number} south
 * @property {number} east
 * @property {number} north
 */

const EARTH_RADIUS_NM = 6_371_008.8 / 1852;

/**
 * Along the great circle, in nautical miles.
 * @param {Place} from
 * @param {Place} to
 */
export function distance_nm(from, to) {
  const half_north = radians(to.latitude - from.latitude) / 2;
  const half_east = radians(to.longitude - from.longitude) / 2;
  const share = Math.sin(half_north) ** 2
    + Math.cos(radians(from.latitude)) * Math.cos(radians(to.latitude)) * Math.sin(half_east) ** 2;
  return 2 * EARTH_RADIUS_NM * Math.asin(Math.min(1, Math.sqrt(share)));
}

/**
 * The true bearing at the start of the great circle, 0 to 360.
 * @param {Place} from
 * @param {Place} to
 */
export function bearing_degrees(from, to) {
  const start = radians(from.latitude);
  const end = radians(to.latitude);
  const east = radians(to.longitude - from.longitude);
  const x = Math.cos(start) * Math.sin(end) - Math.sin(start) * Math.cos(end) * Math.cos(east);
  return between(0, degrees(Math.atan2(Math.sin(east) * Math.cos(end), x)));
}

/**
 * Where one arrives along the great circle.
 * @param {Place} from
 * @param {number} bearing_degrees
 * @param {number} distance_nm
 * @returns {Place} its longitude from -180 to 180
 */
function destination(from, bearing_degrees, distance_nm) {
  const start = radians(from.latitude);
  const bearing = radians(bearing_degrees);
  const angle = distance_nm / EARTH_RADIUS_NM;
  const sine = Math.sin(start) * Math.cos(angle) + Math.cos(start) * Math.sin(angle) * Math.cos(bearing);
  const latitude = Math.asin(Math.max(-1, Math.min(1, sine)));
  const east = Math.atan2(
    Math.sin(bearing) * Math.sin(angle) * Math.cos(start),
    Math.cos(angle) - Math.sin(start) * Math.sin(latitude),
  );
  return { latitude: degrees(latitude), longitude: between(-180, from.longitude + degrees(east)) };
}

/**
 * Places along the great circle, both ends among them. Longitudes run on past 180 instead of
 * leaping to the other side of a chart.
 * @param {Place} from
 * @param {Place} to
 * @param {number} pieces
 * @returns {Place[]}
 */
export function greatCircle(from, to, pieces) {
  const [bearing, whole_nm] = [bearing_degrees(from, to), distance_nm(from, to)];
  const places = [from];
  for (let i = 1; i <= pieces; i += 1) {
    const { latitude, longitude } = i === pieces ? to : destination(from, bearing, (whole_nm * i) / pieces);
    const before = places[i - 1].longitude;
    places.push({ latitude, longitude: before + nearTurn(longitude - before) });
  }
  return places;
}

/**
 * An angle from -180 to 180 that turns as far.
 * @param {number} angle_degrees
 */
export const nearTurn = (angle_degrees) => between(-180, angle_degrees);

/**
 * Whether a place lies in a box; a box wider than the globe has every longitude.
 * @param {Box} box
 * @param {Place} place
 */
export function isWithin({ west, south, east, north }, { latitude, longitude }) {
  if (latitude < south || latitude > north) return false;
  return east - west >= 360 || between(west, longitude) <= east;
}

/**
 * The same angle in the turn that begins at `least`.
 * @param {number} least
 * @param {number} angle_degrees
 */
function between(least, angle_degrees) {
  return ((((angle_degrees - least) % 360) + 360) % 360) + least;
}

/** @param {number} angle_degrees */
const radians = (angle_degrees) => (angle_degrees * Math.PI) / 180;

/** @param {number} angle_radians */
const degrees = (angle_radians) => (angle_radians * 180) / Math.PI;
