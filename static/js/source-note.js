// @ts-check
/**
 * What a card says of a position that does not come from the tracker that counts most.
 *
 * @typedef {import("./fleet.js").Vessel} Vessel
 * @typedef {{name: string, source: string, precedence: number, newest_at: string | null}} Source
 *   one that reports the vessel; the server gives those that count more first
 */

import { sourceText, span } from "./format.js";
import { _ } from "./words.js";

/**
 * Nothing while the one that counts most is heard, or nobody knows better.
 * @param {Vessel} vessel
 * @param {readonly Source[]} sources
 * @param {number} now_ms
 * @returns {string | null}
 */
export function sourceNote({ source }, sources, now_ms) {
  const speaking = sources.find((one) => one.source === source);
  const silent = sources.find((one) => speaking && one.precedence < speaking.precedence);
  if (!silent) return null;
  const said = { source: sourceText(source), tracker: silent.name };
  if (silent.newest_at === null) return _("Position from {source} ({tracker} is silent)", said);
  const silence = span(now_ms - Date.parse(silent.newest_at));
  return _("Position from {source} ({tracker} silent for {span})", { ...said, span: silence });
}
