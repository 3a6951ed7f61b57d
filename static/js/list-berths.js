// @ts-check
/**
 * The berths, from which the list tells distances, and to which one measures.
 *
 * @typedef {{id: string, name: string, latitude: number, longitude: number}} Berth
 */

import { language } from "./words.js";

const TIMEOUT_MS = 10_000;
const byName = new Intl.Collator(language, { numeric: true });

/** @type {Promise<Berth[]> | undefined} */
let asked;

/** By name, asked for once. None when they can't be had: the list has other orders. */
export const readBerths = () => (asked ??= ask());

async function ask() {
  try {
    const answer = await fetch(new URL("berths", location.href), {
      headers: { Accept: "application/geo+json, application/json" },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!answer.ok) return [];
    const { features } = await answer.json();
    return features.map(berth).sort((/** @type {Berth} */ a, /** @type {Berth} */ b) => byName.compare(a.name, b.name));
  } catch (error) {
    console.warn("The berths did not come; the list can't be sorted by them.", error);
    return [];
  }
}

/**
 * @param {any} feature
 * @returns {Berth}
 */
function berth({ id, geometry, properties }) {
  const [longitude, latitude] = geometry.coordinates;
  return { id: String(id), name: properties.name, latitude, longitude };
}
