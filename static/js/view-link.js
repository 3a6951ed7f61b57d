// @ts-check
/**
 * The state of the page in its address, so that it can be shared:
 * `#map=12/57.65000/11.85000&vessel=<id>&colour=speed`. Every feature has keys of its own.
 *
 * @typedef {{latitude: number, longitude: number, zoom: number}} View
 */

/** Browsers refuse an address that changes too often. */
const PAUSE_MS = 250;
/** Without these a link stays readable; none of them ends or parts a hash. */
const PLAIN = /%(2F|3A|2C|40)/g;

let state = parse();
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

// Before everybody else's listener: who asks because of the change sees it.
addEventListener("hashchange", () => {
  clearTimeout(timer);
  timer = undefined;
  state = parse();
});
addEventListener("pagehide", flush);

/** @returns {Map<string, string>} a copy */
export function readState() {
  return new Map(state);
}

/**
 * Others' keys stay as they are. No entry in the history: Back leaves the page.
 * @param {Record<string, string | null>} changes null takes a key away
 */
export function writeState(changes) {
  const before = written();
  for (const [key, value] of Object.entries(changes)) {
    if (value === null) state.delete(key);
    else state.set(key, value);
  }
  if (written() !== before) timer ??= setTimeout(flush, PAUSE_MS);
}

/** The address of the page as it is now. */
export function linkHere() {
  const link = new URL(location.href);
  link.hash = written();
  return link.href;
}

/** @returns {View | null} */
export function readView() {
  const [zoom, latitude, longitude] = (state.get("map") ?? "").split("/").map(Number);
  const isView = [zoom, latitude, longitude].every(Number.isFinite) && Math.abs(latitude) <= 90;
  return isView && zoom ? { zoom, latitude, longitude } : null;
}

/** @param {View} view */
export function writeView({ zoom, latitude, longitude }) {
  writeState({ map: `${Math.round(zoom * 100) / 100}/${latitude.toFixed(5)}/${longitude.toFixed(5)}` });
}

function flush() {
  clearTimeout(timer);
  timer = undefined;
  const wanted = `#${written()}`;
  if (wanted !== (location.hash || "#")) history.replaceState(null, "", wanted === "#" ? location.pathname + location.search : wanted);
}

/** The state as it stands behind the #. */
function written() {
  return [...state].map(([key, value]) => `${key}=${encodeURIComponent(value).replace(PLAIN, decodeURIComponent)}`).join("&");
}

function parse() {
  return new Map(new URLSearchParams(location.hash.slice(1)));
}
