// @ts-check
/** The colours of the map, read from the style sheet: a canvas can't use custom properties. */

const probe = document.createElement("span");
probe.hidden = true;

/** @type {Map<string, string>} */
const known = new Map();

/**
 * A role of static/css/tokens.css as a colour that a canvas understands.
 * @param {string} role for example "map-water"
 */
export function colour(role) {
  const found = known.get(role);
  if (found) return found;
  if (!probe.isConnected) document.body.append(probe);
  probe.style.color = `var(--${role})`;
  const resolved = getComputedStyle(probe).color;
  known.set(role, resolved);
  return resolved;
}

/** The theme changed: every colour is read again when it is next needed. */
export function forgetColours() {
  known.clear();
}

/** The page's type, for texts on a canvas; asking the page each time makes it lay itself out. */
export const family = () => (type ||= getComputedStyle(document.body).fontFamily);
let type = "";
