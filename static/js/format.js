// @ts-check
/** Numbers and moments as people at sea write them. */

import { _, language } from "./words.js";

const MISSING = "–";
const LOCAL_TIME = new Intl.DateTimeFormat(language, {
  hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
});
const LOCAL_DAY = new Intl.DateTimeFormat(language, { day: "numeric", month: "short" });
const LOCAL_DATE = new Intl.DateTimeFormat(language, { day: "numeric", month: "short", year: "numeric" });
const ZONE = new Intl.DateTimeFormat(language, { timeZoneName: "short" });

const NAVIGATION_BY_NUMBER = [
  "under_way_using_engine", "at_anchor", "not_under_command", "restricted_manoeuvrability",
  "constrained_by_draught", "moored", "aground", "engaged_in_fishing", "under_way_sailing",
];
const NAVIGATION = new Map([
  ["under_way_using_engine", _("Under way using engine")],
  ["at_anchor", _("At anchor")],
  ["not_under_command", _("Not under command")],
  ["restricted_manoeuvrability", _("Restricted manoeuvrability")],
  ["constrained_by_draught", _("Constrained by draught")],
  ["moored", _("Moored")],
  ["aground", _("Aground")],
  ["engaged_in_fishing", _("Engaged in fishing")],
  ["under_way_sailing", _("Under way sailing")],
]);
const SOURCES = new Map([
  ["tracker", _("Tracker aboard")],
  ["ais", _("AIS")],
  ["import", _("Imported")],
  ["nmea", "NMEA 0183"],
  ["osmand", "Traccar Client"],
  ["overland", "Overland"],
  ["owntracks", "OwnTracks"],
  ["signalk", "Signal K"],
  ["traccar", "Traccar"],
]);

/** @param {number | null} angle_degrees */
export function degrees(angle_degrees) {
  if (angle_degrees === null) return MISSING;
  return `${String(Math.round(angle_degrees) % 360).padStart(3, "0")}°`;
}

/**
 * Degrees and decimal minutes: 57° 40.812′ N.
 * @param {number} value
 * @param {"NS" | "EW"} ends
 */
function degreesMinutes(value, ends) {
  const thousandths = Math.round(Math.abs(value) * 60_000);
  const whole = String(Math.floor(thousandths / 60_000)).padStart(ends === "NS" ? 2 : 3, "0");
  const minutes = ((thousandths % 60_000) / 1_000).toFixed(3).padStart(6, "0");
  return `${whole}° ${minutes}′ ${value < 0 ? ends[1] : ends[0]}`;
}

/** @param {number} value */
export const latitudeText = (value) => degreesMinutes(value, "NS");

/** @param {number} value */
export const longitudeText = (value) => degreesMinutes(((((value + 180) % 360) + 360) % 360) - 180, "EW");

/**
 * 12 s, 4 min, 3 h 20 min, 2 d 5 h.
 * @param {number} span_ms
 */
export function span(span_ms) {
  const seconds = Math.max(0, Math.floor(span_ms / 1_000));
  if (seconds < 60) return _("{n} s", { n: seconds });
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return _("{n} min", { n: minutes });
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 ? _("{h} h {n} min", { h: hours, n: minutes % 60 }) : _("{n} h", { n: hours });
  const days = Math.floor(hours / 24);
  return hours % 24 ? _("{d} d {n} h", { d: days, n: hours % 24 }) : _("{n} d", { n: days });
}

/**
 * @param {number | null} recorded_ms
 * @param {number} now_ms
 */
export function lastSeen(recorded_ms, now_ms) {
  return recorded_ms === null ? neverSeen() : _("{age} ago", { age: span(now_ms - recorded_ms) });
}

/** A replay knows its period only: a vessel may well have reported before that, and later. */
export function neverSeen() {
  const isReplay = globalThis.document?.documentElement.dataset.replay === "open";
  return isReplay ? _("not seen yet in this replay") : _("never seen");
}

/** @param {number} at_ms */
export const localTime = (at_ms) => LOCAL_TIME.format(at_ms);

/** @param {number} at_ms */
export const utcTime = (at_ms) => new Date(at_ms).toISOString().slice(11, 19);

/**
 * With the day when it is not today, and with the year when it is not this one.
 * @param {number} at_ms
 * @param {number} now_ms
 */
export function localMoment(at_ms, now_ms) {
  const isToday = LOCAL_DATE.format(at_ms) === LOCAL_DATE.format(now_ms);
  const isThisYear = new Date(at_ms).getFullYear() === new Date(now_ms).getFullYear();
  const day = isToday ? "" : `${(isThisYear ? LOCAL_DAY : LOCAL_DATE).format(at_ms)}, `;
  return `${day}${localTime(at_ms)} ${zoneName(at_ms)}`;
}

/**
 * The reader's zone: CET, GMT+5:30.
 * @param {number} at_ms
 */
export function zoneName(at_ms) {
  return ZONE.formatToParts(at_ms).find((part) => part.type === "timeZoneName")?.value ?? "";
}

/**
 * Whether the reader's clock shows UTC.
 * @param {number} at_ms
 */
export const isUtcHere = (at_ms) => new Date(at_ms).getTimezoneOffset() === 0;

/**
 * The reader's time and UTC, side by side: 14:03:20 CEST · 12:03:20 UTC.
 * @param {number} at_ms
 * @param {number} now_ms
 */
export function bothTimes(at_ms, now_ms) {
  const utc = `${utcTime(at_ms)} UTC`;
  return isUtcHere(at_ms) ? localMoment(at_ms, now_ms) : `${localMoment(at_ms, now_ms)} · ${utc}`;
}

/** @param {number} at_ms */
export const utcMoment = (at_ms) => `${new Date(at_ms).toISOString().slice(0, 19).replace("T", " ")} UTC`;

/** @param {string | null} status */
export function navigation(status) {
  if (status === null || status === "") return MISSING;
  const word = NAVIGATION_BY_NUMBER[Number(status)] ?? status;
  const known = NAVIGATION.get(word);
  if (known) return known;
  const words = String(word).replace(/[_-]+/g, " ").trim().toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** @param {string} name */
export const sourceText = (name) => SOURCES.get(name) ?? (name || MISSING);
