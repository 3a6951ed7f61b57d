// @ts-check
/** The log-in form: show the password on request. */

import { _ } from "./words.js";

const button = document.getElementById("reveal");
const field = document.getElementById("password");

if (button instanceof HTMLButtonElement && field instanceof HTMLInputElement) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const shown = field.type === "password";
    field.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
    button.textContent = shown ? _("Hide") : _("Show");
    field.focus();
  });
}
