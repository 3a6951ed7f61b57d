// @ts-check
/** The figures of a voyage, and what the reader must know to trust them. */

import { localMoment, span } from "./format.js";
import { distanceText, metresText, speedText } from "./units.js";
import { _, _n, language } from "./words.js";

/** @typedef {import("./voyage.js").Voyage} Voyage */

const METRES_PER_MILE = 1_852;
const WHOLE = new Intl.NumberFormat(language);

/** @param {Voyage} voyage */
export function showFigures({ figures }) {
  const { metres, estimated_metres, speed_max_at_s, stopped_s } = figures;
  write("distance", lengthText(metres + estimated_metres));
  write("distance-more", estimated_metres >= 50 ? _("of which {distance} estimated", { distance: lengthText(estimated_metres) }) : "");
  write("under-way", span(figures.under_way_s * 1_000));
  write("under-way-more", figures.unreported_s ? _("and {span} without reports", { span: span(figures.unreported_s * 1_000) }) : "");
  write("stops", WHOLE.format(figures.stop_count));
  write("stops-more", stopped_s ? _("{span} in all", { span: span(stopped_s * 1_000) }) : "");
  write("mean", speedText(figures.speed_mean_knots));
  write("mean-more", figures.speed_mean_knots === null ? "" : _("while under way"));
  write("fastest", speedText(figures.speed_max_knots));
  const at = speed_max_at_s === null ? "" : localMoment(speed_max_at_s * 1_000, Date.now());
  write("fastest-more", figures.is_speed_computed ? _("computed, {at}", { at }) : at);
}

/** What is said beside the chart: how many fixes, and what was left out of the drawing. */
/** @param {Voyage} voyage */
export function noteOf({ figures, points, tolerance_metres }) {
  const fixes = _n("{count} fix", "{count} fixes", figures.fixes, { count: WHOLE.format(figures.fixes) });
  const silences = _n("{n} silence", "{n} silences", figures.gap_count);
  const gaps = figures.gap_count ? ` · ${silences}` : "";
  if (!tolerance_metres) return `${fixes}${gaps}`;
  const drawn = _("drawn in {points} points, within {distance}; the figures count every fix", {
    points: WHOLE.format(points.length), distance: metresText(tolerance_metres),
  });
  return `${fixes}${gaps} · ${drawn}`;
}

/** @param {number} metres */
const lengthText = (metres) => distanceText(metres / METRES_PER_MILE, () => 1);

/**
 * @param {string} name
 * @param {string} text
 */
function write(name, text) {
  const place = document.querySelector(`[data-figure="${name}"]`);
  if (place) place.textContent = text;
}
