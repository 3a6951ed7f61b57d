// @ts-check
/** A vessel's page: puts the parts together, keeps the newest report live, reads the track. */

import { showClock } from "./clock.js";
import { Connection } from "./connection.js";
import { byId } from "./element.js";
import { fromFeature, fromRow, moment, writtenAt } from "./feature.js";
import { Fleet } from "./fleet.js";
import { utcMoment } from "./format.js";
import { offerKeys } from "./keys.js";
import { openFeed } from "./live.js";
import { readSettings } from "./map-settings.js";
import { notice } from "./notice.js";
import { PeriodPicker } from "./period-picker.js";
import { ServerClock } from "./server-clock.js";
import { SpeedChart } from "./speed-chart.js";
import { showSpeedScale } from "./speed-legend.js";
import { TrackMap } from "./track-map.js";
import { onUnits } from "./units.js";
import { VesselNow } from "./vessel-now.js";
import { showFigures, noteOf } from "./voyage-figures.js";
import { showDoubts, showSpeeds, showStops } from "./voyage-tables.js";
import { nearestInTime, readVoyage } from "./voyage.js";
import { _, language } from "./words.js";

/** @typedef {import("./voyage.js").Voyage} Voyage */

const page = byId("vessel");
const settings = readSettings(page.dataset);
const clock = new ServerClock();
const now = () => clock.now();
const written = fromRow(page);
/** A period that ends now grows: it is read again so often, while somebody looks. */
const AGAIN_MS = 60_000;
const PERIOD = new Intl.DateTimeFormat(language, {
  day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZoneName: "short",
});
const GROWING = new Set(["6h", "24h"]);

/** @type {Voyage | null} */
let voyage = null;
let readAt = 0;
/** @type {number | null} the fix that the reader points at */
let pointed = null;
let reading = new AbortController();

const fleet = new Fleet(settings.patience, show);
const vesselNow = new VesselNow(settings.patience);
const map = new TrackMap(byId("track-map"), settings, point);
const chart = new SpeedChart(byId("speed-chart"), point);
const picker = new PeriodPicker(() => read({ fit: true }));
const address = { url: page.dataset.streamUrl ?? "", owner: page.dataset.streamOwner ?? "" };
const feed = openFeed(address, {
  onLink: (state) => connection.put(state),
  onEvent: take,
  onServerTime: (server_ms) => clock.anchor(server_ms),
});
const connection = new Connection(() => feed.now());

start();

function start() {
  clock.anchor(writtenAt(page));
  fleet.put(written);
  fleet.judge(now());
  showSpeedScale();
  offerTools();
  setInterval(tick, 1_000);
  feed.start();
  read({ fit: true });
}

/**
 * @param {string} name
 * @param {any} data
 */
function take(name, data) {
  if (name === "snapshot") {
    const [feature] = data.features;
    if (feature) fleet.put(fromFeature(feature));
    document.documentElement.dataset.ready = "true";
  } else if (name === "position" || name === "vessel") {
    clock.atLeast(moment(data.properties.received_at) ?? NaN);
    if (data.properties.change !== "removed") fleet.put(fromFeature(data));
    else notice(_("This vessel has just been taken off the map."));
  }
}

function show() {
  const vessel = fleet.get(written.id);
  if (!vessel) return;
  vesselNow.put(vessel, now());
  map.put(vessel.latitude === null ? null : vessel);
}

/** @param {{fit: boolean}} how */
async function read({ fit }) {
  reading.abort();
  reading = new AbortController();
  readAt = Date.now();
  const { signal } = reading;
  byId("voyage").setAttribute("aria-busy", "true");
  try {
    const found = await readVoyage(page.dataset.trackUrl ?? "", picker.period, signal);
    showVoyage(found, fit);
  } catch (error) {
    if (signal.aborted) return;
    byId("voyage-note").textContent = _("The track did not come: {why}", { why: error instanceof Error ? error.message : String(error) });
  }
  byId("voyage").setAttribute("aria-busy", "false");
}

/**
 * @param {Voyage} found
 * @param {boolean} fit
 */
function showVoyage(found, fit) {
  const at = pointed === null ? null : voyage?.points[pointed]?.at ?? null;
  voyage = found;
  picker.settle(found);
  map.show(found, { fit });
  chart.show(found);
  showFigures(found);
  showStops(found, goTo);
  showDoubts(found, showDoubt);
  showSpeeds(found);
  showPeriod(found);
  byId("voyage-note").textContent = noteOf(found);
  byId("track-empty").hidden = found.points.length > 0;
  byId("track-empty").textContent = _("No reports in this period.");
  point(at === null || found.points.length === 0 ? null : nearestInTime(found.points, at));
}

/** @param {Voyage} found */
function showPeriod({ from, to }) {
  const [begin, end] = [Date.parse(from), Date.parse(to)];
  const place = (/** @type {string} */ name) => document.querySelector(`[data-period="${name}"]`);
  place("local")?.replaceChildren(PERIOD.formatRange(begin, end));
  place("utc")?.replaceChildren(`${utcMoment(begin).slice(0, 16)} – ${utcMoment(end).slice(0, 16)} UTC`);
  for (const link of document.querySelectorAll("a[data-download]")) {
    const [file] = /** @type {HTMLAnchorElement} */ (link).href.split("?");
    link.setAttribute("href", `${file}?${new URLSearchParams({ from, to })}`);
  }
}

/** @param {number | null} index */
function point(index) {
  pointed = index;
  map.point(index);
  chart.point(index);
}

/** @param {{latitude: number, longitude: number}} place */
function goTo(place) {
  map.goTo(place);
  byId("track-map").scrollIntoView({ block: "center" });
}

/** @param {{latitude: number, longitude: number}} place */
function showDoubt(place) {
  const box = /** @type {HTMLInputElement} */ (byId("show-doubts"));
  box.checked = true;
  map.showDoubts(true);
  goTo(place);
}

function tick() {
  if (document.hidden) return;
  fleet.judge(now());
  const vessel = fleet.get(written.id);
  if (vessel) vesselNow.tick(vessel, now());
  connection.tick();
  showClock(now());
  const hasNews = (vessel?.recordedAt ?? 0) > (voyage?.points.at(-1)?.at ?? 0);
  if (hasNews && GROWING.has(picker.period.last ?? "") && Date.now() - readAt > AGAIN_MS) read({ fit: false });
}

function offerTools() {
  offerKeys({ 0: () => map.fit(), p: () => print() }, () => point(null));
  onClick("fit-track", () => map.fit());
  onClick("zoom-in", () => map.zoom(1));
  onClick("zoom-out", () => map.zoom(-1));
  byId("show-doubts").addEventListener("change", ({ target }) => map.showDoubts(/** @type {HTMLInputElement} */ (target).checked));
  document.addEventListener("harbor:theme", repaint);
  onUnits(retell);
  document.addEventListener("visibilitychange", tick);
}

function repaint() {
  map.repaint();
  chart.redraw();
}

/** Another tab has chosen other units. */
function retell() {
  show();
  showSpeedScale();
  if (voyage) showVoyage(voyage, false);
}

/**
 * @param {string} id
 * @param {() => void} action
 */
function onClick(id, action) {
  byId(id).addEventListener("click", action);
}

/** Read-only, for tests. */
Object.assign(window, {
  harbor: {
    voyage: () => voyage,
    pointed: () => pointed,
    placeOf: (/** @type {number} */ index) => map.placeOf(index),
    vessel: () => fleet.get(written.id),
  },
});
