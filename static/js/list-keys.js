// @ts-check
/**
 * Walking through the list by keys: up and down, a page at a time, to either end.
 *
 * @typedef {import("./list-window.js").ListWindow} ListWindow
 */

/**
 * @param {HTMLElement} list
 * @param {ListWindow} rows
 * @param {() => void} onEnter the row that the keys are on was chosen
 */
export function offerListKeys(list, rows, onEnter) {
  list.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const by = stepOf(event.key, rows.page);
    if (by === null && event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    if (by !== null) rows.step(by);
    else if (rows.active) onEnter();
  });
}

/**
 * Down leads from the search into the list; Enter takes the first that was found.
 * @param {HTMLInputElement} search
 * @param {{onDown: () => void, onEnter: () => void, onClear: () => void}} listener
 */
export function offerSearchKeys(search, { onDown, onEnter, onClear }) {
  search.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown") onDown();
    else if (event.key === "Enter") onEnter();
    else if (event.key === "Escape" && search.value !== "") onClear();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
}

/**
 * @param {string} key
 * @param {number} page rows
 */
function stepOf(key, page) {
  switch (key) {
    case "ArrowDown": return 1;
    case "ArrowUp": return -1;
    case "PageDown": return page;
    case "PageUp": return -page;
    case "Home": return -Infinity;
    case "End": return Infinity;
    default: return null;
  }
}
