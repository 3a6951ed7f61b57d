// @ts-check
/**
 * On a phone the list is a sheet at the bottom that is pulled up: by its handle, by a tap on it
 * or by the keyboard. The style sheet knows the three heights.
 *
 * @typedef {"low" | "half" | "full"} Height
 */

const panel = /** @type {HTMLElement} */ (document.getElementById("panel"));
const handle = /** @type {HTMLElement} */ (document.getElementById("sheet-handle"));
const isPhone = matchMedia("(max-width: 760px)");
const TAP_PX = 6;

/** @param {Height} height */
function setSheet(height) {
  panel.dataset.sheet = height;
  handle.setAttribute("aria-expanded", String(height !== "low"));
}

/** Make room to see the map. */
export function lowerSheet() {
  if (isPhone.matches) setSheet("low");
}

/** Make room to type. */
export function raiseSheet() {
  if (isPhone.matches) setSheet("full");
}

/**
 * Keys have come to what lies below the sheet's edge, or under the sheet. A finger is where it
 * can see.
 * @param {Element} target
 */
function makeSeen(target) {
  if (!isPhone.matches || target === handle || !target.matches(":focus-visible")) return;
  if (!panel.contains(target)) setSheet("low");
  else if (panel.dataset.sheet === "low") setSheet("half");
}

export function offerSheet() {
  for (const place of [panel, document.querySelector(".stage")]) {
    place?.addEventListener("focusin", ({ target }) => target instanceof Element && makeSeen(target));
  }
  let from_px = 0;
  let height_px = 0;
  let isDragged = false;
  handle.addEventListener("pointerdown", (event) => {
    handle.setPointerCapture(event.pointerId);
    from_px = event.clientY;
    height_px = panel.getBoundingClientRect().height;
    isDragged = false;
  });
  handle.addEventListener("pointermove", (event) => {
    if (!handle.hasPointerCapture(event.pointerId)) return;
    const moved_px = from_px - event.clientY;
    isDragged ||= Math.abs(moved_px) > TAP_PX;
    if (!isDragged) return;
    panel.dataset.dragging = "true";
    panel.style.height = `${height_px + moved_px}px`;
  });
  handle.addEventListener("pointerup", (event) => {
    delete panel.dataset.dragging;
    panel.style.height = "";
    if (isDragged) setSheet(restAt(innerHeight - event.clientY));
  });
  handle.addEventListener("click", () => {
    if (!isDragged) setSheet(panel.dataset.sheet === "low" ? "half" : "low");
    isDragged = false;
  });
}

/** @param {number} height_px @returns {Height} */
function restAt(height_px) {
  const part = height_px / innerHeight;
  return part < 0.32 ? "low" : part < 0.68 ? "half" : "full";
}
