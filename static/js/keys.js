// @ts-check
/** Keys of the map page. Letters can be turned off, for people who dictate (WCAG 2.1.4). */

const KEY = "harbor.keys";

/**
 * @param {Record<string, () => void>} actions by key
 * @param {() => void} onEscape
 */
export function offerKeys(actions, onEscape) {
  const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("help"));
  const setting = /** @type {HTMLInputElement} */ (document.getElementById("keys-on"));
  setting.checked = remembered();
  setting.addEventListener("change", () => remember(setting.checked));
  const help = () => (dialog.open ? dialog.close() : dialog.showModal());
  document.getElementById("help-open")?.addEventListener("click", help);
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.key === "Escape" && !dialog.open) return onEscape();
    const action = event.key === "?" ? help : dialog.open ? undefined : actions[event.key];
    if (!action || !setting.checked || isTyping(event.target)) return;
    event.preventDefault();
    action();
  });
}

/** @param {EventTarget | null} target */
function isTyping(target) {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !["checkbox", "range"].includes(target.type);
  return target instanceof HTMLSelectElement || target instanceof HTMLTextAreaElement || target.isContentEditable;
}

function remembered() {
  try {
    return localStorage.getItem(KEY) !== "off";
  } catch {
    return true;
  }
}

/** @param {boolean} isOn */
function remember(isOn) {
  try {
    localStorage.setItem(KEY, isOn ? "on" : "off");
  } catch {
    // Storage is forbidden: the choice lasts as long as the page.
  }
}
