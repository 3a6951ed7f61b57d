// @ts-check
/** The vessels that never reported: the stream's snapshot can't have them, and the list must. */

import { fromFeature } from "./feature.js";

const TIMEOUT_MS = 20_000;

/**
 * None when they can't be had: the list then says how many are missing.
 * @param {string} address "" for nobody
 * @returns {Promise<import("./fleet.js").Vessel[]>}
 */
export async function readUnheard(address) {
  if (!address) return [];
  try {
    const answer = await fetch(address, {
      headers: { Accept: "application/geo+json, application/json" },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!answer.ok) throw new Error(`The server answered ${answer.status}.`);
    return (await answer.json()).features.map(fromFeature);
  } catch (error) {
    console.warn("The vessels that never reported did not come.", error);
    return [];
  }
}
