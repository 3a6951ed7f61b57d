// @ts-check
/**
 * Applies the remembered theme, and the wall screen's dress, before the first paint. A classic
 * script in the head, because a module would run after the page has been shown in another.
 */
(() => {
  if (new URLSearchParams(location.search).has("kiosk")) document.documentElement.dataset.kiosk = "true";
  try {
    const theme = localStorage.getItem("harbor.theme");
    if (theme === "light" || theme === "dark" || theme === "night") document.documentElement.dataset.theme = theme;
  } catch {
    // Storage is forbidden here: the page follows the system.
  }
})();
