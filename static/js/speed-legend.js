// @ts-check
/** The colours of the speeds under the track, from at rest to fast. */

import { SPEED_STEPS } from "./speed-scale.js";
import { language } from "./words.js";

const KNOTS = new Intl.NumberFormat(language);

export function showSpeedScale() {
  const steps = [0, ...SPEED_STEPS].map((knots, step) => {
    const sign = document.createElement("li");
    sign.className = `speed-${step}`;
    sign.textContent = KNOTS.format(knots);
    return sign;
  });
  document.getElementById("speed-scale")?.replaceChildren(...steps);
}
