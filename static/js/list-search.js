// @ts-check
/** Searching in names and numbers: "goteborg" finds Göteborg, and what was found is marked. */

/** Letters that Unicode does not take apart into a letter and a mark. */
const LETTERS = new Map([
  ["ø", "o"], ["æ", "ae"], ["œ", "oe"], ["ß", "ss"], ["ð", "d"], ["đ", "d"], ["þ", "th"], ["ł", "l"], ["ı", "i"],
]);
const WHOLE_LETTER = new RegExp(`[${[...LETTERS.keys()].join("")}]`, "g");
const LABEL = /(^|\s)(imo|mmsi)[\s:.-]*(?=\d)/g;

/**
 * In small letters without marks.
 * @param {string} text
 */
export function folded(text) {
  const bare = text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  return bare.replace(WHOLE_LETTER, (letter) => LETTERS.get(letter) ?? letter);
}

/**
 * The words of a question, every one of which is to be found; "IMO 9074729" is its number.
 * @param {string} query
 */
export function wordsOf(query) {
  return folded(query).replace(LABEL, " ").split(/\s+/).filter(Boolean);
}

/**
 * All of a vessel that is searched in, folded.
 * @param {import("./fleet.js").Vessel} vessel
 */
export function searchText({ name, imoNumber, mmsi, callSign }) {
  return folded([name, imoNumber, mmsi, callSign].filter(Boolean).join("\n"));
}

/**
 * Whether a text has one of the words in it.
 * @param {string} text
 * @param {readonly string[]} words folded
 */
export function hasAny(text, words) {
  const plain = folded(text);
  return words.some((word) => plain.includes(word));
}

/**
 * A text in pieces, those that the words have found by themselves.
 * @param {string} text
 * @param {readonly string[]} words folded
 * @returns {{text: string, isFound: boolean}[]}
 */
export function pieces(text, words) {
  const found = foundIn(text, words);
  /** @type {{text: string, isFound: boolean}[]} */
  const all = [];
  for (let at = 0; at < text.length; at += 1) {
    const last = all.at(-1);
    if (last?.isFound === found[at]) last.text += text[at];
    else all.push({ text: text[at], isFound: found[at] });
  }
  return all;
}

/**
 * For each unit of the text, whether a word covers it.
 * @param {string} text
 * @param {readonly string[]} words
 */
function foundIn(text, words) {
  const { plain, places } = foldedPlaces(text);
  /** @type {boolean[]} */
  const found = new Array(text.length).fill(false);
  for (const word of words) {
    for (let at = plain.indexOf(word); at >= 0; at = plain.indexOf(word, at + word.length)) {
      found.fill(true, places[at], places[at + word.length] ?? text.length);
    }
  }
  return found;
}

/**
 * The folded text, and where in the text each of its letters came from.
 * @param {string} text
 */
function foldedPlaces(text) {
  let plain = "";
  /** @type {number[]} */
  const places = [];
  let at = 0;
  for (const character of text) {
    const letters = folded(character);
    for (let count = 0; count < letters.length; count += 1) places.push(at);
    plain += letters;
    at += character.length;
  }
  return { plain, places };
}
