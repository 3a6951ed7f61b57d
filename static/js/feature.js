// @ts-check
/** Vessels out of GeoJSON features, and out of the rows the server has written. */

import { Rhythm } from "./rhythm.js";
import { Trail } from "./trail.js";
import { _ } from "./words.js";

/** @typedef {import("./fleet.js").Vessel} Vessel */

/** What the fleet puts in as it learns it. */
const UNKNOWN = { age: 0, step_ms: null, rhythm: new Rhythm(), trail: new Trail(Infinity) };

/**
 * @param {any} feature as on the stream
 * @returns {Vessel}
 */
export function fromFeature({ id, geometry, properties }) {
  const [longitude = null, latitude = null] = geometry?.coordinates ?? [];
  return {
    id: String(id),
    name: properties.name || _("Unnamed vessel"),
    imoNumber: properties.imo_number ?? null,
    mmsi: properties.mmsi ?? null,
    callSign: properties.call_sign ?? null,
    retiredAt: null,
    latitude,
    longitude,
    recordedAt: moment(properties.recorded_at),
    speedKnots: properties.speed_knots ?? null,
    courseDegrees: properties.course_degrees ?? null,
    headingDegrees: properties.heading_degrees ?? null,
    accuracyMetres: properties.accuracy_metres ?? null,
    navigationStatus: properties.navigation_status ?? null,
    batteryPercent: properties.battery_percent ?? null,
    source: properties.source ?? "",
    reportedState: stateNamed(properties.state),
    state: stateNamed(properties.state),
    ...UNKNOWN,
  };
}

/**
 * @param {HTMLElement} row
 * @returns {Vessel}
 */
export function fromRow({ dataset }) {
  return {
    id: dataset.vesselId ?? "",
    name: dataset.name ?? "",
    imoNumber: dataset.imoNumber || null,
    mmsi: dataset.mmsi || null,
    callSign: dataset.callSign || null,
    retiredAt: null,
    latitude: number(dataset.latitude),
    longitude: number(dataset.longitude),
    recordedAt: moment(dataset.recordedAt),
    speedKnots: number(dataset.speedKnots),
    courseDegrees: number(dataset.courseDegrees),
    headingDegrees: number(dataset.headingDegrees),
    accuracyMetres: null,
    navigationStatus: null,
    batteryPercent: null,
    source: dataset.source ?? "",
    reportedState: stateNamed(dataset.state),
    state: stateNamed(dataset.state),
    ...UNKNOWN,
  };
}

/**
 * When the server wrote a row, as far as the row tells.
 * @param {HTMLElement} row
 */
export function writtenAt({ dataset }) {
  return (moment(dataset.recordedAt) ?? NaN) + (number(dataset.ageSeconds) ?? NaN) * 1_000;
}

/** @param {string | null | undefined} text */
export function moment(text) {
  const at = Date.parse(text ?? "");
  return Number.isNaN(at) ? null : at;
}

/** @param {string | undefined} text */
function number(text) {
  return text === undefined || text === "" || Number.isNaN(Number(text)) ? null : Number(text);
}

/**
 * @param {string | undefined} word
 * @returns {import("./fleet.js").State}
 */
function stateNamed(word) {
  return word === "live" || word === "late" ? word : "silent";
}
