// @ts-check
/** Where the keys are when the card opens and closes: Enter leads into it, closing leads back. */

const card = /** @type {HTMLElement} */ (document.getElementById("card"));
card.tabIndex = -1;

export const isInCard = () => card.contains(document.activeElement);

export function enterCard() {
  if (!card.hidden) card.focus({ preventScroll: true });
}
