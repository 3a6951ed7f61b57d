// @ts-check

/**
 * An element that the page's template has for certain.
 * @param {string} id
 */
export function byId(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}
