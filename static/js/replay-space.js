// @ts-check
/** The space bar of the replay. */

/**
 * The space bar plays and pauses, unless it is meant for what has the focus.
 * @param {import("./replay.js").Replay} replay
 */
export function offerSpace(replay) {
  document.addEventListener("keydown", (event) => {
    if (event.key !== " " || !replay.isOpen || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector("dialog[open]") || isPressed(event.target)) return;
    event.preventDefault();
    replay.togglePlay();
  });
}

/** @param {EventTarget | null} target */
function isPressed(target) {
  if (target instanceof HTMLInputElement) return target.type !== "range";
  return target instanceof Element && target.closest("button, select, textarea, summary, a, [contenteditable]") !== null;
}
