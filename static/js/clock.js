// @ts-check
/** The clock in the bar: the reader's own time and UTC, side by side, by the server's clock. */

import { isUtcHere, localTime, utcTime, zoneName } from "./format.js";

const here = document.getElementById("clock-here");
const utc = document.getElementById("clock");

/** @param {number} now_ms */
export function showClock(now_ms) {
  const datetime = new Date(now_ms).toISOString();
  write(utc, utcTime(now_ms), datetime);
  // Where the two are the same, once is enough.
  if (here?.parentElement) here.parentElement.hidden = isUtcHere(now_ms);
  write(here, localTime(now_ms), datetime);
  const zone = here?.nextElementSibling;
  if (zone && zone.textContent !== zoneName(now_ms)) zone.textContent = zoneName(now_ms);
}

/**
 * @param {HTMLElement | null} element a <time>
 * @param {string} text
 * @param {string} datetime
 */
function write(element, text, datetime) {
  if (!(element instanceof HTMLTimeElement)) return;
  element.textContent = text;
  element.dateTime = datetime;
}
