// @ts-check
/**
 * The units in which this reader is told speeds and distances. The choice is kept on the device,
 * as the theme is, and all its tabs follow it. What is reported, downloaded and linked stays in
 * knots, nautical miles and metres.
 *
 * @typedef {"nautical" | "metric" | "imperial"} Units
 *
 * @typedef {object} System
 * @property {string} speed what stands behind a speed
 * @property {number} per_knot
 * @property {(speed: string) => string} speedWords
 * @property {(speed: string) => string} spokenWords
 * @property {number} per_nm
 * @property {number} least below it a distance is told in the small unit
 * @property {(n: string) => string} distanceWords
 * @property {(metres: number) => string} smallWords
 */

import { _, language } from "./words.js";

const KEY = "harbor.units";
const MISSING = "–";
const METRES_PER_NM = 1_852;
const FEET_PER_METRE = 1 / 0.3048;
const METRES_PER_MILE = 1_609.344;
/** With no decimal, one, or two. */
const NUMBERS = [0, 1, 2].map((digits) => new Intl.NumberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits }));
const [WHOLE, ONE_DECIMAL] = NUMBERS;
const PLAIN = new Intl.NumberFormat(language, { maximumFractionDigits: 3 });

const inMetres = (/** @type {number} */ metres) => _("{n} m", { n: WHOLE.format(metres) });
const inFeet = (/** @type {number} */ metres) => _("{n} ft", { n: WHOLE.format(metres * FEET_PER_METRE) });

/** @type {Record<Units, System>} */
const SYSTEMS = {
  nautical: {
    speed: "kn",
    per_knot: 1,
    speedWords: (speed) => _("{speed} kn", { speed }),
    spokenWords: (speed) => _("{speed} knots", { speed }),
    per_nm: 1,
    least: 0.1,
    distanceWords: (n) => _("{n} nm", { n }),
    smallWords: inMetres,
  },
  metric: {
    speed: "km/h",
    per_knot: METRES_PER_NM / 1_000,
    speedWords: (speed) => _("{speed} km/h", { speed }),
    spokenWords: (speed) => _("{speed} kilometres per hour", { speed }),
    per_nm: METRES_PER_NM / 1_000,
    least: 1,
    distanceWords: (n) => _("{n} km", { n }),
    smallWords: inMetres,
  },
  imperial: {
    speed: "mph",
    per_knot: METRES_PER_NM / METRES_PER_MILE,
    speedWords: (speed) => _("{speed} mph", { speed }),
    spokenWords: (speed) => _("{speed} miles per hour", { speed }),
    per_nm: METRES_PER_NM / METRES_PER_MILE,
    least: 0.1,
    distanceWords: (n) => _("{n} mi", { n }),
    smallWords: inFeet,
  },
};

let chosen = remembered();

// Another tab has chosen.
globalThis.addEventListener?.("storage", ({ key, newValue }) => {
  if (key === KEY) become(unitsNamed(newValue));
});

/** @returns {Units} */
export const units = () => chosen;

/** @param {string} name "nautical" when there are none of that name */
export function setUnits(name) {
  const wanted = unitsNamed(name);
  if (wanted === chosen) return;
  try {
    localStorage.setItem(KEY, wanted);
  } catch {
    // Storage is forbidden: the choice lasts as long as the page.
  }
  become(wanted);
}

/** @param {() => void} listener called after each change */
export function onUnits(listener) {
  globalThis.document?.addEventListener("harbor:units", listener);
}

/** What stands behind a speed: kn, km/h, mph. */
export const speedUnit = () => SYSTEMS[chosen].speed;

/**
 * As a number in the reader's unit.
 * @param {number} speed_knots
 */
export const speedIn = (speed_knots) => speed_knots * SYSTEMS[chosen].per_knot;

/**
 * The figure alone.
 * @param {number | null} speed_knots
 */
export const speedFigure = (speed_knots) => (speed_knots === null ? MISSING : ONE_DECIMAL.format(speedIn(speed_knots)));

/** @param {number | null} speed_knots */
export const speedText = (speed_knots) => (speed_knots === null ? MISSING : SYSTEMS[chosen].speedWords(speedFigure(speed_knots)));

/**
 * For the ears.
 * @param {number} speed_knots
 */
export const spokenSpeed = (speed_knots) => SYSTEMS[chosen].spokenWords(speedFigure(speed_knots));

/**
 * A step of a scale, which need not be a round number here: 0.9, 7, 15.
 * @param {number} speed_knots
 */
export function roundSpeed(speed_knots) {
  const speed = speedIn(speed_knots);
  return (speed < 1 ? ONE_DECIMAL : WHOLE).format(speed);
}

/**
 * 74 m, 0.42 nm, 3.18 nm, 42.5 nm, 1,204 nm; or as many decimals as are asked for.
 * @param {number} distance_nm
 * @param {(distance: number) => 0 | 1 | 2} [decimalsOf]
 */
export function distanceText(distance_nm, decimalsOf = measured) {
  const { per_nm, least, distanceWords, smallWords } = SYSTEMS[chosen];
  const distance = distance_nm * per_nm;
  if (distance < least) return smallWords(distance_nm * METRES_PER_NM);
  return distanceWords(NUMBERS[decimalsOf(distance)].format(distance));
}

/**
 * What is only ever short: an accuracy, a tolerance.
 * @param {number} metres
 */
export const metresText = (metres) => (chosen === "imperial" ? inFeet : inMetres)(metres);

/**
 * In what a scale bar counts: the first of which it shows at least so many.
 * @returns {{per_nm: number, least: number, words: (count: number) => string}[]}
 */
export function scaleUnits() {
  const { per_nm, least, distanceWords, smallWords } = SYSTEMS[chosen];
  const large = { per_nm, words: (/** @type {number} */ count) => distanceWords(PLAIN.format(count)) };
  if (chosen === "nautical") return [{ ...large, least: 0 }];
  const metres = chosen === "imperial" ? 1 / FEET_PER_METRE : 1;
  return [
    { ...large, least },
    { per_nm: METRES_PER_NM / metres, least: 0, words: (count) => smallWords(count * metres) },
  ];
}

/** @param {number} distance @returns {0 | 1 | 2} */
const measured = (distance) => (distance < 10 ? 2 : distance < 100 ? 1 : 0);

/** @param {Units} wanted */
function become(wanted) {
  chosen = wanted;
  globalThis.document?.dispatchEvent(new Event("harbor:units"));
}

/** @returns {Units} */
function remembered() {
  try {
    return unitsNamed(localStorage.getItem(KEY));
  } catch {
    return "nautical"; // storage is forbidden
  }
}

/**
 * @param {string | null} name
 * @returns {Units}
 */
function unitsNamed(name) {
  return name === "metric" || name === "imperial" ? name : "nautical";
}
