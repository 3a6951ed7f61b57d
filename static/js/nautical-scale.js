// @ts-check
/** A scale bar in nautical miles, true at the middle of the view: Mercator has no other scale. */

import { Control, DomUtil } from "./leaflet.js";
import { language } from "./words.js";

const WIDEST_PX = 120;
const MILES_ROUND_EQUATOR = 360 * 60;
/** One, two and five of each power of ten. */
const MILES = [-3, -2, -1, 0, 1, 2, 3].flatMap((power) => [1, 2, 5].map((digit) => Number(`${digit}e${power}`)));
const NUMBER = new Intl.NumberFormat(language, { maximumFractionDigits: 3 });

export class NauticalScale extends Control {
  constructor() {
    super({ position: "bottomleft" });
  }

  /**
   * @override
   * @param {import("leaflet").Map} map
   */
  onAdd(map) {
    const box = DomUtil.create("div", "chart-scale");
    const bar = DomUtil.create("span", "chart-scale-bar", box);
    const text = DomUtil.create("span", "chart-scale-text", bar);
    const measure = () => {
      const { length_px, miles } = scaleAt(map.getCenter().lat, map.getZoom());
      bar.style.width = `${length_px}px`;
      text.textContent = `${NUMBER.format(miles)} nm`;
    };
    map.on("moveend zoomend resize", measure);
    map.whenReady(measure);
    return box;
  }
}

/**
 * The longest round number of miles that fits.
 * @param {number} latitude
 * @param {number} zoom
 */
export function scaleAt(latitude, zoom) {
  const milesPerPx = (MILES_ROUND_EQUATOR * Math.cos((latitude * Math.PI) / 180)) / (256 * 2 ** zoom);
  const miles = MILES.findLast((step) => step <= milesPerPx * WIDEST_PX) ?? MILES[0];
  return { length_px: miles / milesPerPx, miles };
}
