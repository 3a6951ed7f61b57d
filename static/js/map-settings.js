// @ts-check
/** What the server's settings say of the map; they stand at its element. */

/**
 * @param {DOMStringMap} data
 * @returns {import("./map.js").MapSettings}
 */
export function readSettings(data) {
  return {
    tileUrl: data.tileUrl ?? "",
    tileAttribution: data.tileAttribution ?? "",
    tileMaxZoom: Number(data.tileMaxZoom) || 18,
    basemapFolder: data.basemapFolder ?? "",
    home: {
      latitude: Number(data.homeLatitude),
      longitude: Number(data.homeLongitude),
      zoom: Number(data.homeZoom) || 11,
    },
    patience: {
      late_ms: Number(data.lateAfterS) * 1_000,
      silent_ms: Number(data.silentAfterS) * 1_000,
    },
  };
}
