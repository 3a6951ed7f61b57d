// @ts-check
/** A short notice that goes by itself, and is read out. */

const LASTS_MS = 4_000;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

/** @param {string} text */
export function notice(text) {
  const place = document.getElementById("notice");
  if (!place) return;
  place.textContent = text;
  place.dataset.shown = "true";
  clearTimeout(timer);
  timer = setTimeout(() => {
    place.dataset.shown = "false";
    place.textContent = "";
  }, LASTS_MS);
}
