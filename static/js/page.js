// @ts-check
/** What every page with a header does. */

import { offerTheme } from "./appearance.js";

const button = document.getElementById("theme-toggle");
if (button instanceof HTMLButtonElement) offerTheme(button);

// A menu made of <details> stays open by itself; people expect it to close.
for (const menu of document.querySelectorAll("details.menu")) {
  if (!(menu instanceof HTMLDetailsElement)) continue;
  document.addEventListener("click", (event) => {
    if (event.target instanceof Node && !menu.contains(event.target)) menu.open = false;
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary")?.focus();
    event.stopPropagation();
  });
}

// Another language is another page: it goes on where this one is.
for (const form of document.querySelectorAll("form[data-language]")) {
  form.addEventListener("submit", () => {
    const next = form.querySelector("[name=next]");
    if (next instanceof HTMLInputElement) next.value = location.pathname + location.search + location.hash;
  });
}
