// @ts-check
/** What the colours of the speeds mean, from at rest to fast, in the reader's unit. */

import { SPEED_STEPS } from "./speed-scale.js";
import { onUnits, roundSpeed, speedText, speedUnit } from "./units.js";
import { _ } from "./words.js";

const FASTEST = SPEED_STEPS[SPEED_STEPS.length - 1];

/** Under the track. */
export function showSpeedScale() {
  const steps = [0, ...SPEED_STEPS].map((knots, step) => {
    const sign = document.createElement("li");
    sign.className = `speed-${step}`;
    sign.textContent = knots ? roundSpeed(knots) : "0";
    return sign;
  });
  document.getElementById("speed-scale")?.replaceChildren(...steps);
  write("#speed-unit", speedUnit());
}

/** In the legend of the map. */
export function offerSpeedLegend() {
  showSpeedLegend();
  onUnits(showSpeedLegend);
}

function showSpeedLegend() {
  const bounds = SPEED_STEPS.map((knots) => {
    const bound = document.createElement("b");
    bound.textContent = knots === FASTEST ? `${roundSpeed(knots)} ${speedUnit()}` : roundSpeed(knots);
    return bound;
  });
  document.querySelector(".legend-bounds")?.replaceChildren(...bounds);
  write("#legend-rest", _("below {speed}", { speed: speedText(SPEED_STEPS[0]) }));
  const words = _("Colours by speed, from at rest, dark, to {speed} and more, light", { speed: speedText(FASTEST) });
  document.querySelector(".legend-scale")?.setAttribute("aria-label", words);
}

/**
 * @param {string} selector
 * @param {string} text
 */
function write(selector, text) {
  const place = document.querySelector(selector);
  if (place) place.textContent = text;
}
