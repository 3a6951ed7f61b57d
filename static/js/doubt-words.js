// @ts-check
/** Why a report was put aside, in the reader's language: the server's own words are English. */

import { _, language } from "./words.js";

/** @type {Record<string, string>} by harbor/fleet/verdict.py's Reason */
const REASONS = {
  null_island: _("At 0° 0°: the receiver had no fix"),
  teleport: _("Too far away to have been reached"),
  stuck_clock: _("The tracker’s clock stands still"),
  gps_week_rollover: _("The clock is 1,024 weeks behind (GPS week rollover)"),
  timestamp_too_old: _("The time is before 2020"),
  timestamp_in_future: _("The time is in the future"),
  out_of_range: _("A value is out of range"),
  unknown_vessel: _("No such vessel"),
  contract: _("Not as the contract says"),
  malformed: _("Not readable"),
  refused_by_database: _("Refused by the database"),
};
/** Where the sentence above says less than the server does. */
const TECHNICAL = new Set(["out_of_range", "contract", "malformed", "refused_by_database"]);

/** @type {Record<string, string>} by the fields of a report */
const FIELDS = {
  vessel: _("Vessel"),
  recorded_at: _("Time"),
  latitude: _("Latitude"),
  longitude: _("Longitude"),
  speed_knots: _("Speed"),
  course_degrees: _("Course"),
  heading_degrees: _("Heading"),
  accuracy_metres: _("Accuracy"),
  altitude_metres: _("Altitude"),
  navigation_status: _("Navigation"),
  battery_percent: _("Tracker battery"),
  attributes: _("Attributes"),
};

/** @param {string} reason */
export const reasonWords = (reason) => REASONS[reason] ?? reason;

/**
 * What there is to add to the reason: in English what the server says, otherwise the fields of
 * which it speaks.
 * @param {string} reason
 * @param {string} detail as "/latitude: what is wrong; /0/speed_knots: what is wrong"
 */
export function detailWords(reason, detail) {
  if (!TECHNICAL.has(reason)) return "";
  const faults = detail.split("; ").map(faultIn);
  const isEnglish = language.startsWith("en");
  const words = faults.map(({ name, said }) => (isEnglish ? [name, said].filter(Boolean).join(": ") : name));
  return [...new Set(words.filter(Boolean))].join(isEnglish ? "; " : ", ");
}

/** @param {string} text with an RFC 6901 pointer before the first colon, perhaps an empty one */
function faultIn(text) {
  const [, pointer, said] = /^(\/\S*)?: (.*)$/s.exec(text) ?? ["", "", text];
  const field = pointer?.split("/").findLast((part) => part !== "" && Number.isNaN(Number(part))) ?? "";
  return { name: FIELDS[field] ?? field, said };
}
