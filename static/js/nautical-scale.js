// @ts-check
/** A scale bar in nautical miles, true at the middle of the view: Mercator has no other scale. */

import { Control, DomUtil } from "./leaflet.js";
import { scaleAt } from "./mercator.js";
import { _, language } from "./words.js";

const WIDEST_PX = 120;
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
      const { length_px, miles } = scaleAt(map.getCenter().lat, map.getZoom(), WIDEST_PX);
      bar.style.width = `${length_px}px`;
      text.textContent = _("{n} nm", { n: NUMBER.format(miles) });
    };
    map.on("moveend zoomend resize", measure);
    map.whenReady(measure);
    return box;
  }
}
