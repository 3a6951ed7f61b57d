// @ts-check
/**
 * The three themes: light, dark, and red on black for a bridge at night. Follows the system until
 * somebody chooses.
 *
 * @typedef {"light" | "dark" | "night"} Theme
 */

import { N_, _ } from "./words.js";

const KEY = "harbor.theme";
const system = matchMedia("(prefers-color-scheme: dark)");

/** @type {Record<Theme, {next: Theme, words: string}>} */
const THEMES = {
  light: { next: "dark", words: N_("Light colours. Next: dark (d)") },
  dark: { next: "night", words: N_("Dark colours. Next: red for a bridge at night (d)") },
  night: { next: "light", words: N_("Red for a bridge at night. Next: light colours (d)") },
};

/** @type {HTMLButtonElement | null} */
let shown = null;

/** @returns {Theme} */
export function theme() {
  const chosen = document.documentElement.dataset.theme;
  if (chosen === "light" || chosen === "dark" || chosen === "night") return chosen;
  return system.matches ? "dark" : "light";
}

/** Put on the next theme; `harbor:theme` on the document tells who draws by hand. */
export function nextTheme() {
  const wanted = THEMES[theme()].next;
  document.documentElement.dataset.theme = wanted;
  remember(wanted);
  tell();
}

/**
 * Let a button switch the theme, and say which one is next.
 * @param {HTMLButtonElement} button
 */
export function offerTheme(button) {
  shown = button;
  button.addEventListener("click", nextTheme);
  system.addEventListener("change", tell);
  // Another tab has chosen.
  addEventListener("storage", ({ key, newValue }) => {
    if (key !== KEY || !newValue) return;
    document.documentElement.dataset.theme = newValue;
    tell();
  });
  describe();
}

function tell() {
  describe();
  document.dispatchEvent(new Event("harbor:theme"));
}

function describe() {
  if (!shown) return;
  const words = _(THEMES[theme()].words);
  shown.setAttribute("aria-label", words);
  shown.title = words;
  shown.querySelector("use")?.setAttribute("href", `#icon-theme-${theme()}`);
}

/** @param {Theme} wanted */
function remember(wanted) {
  try {
    localStorage.setItem(KEY, wanted);
  } catch {
    // Storage is forbidden: the choice lasts as long as the page.
  }
}

export const calm = matchMedia("(prefers-reduced-motion: reduce)");
