// @ts-check
/** What lies under the fleet: our own coastline, or an operator's tiles; and whose work it is. */

import { BasemapLayer } from "./basemap-layer.js";
import { Control, TileLayer } from "./leaflet.js";
import { _ } from "./words.js";

/**
 * @param {import("leaflet").Map} map
 * @param {import("./map.js").MapSettings} settings
 * @returns {BasemapLayer | null} the one to draw again when the colours change
 */
export function addBackground(map, { tileUrl, tileAttribution, tileMaxZoom, basemapFolder }) {
  const credits = new Control.Attribution({ position: "bottomright", prefix: false });
  const isOurs = basemapFolder && !tileUrl;
  credits.addAttribution(isOurs ? _("Not for navigation · Coastline: GSHHG (LGPL), Natural Earth") : _("Not for navigation"));
  map.addControl(credits);
  if (tileUrl) {
    map.addLayer(new TileLayer(tileUrl, { maxZoom: tileMaxZoom, attribution: tileAttribution }));
    return null;
  }
  const basemap = new BasemapLayer();
  map.addLayer(basemap);
  map.addLayer(basemap.names);
  if (basemapFolder) basemap.load(basemapFolder);
  return basemap;
}
