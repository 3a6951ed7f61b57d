// @ts-check
/** What the scripts say, in the page's language. English stands in the code and is the key. */

const page = globalThis.document?.documentElement;

/** The page's language, for Intl. English as on this side of the Atlantic: 23 Nov, CET. */
export const language = !page?.lang || page.lang === "en" ? "en-GB" : page.lang;

/** @type {Record<string, string | [string, string]>} */
const catalogue = page?.dataset.words ? await read(page.dataset.words) : {};

/**
 * A text in the reader's language; `{name}` stands for the value of that name.
 * @param {string} text
 * @param {Record<string, string | number>} [values]
 */
export function _(text, values = {}) {
  const found = catalogue[text] ?? text;
  return fill(typeof found === "string" ? found : found[1], values);
}

/**
 * Marks a text that is looked up later, by `_`.
 * @param {string} text
 */
export const N_ = (text) => text;

/**
 * A text with a number, `{n}`: the form for one, or for every other number.
 * @param {string} one
 * @param {string} others
 * @param {number} n
 * @param {Record<string, string | number>} [values]
 */
export function _n(one, others, n, values = {}) {
  const found = catalogue[one];
  const [first, second] = Array.isArray(found) ? found : [one, others];
  return fill(n === 1 ? first : second, { n, ...values });
}

/**
 * @param {string} text
 * @param {Record<string, string | number>} values
 */
function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/**
 * The page works without it, in English.
 * @param {string} address
 */
async function read(address) {
  try {
    const answer = await fetch(address);
    if (!answer.ok) throw new Error(`The server answered ${answer.status}.`);
    return await answer.json();
  } catch (error) {
    console.warn("The translations did not come; this page speaks English.", error);
    return {};
  }
}
