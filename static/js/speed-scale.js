// @ts-check
/** Speeds as colours: steps of viridis, which colour-blind people can tell apart too. */

/** Where the next colour begins, in knots. The first one is for vessels at rest. */
export const SPEED_STEPS = [0.5, 4, 8, 12, 16, 20];

/**
 * The role of the colour, of static/css/tokens.css.
 * @param {number | null} speed_knots
 */
export function speedRole(speed_knots) {
  if (speed_knots === null) return "speed-unknown";
  let step = 0;
  while (step < SPEED_STEPS.length && speed_knots >= SPEED_STEPS[step]) step += 1;
  return ROLES[step];
}

const ROLES = [0, ...SPEED_STEPS].map((_, step) => `speed-${step}`);
