// @ts-check
/**
 * What the list says in words: of a vessel all that the map shows, and of itself how many it has.
 *
 * @typedef {import("./fleet.js").Vessel} Vessel
 * @typedef {import("./kind.js").Kind} Kind
 *
 * @typedef {object} Asked what was asked for, for saying that there is nothing
 * @property {string} query as it was typed
 * @property {Kind | "all"} kind
 * @property {boolean} isInView
 */

import { degrees, lastSeen, latitudeText, localTime, longitudeText, neverSeen, span } from "./format.js";
import { KIND_WORDS, kindOf } from "./kind.js";
import { distanceTo } from "./list-order.js";
import { distanceText, spokenSpeed } from "./units.js";
import { _, _n } from "./words.js";

/**
 * As near as a list needs it: 0.7 nm, 12 nm.
 * @param {number} distance_nm
 */
export const awayText = (distance_nm) => distanceText(distance_nm, (distance) => (distance < 10 ? 1 : 0));

/**
 * A vessel in one breath. It says when it was seen by the clock as well: a screen reader may
 * say it again much later, and then it must still be true.
 * @param {Vessel} vessel
 * @param {import("./vessel-row.js").Reading} reading
 */
export function sentence(vessel, { now_ms, from }) {
  const distance_nm = from && distanceTo(from, vessel);
  return [
    vessel.name,
    vessel.retiredAt !== null && _("retired"),
    KIND_WORDS[kindOf(vessel)],
    seenWords(vessel, now_ms),
    distance_nm !== null && _("{distance} away", { distance: awayText(distance_nm) }),
    ...wayWords(vessel),
    rhythmWords(vessel),
    placeWords(vessel),
  ].filter(Boolean).join(", ");
}

/**
 * @param {Vessel} vessel
 * @param {number} now_ms
 */
function seenWords({ recordedAt }, now_ms) {
  if (recordedAt === null) return neverSeen();
  return _("seen {ago}, at {time}", { ago: lastSeen(recordedAt, now_ms), time: localTime(recordedAt) });
}

/** @param {Vessel} vessel */
function wayWords({ speedKnots, courseDegrees, headingDegrees }) {
  return [
    speedKnots === null ? _("speed unknown") : spokenSpeed(speedKnots),
    courseDegrees !== null && _("course {angle}", { angle: degrees(courseDegrees) }),
    headingDegrees !== null && _("heading {angle}", { angle: degrees(headingDegrees) }),
  ];
}

/** @param {Vessel} vessel */
function rhythmWords({ rhythm: { interval_ms } }) {
  return interval_ms !== null && _("reports every {span}", { span: span(Math.round(interval_ms / 1_000) * 1_000) });
}

/** @param {Vessel} vessel */
function placeWords({ latitude, longitude }) {
  if (latitude === null || longitude === null) return _("no position yet");
  return `${latitudeText(latitude)}, ${longitudeText(longitude)}`;
}

/**
 * @param {number} kept
 * @param {number} total
 */
export function countWords(kept, total) {
  if (kept === total) return _n("{n} vessel", "{n} vessels", total);
  return _n("{kept} of {n} vessel", "{kept} of {n} vessels", total, { kept });
}

/**
 * For the ears, after the reader has changed what is asked for.
 * @param {number} kept
 */
export function listedWords(kept) {
  return _n("{n} vessel listed.", "{n} vessels listed.", kept);
}

/**
 * Why nobody is listed, and what to do about it.
 * @param {Asked} asked
 * @param {number} total
 */
export function emptyWords({ query, kind, isInView }, total) {
  const title = query ? _("No vessel found for “{query}”", { query }) : emptyTitle(kind, isInView);
  if (isInView) return { title, detail: _("Only the part of the sea that the map shows is listed. Move the map, or list all.") };
  if (query) return { title, detail: _("Search by name, IMO number, MMSI or call sign; a part of it is enough.") };
  return { title, detail: _n("There is {n} vessel of another kind.", "There are {n} vessels of other kinds.", total) };
}

/**
 * @param {Kind | "all"} kind
 * @param {boolean} isInView
 */
function emptyTitle(kind, isInView) {
  if (kind === "all") return _("No vessel in view");
  const words = { kind: KIND_WORDS[kind] };
  return isInView ? _("No vessel in view is: {kind}", words) : _("No vessel is: {kind}", words);
}

/** @param {number} missing vessels that the server has, and this page not yet */
export function waitingWords(missing) {
  return _n("{n} vessel is still being loaded.", "{n} vessels are still being loaded.", missing);
}
