// @ts-check
/**
 * What a vessel looks like: one of four kinds (colour) in one of three shapes. The same on the
 * map, in the list and in the legend.
 *
 * @typedef {"under-way" | "stopped" | "late" | "silent"} Kind
 * @typedef {"hull" | "diamond" | "ring"} Shape
 * @typedef {import("./fleet.js").Vessel} Vessel
 */

import { speedRole } from "./speed-scale.js";
import { _ } from "./words.js";

/** Below this a course is the noise of the receiver, and a hull would spin on its berth. */
const MOVING_KNOTS = 0.5;
const AT_REST = new Set(["at_anchor", "moored", "aground"]);

/** @type {readonly Kind[]} */
export const KINDS = ["under-way", "stopped", "late", "silent"];

/** @type {Record<Kind, string>} */
export const KIND_WORDS = {
  "under-way": _("Under way"),
  stopped: _("Stopped"),
  late: _("Late"),
  silent: _("Silent"),
};

/** @param {number | null} speed_knots */
export const isMoving = (speed_knots) => (speed_knots ?? 0) >= MOVING_KNOTS;

/** @param {Vessel} vessel */
function isStopped({ speedKnots, navigationStatus }) {
  if (speedKnots !== null) return speedKnots < MOVING_KNOTS;
  return navigationStatus !== null && AT_REST.has(navigationStatus);
}

/**
 * @param {Vessel} vessel
 * @returns {Kind}
 */
export function kindOf(vessel) {
  if (vessel.state !== "live") return vessel.state;
  return isStopped(vessel) ? "stopped" : "under-way";
}

/**
 * @param {Vessel} vessel
 * @returns {Shape}
 */
export function shapeOf(vessel) {
  if (isStopped(vessel)) return "diamond";
  return bearingOf(vessel) === null ? "ring" : "hull";
}

/**
 * Where the bow points: true heading, else the course of a vessel that moves.
 * @param {Vessel} vessel
 */
export function bearingOf(vessel) {
  if (vessel.headingDegrees !== null) return vessel.headingDegrees;
  return isMoving(vessel.speedKnots) ? vessel.courseDegrees : null;
}

/**
 * The role of the colour that the map gives it, of static/css/tokens.css.
 * @param {Vessel} vessel
 * @param {"status" | "speed"} by
 */
export function roleOf(vessel, by) {
  return by === "speed" ? speedRole(vessel.speedKnots) : `kind-${kindOf(vessel)}`;
}
