// @ts-check
/**
 * Applies the remembered theme before the first paint. A classic script in the head, because a
 * module would run after the page has been shown in the wrong colours.
 */
(() => {
  try {
    const theme = localStorage.getItem("harbor.theme");
    if (theme === "light" || theme === "dark" || theme === "night") document.documentElement.dataset.theme = theme;
  } catch {
    // Storage is forbidden here: the page follows the system.
  }
})();
