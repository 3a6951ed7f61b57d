// @ts-check
/** Light and dark: follows the system until somebody chooses. */

const KEY = "harbor.theme";
const system = matchMedia("(prefers-color-scheme: dark)");

/** @returns {"light" | "dark"} */
export function theme() {
  const chosen = document.documentElement.dataset.theme;
  if (chosen === "light" || chosen === "dark") return chosen;
  return system.matches ? "dark" : "light";
}

/**
 * Let a button switch the theme.
 * @param {HTMLButtonElement} button
 * @param {() => void} onChange called after the colours have changed, by whomever
 */
export function offerTheme(button, onChange) {
  const tell = () => {
    button.setAttribute("aria-pressed", String(theme() === "dark"));
    onChange();
  };
  button.addEventListener("click", () => {
    choose(theme() === "dark" ? "light" : "dark");
    tell();
  });
  system.addEventListener("change", tell);
  button.setAttribute("aria-pressed", String(theme() === "dark"));
}

/** @param {"light" | "dark"} wanted */
function choose(wanted) {
  document.documentElement.dataset.theme = wanted;
  try {
    localStorage.setItem(KEY, wanted);
  } catch {
    // Storage is forbidden: the choice lasts as long as the page.
  }
}

export const calm = matchMedia("(prefers-reduced-motion: reduce)");
