// @ts-check
/** A scale bar in nautical miles, and the position under the pointer. */

import { Control, DomUtil } from "./leaflet.js";
import { latitudeText, longitudeText } from "./format.js";

const METRES_PER_MILE = 1_852;
const WIDEST_PX = 120;
const MILES = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000];

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
    const position = DomUtil.create("span", "chart-scale-position", box);
    const bar = DomUtil.create("span", "chart-scale-bar", box);
    const text = DomUtil.create("span", "chart-scale-text", bar);
    const measure = () => {
      const { length_px, label } = scaleOf(map);
      bar.style.width = `${length_px}px`;
      text.textContent = label;
    };
    map.on("moveend zoomend resize", measure);
    map.on("mousemove", ({ latlng }) => {
      position.textContent = `${latitudeText(latlng.lat)}  ${longitudeText(latlng.lng)}`;
    });
    map.on("mouseout", () => {
      position.textContent = "";
    });
    map.whenReady(measure);
    return box;
  }
}

/** @param {import("leaflet").Map} map */
function scaleOf(map) {
  const middle = map.getSize().divideBy(2);
  const from = map.containerPointToLatLng(middle.subtract([WIDEST_PX / 2, 0]));
  const to = map.containerPointToLatLng(middle.add([WIDEST_PX / 2, 0]));
  const widest = map.distance(from, to) / METRES_PER_MILE;
  const miles = MILES.findLast((step) => step <= widest) ?? MILES[0];
  return { length_px: Math.round((miles / widest) * WIDEST_PX), label: `${miles} nm` };
}
