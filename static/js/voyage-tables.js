// @ts-check
/** The tables of a voyage: its stops, what was put aside, and its speeds hour by hour. */

import { detailWords, reasonWords } from "./doubt-words.js";
import { latitudeText, localMoment, longitudeText, span, utcMoment } from "./format.js";
import { speedText } from "./units.js";
import { _ } from "./words.js";

/**
 * @typedef {import("./voyage.js").Voyage} Voyage
 * @typedef {{latitude: number, longitude: number}} Place
 */

const SPEED_ROWS_MAX = 48;
const MINUTE = 60_000;
const ROW_SPANS = [1, 5, 10, 15, 30, 60, 120, 360, 720, 1_440].map((minutes) => minutes * MINUTE);

/**
 * @param {Voyage} voyage
 * @param {(place: Place) => void} onPlace a stop was chosen
 */
export function showStops({ stops, figures }, onPlace) {
  const rows = stops.map((stop) => [
    placeButton(stop.berth ?? _("At {place}", { place: placeText(stop) }), stop, onPlace),
    moments(stop.begin_s * 1_000),
    moments(stop.end_s * 1_000),
    lasting(stop),
  ]);
  fill("stops", rows, figures.stop_count);
}

/**
 * @param {Voyage} voyage
 * @param {(place: Place) => void} onPlace
 */
export function showDoubts({ doubts }, onPlace) {
  const rows = doubts.map(({ reason, detail, recorded_at, received_at, latitude, longitude, tracker }) => [
    twoLines(reasonWords(reason), detailWords(reason, detail)),
    recorded_at ? moments(Date.parse(recorded_at)) : twoLines(_("no time"), _("came {moment}", { moment: localMoment(Date.parse(received_at), Date.now()) })),
    latitude === null || longitude === null
      ? text("–")
      : placeButton(placeText({ latitude, longitude }), { latitude, longitude }, onPlace),
    text(tracker),
  ]);
  fill("doubts", rows, doubts.length);
}

/** @param {Voyage} voyage */
export function showSpeeds({ points }) {
  const first = points[0]?.at ?? 0;
  const whole = (points.at(-1)?.at ?? 0) - first;
  const step = ROW_SPANS.find((one) => whole / one <= SPEED_ROWS_MAX) ?? 1_440 * MINUTE;
  /** @type {Map<number, import("./voyage.js").Point[]>} */
  const spans = new Map();
  for (const point of points) {
    const begin = Math.floor(point.at / step) * step;
    spans.set(begin, [...(spans.get(begin) ?? []), point]);
  }
  const rows = [...spans].map(([begin, these]) => {
    const speeds = these.map(({ speed }) => speed).filter((speed) => speed !== null);
    const mean = speeds.length ? speeds.reduce((sum, one) => sum + one, 0) / speeds.length : null;
    const most = speeds.length ? Math.max(...speeds) : null;
    return [moments(Math.max(begin, first)), text(placeText(these[0])), number(mean), number(most)];
  });
  fill("speeds", rows, rows.length);
}

/**
 * @param {"stops" | "doubts" | "speeds"} name
 * @param {HTMLElement[][]} rows
 * @param {number} count how many there are, when not all are listed
 */
function fill(name, rows, count) {
  const table = /** @type {HTMLTableElement} */ (document.getElementById(`${name}-table`));
  const lines = rows.map((cells) => {
    const line = document.createElement("tr");
    line.append(...cells);
    return line;
  });
  if (count > rows.length) lines.push(lineOver(_("… and {n} more: choose a shorter period", { n: count - rows.length })));
  table.tBodies[0].replaceChildren(...lines);
  /** @type {HTMLElement} */ (table.parentElement).hidden = rows.length === 0;
  document.getElementById(`${name}-none`)?.toggleAttribute("hidden", rows.length > 0);
}

/** @param {string} words */
function lineOver(words) {
  const line = document.createElement("tr");
  const cell = text(words);
  cell.colSpan = 4;
  line.append(cell);
  return line;
}

/** @param {import("./voyage.js").Stop} stop */
function lasting({ begin_s, end_s, unreported_s }) {
  const cell = twoLines(
    span((end_s - begin_s) * 1_000),
    unreported_s ? _("of which {span} without reports", { span: span(unreported_s * 1_000) }) : "",
  );
  cell.className = "number";
  return cell;
}

/** @param {number} at_ms */
const moments = (at_ms) => twoLines(localMoment(at_ms, Date.now()), utcMoment(at_ms));

/** @param {Place} place */
const placeText = ({ latitude, longitude }) => `${latitudeText(latitude)} ${longitudeText(longitude)}`;

/** @param {number | null} speed_knots */
function number(speed_knots) {
  const cell = text(speedText(speed_knots));
  cell.className = "number";
  return cell;
}

/** @param {string} words */
function text(words) {
  const cell = document.createElement("td");
  cell.textContent = words;
  return cell;
}

/**
 * @param {string} first
 * @param {string} second
 */
function twoLines(first, second) {
  const cell = text(first);
  if (!second) return cell;
  const small = document.createElement("small");
  small.textContent = second;
  cell.append(small);
  return cell;
}

/**
 * @param {string} words
 * @param {Place} place
 * @param {(place: Place) => void} onPlace
 */
function placeButton(words, place, onPlace) {
  const cell = document.createElement("td");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "place-button";
  button.textContent = words;
  button.title = _("Show on the map");
  button.addEventListener("click", () => onPlace(place));
  cell.append(button);
  return cell;
}
