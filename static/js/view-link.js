// @ts-check
/**
 * The view in the address: #map=12/57.65000/11.85000&vessel=<id>, so that it can be shared.
 *
 * @typedef {{latitude: number, longitude: number, zoom: number}} View
 */

/** @returns {{view: View | null, vessel: string | null}} */
export function readLink() {
  const parts = new URLSearchParams(location.hash.slice(1));
  const [zoom, latitude, longitude] = (parts.get("map") ?? "").split("/").map(Number);
  const isView = [zoom, latitude, longitude].every(Number.isFinite) && Math.abs(latitude) <= 90;
  return {
    view: isView && zoom ? { zoom, latitude, longitude } : null,
    vessel: parts.get("vessel"),
  };
}

/**
 * @param {View} view
 * @param {string | null} vessel
 */
export function linkTo({ zoom, latitude, longitude }, vessel) {
  const map = `map=${Math.round(zoom * 100) / 100}/${latitude.toFixed(5)}/${longitude.toFixed(5)}`;
  return `#${map}${vessel ? `&vessel=${encodeURIComponent(vessel)}` : ""}`;
}

/**
 * Without an entry in the history: Back must leave the map, not wind it back.
 * @param {View} view
 * @param {string | null} vessel
 */
export function writeLink(view, vessel) {
  history.replaceState(null, "", linkTo(view, vessel));
}
