// @ts-check
/** A scale bar in the reader's units, true at the middle of the view: Mercator has no other scale. */

import { Control, DomUtil } from "./leaflet.js";
import { scaleAt } from "./mercator.js";
import { onUnits, scaleUnits } from "./units.js";

const WIDEST_PX = 120;

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
      const { length_px, words } = barAt(map.getCenter().lat, map.getZoom());
      bar.style.width = `${length_px}px`;
      text.textContent = words;
    };
    map.on("moveend zoomend resize", measure);
    map.whenReady(measure);
    onUnits(measure);
    return box;
  }
}

/**
 * @param {number} latitude
 * @param {number} zoom
 */
function barAt(latitude, zoom) {
  const bars = scaleUnits().map(({ per_nm, least, words }) => {
    const { length_px, count } = scaleAt(latitude, zoom, WIDEST_PX, per_nm);
    return { length_px, words: words(count), isEnough: count >= least };
  });
  return bars.find(({ isEnough }) => isEnough) ?? bars[bars.length - 1];
}
