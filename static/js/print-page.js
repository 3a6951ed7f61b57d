// @ts-check
/**
 * The page on paper: the map as it is seen, drawn again in daylight colours, its legend, when and
 * by whom it was printed, and the vessels in the view as a table.
 *
 * @typedef {import("./fleet.js").Vessel} Vessel
 *
 * @typedef {object} Printer what the page says of itself
 * @property {() => HTMLCanvasElement} picture the map, in the colours of the moment
 * @property {() => Vessel[]} inView
 * @property {() => number} now the moment that is shown
 * @property {() => number | null} printedAt the server's time when that is another one
 * @property {() => void} repaint the colours have changed
 */

import { bothTimes, degrees, lastSeen, latitudeText, localMoment, longitudeText, utcMoment } from "./format.js";
import { KIND_WORDS, kindOf } from "./kind.js";
import { speedText } from "./units.js";
import { _, _n, language } from "./words.js";

/** Nobody reads more on paper, and a page of a browser takes it in a second. */
const ROWS_MAX = 500;
const byName = new Intl.Collator(language);

/** @param {Printer} printer */
export function offerPrint(printer) {
  addEventListener("beforeprint", () => inDaylight(printer, () => fill(printer)));
  addEventListener("afterprint", empty);
  document.getElementById("print")?.addEventListener("click", () => print());
}

/**
 * A canvas has the colours that it was drawn with: put on the light ones for a moment.
 * @param {Printer} printer
 * @param {() => void} draw
 */
function inDaylight({ repaint }, draw) {
  const root = document.documentElement;
  const worn = root.dataset.theme;
  root.dataset.theme = "light";
  repaint();
  draw();
  if (worn) root.dataset.theme = worn;
  else delete root.dataset.theme;
  repaint();
}

/** @param {Printer} printer */
function fill({ picture, inView, now, printedAt }) {
  const now_ms = now();
  const printed_ms = printedAt() ?? now_ms;
  const vessels = inView().toSorted((a, b) => byName.compare(a.name, b.name));
  place("map").replaceChildren(picture(), ...scale());
  place("legend").replaceChildren(...legend());
  place("legend").dataset.colour = document.getElementById("legend")?.dataset.colour;
  place("here").textContent = localMoment(printed_ms, printed_ms);
  place("utc").textContent = utcMoment(printed_ms);
  place("link").textContent = printed_ms === now_ms
    ? (document.getElementById("connection-words")?.textContent ?? "")
    : _("Replay, not live: {moment}", { moment: utcMoment(now_ms) });
  place("count").textContent = _n("{n} vessel in view", "{n} vessels in view", vessels.length);
  place("rows").replaceChildren(...vessels.slice(0, ROWS_MAX).map((vessel) => rowOf(vessel, now_ms)));
  const left = Math.max(0, vessels.length - ROWS_MAX);
  place("more").textContent = left ? _n("and {n} more", "and {n} more", left) : "";
}

function empty() {
  for (const part of ["map", "legend", "rows"]) place(part).replaceChildren();
}

/**
 * @param {Vessel} vessel
 * @param {number} now_ms
 */
function rowOf(vessel, now_ms) {
  const row = document.createElement("tr");
  const { latitude, longitude, recordedAt } = vessel;
  const texts = [
    vessel.name,
    KIND_WORDS[kindOf(vessel)],
    speedText(vessel.speedKnots),
    degrees(vessel.courseDegrees),
    latitude === null || longitude === null ? "–" : `${latitudeText(latitude)}  ${longitudeText(longitude)}`,
    lastSeen(recordedAt, now_ms),
    recordedAt === null ? "–" : bothTimes(recordedAt, now_ms),
  ];
  for (const [i, text] of texts.entries()) {
    const cell = document.createElement(i === 0 ? "th" : "td");
    if (cell instanceof HTMLTableCellElement && i === 0) cell.scope = "row";
    cell.textContent = text;
    row.append(cell);
  }
  return row;
}

/** The legend as it stands on the page, without what opens it. */
function legend() {
  return [...document.querySelectorAll(".legend > :not(summary)")].map((part) => part.cloneNode(true));
}

/** The scale bar, as wide as it must be beneath a map that is printed at another size. */
function scale() {
  const bar = document.querySelector(".chart-scale-bar");
  const map = document.getElementById("map");
  if (!(bar instanceof HTMLElement) || !map) return [];
  const copy = /** @type {HTMLElement} */ (bar.cloneNode(true));
  copy.style.width = `${(bar.offsetWidth / map.offsetWidth) * 100}%`;
  return [copy];
}

/** @param {string} part */
function place(part) {
  return /** @type {HTMLElement} */ (document.querySelector(`#print-sheet [data-print="${part}"]`));
}
