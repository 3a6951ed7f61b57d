// @ts-check
/** Measuring to a quay: what is picked beside a berth is the berth. */

import { nearTurn } from "./geo.js";
import { worldY } from "./mercator.js";

/** @typedef {import("./measure.js").Place} Place */

const REACH_PX = 10;

/**
 * The nearest berth within a few pixels, or else the place itself.
 * @param {import("./geo.js").Place} place
 * @param {readonly import("./list-berths.js").Berth[]} berths
 * @param {number} zoom
 * @returns {Place}
 */
export function snapped(place, berths, zoom) {
  const world_px = 256 * 2 ** zoom;
  /** @type {Place} */
  let found = place;
  let least_px = REACH_PX;
  for (const { name, latitude, longitude } of berths) {
    const across = (nearTurn(longitude - place.longitude) / 360) * world_px;
    const down = (worldY(latitude) - worldY(place.latitude)) * world_px;
    const away_px = Math.hypot(across, down);
    if (away_px <= least_px) [found, least_px] = [{ name, latitude, longitude }, away_px];
  }
  return found;
}
