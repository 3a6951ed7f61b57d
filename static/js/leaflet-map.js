// @ts-check
/** Leaflet's map as ours is: how it moves, how far it goes, and in what order its layers lie. */

import { calm } from "./appearance.js";
import { Map as LeafletMap } from "./leaflet.js";

/** By name, with the height at which it lies. */
const PANES = /** @type {const} */ ([["basemap", 150], ["graticule", 420], ["trails", 440], ["vessels", 450], ["alerts", 455], ["measure", 460]]);

/**
 * @param {HTMLElement} element
 * @param {import("./map.js").MapSettings} settings
 */
export function leafletMap(element, settings) {
  const map = new LeafletMap(element, {
    zoomControl: false,
    attributionControl: false,
    minZoom: 2,
    maxZoom: settings.tileUrl ? settings.tileMaxZoom : 18,
    zoomSnap: 0.25,
    wheelPxPerZoomLevel: 100,
    maxBoundsViscosity: 1,
    maxBounds: [[-86, -900], [86, 900]],
    zoomAnimation: !calm.matches,
    fadeAnimation: !calm.matches,
    inertia: !calm.matches,
  });
  for (const [name, level] of PANES) {
    const pane = map.createPane(name);
    pane.style.zIndex = String(level);
    pane.style.pointerEvents = "none";
  }
  return map;
}
