// @ts-check
/** The map page: puts the parts together and hands the stream's events to them. */

import { Alerts } from "./alerts.js";
import { nextTheme } from "./appearance.js";
import { Card } from "./card.js";
import { showClock } from "./clock.js";
import { Connection } from "./connection.js";
import { fromFeature, fromRow, moment, writtenAt } from "./feature.js";
import { Fleet } from "./fleet.js";
import { FleetList } from "./fleet-list.js";
import { offerKeys } from "./keys.js";
import { startKiosk } from "./kiosk.js";
import { openFeed } from "./live.js";
import { Follow } from "./follow.js";
import { FleetMap } from "./map.js";
import { readSettings } from "./map-settings.js";
import { MapOptions } from "./map-options.js";
import { MapTools } from "./map-tools.js";
import { offerPrint } from "./print-page.js";
import { Replay } from "./replay.js";
import { offerSpace } from "./replay-space.js";
import { Selection } from "./selection.js";
import { Pace } from "./pace.js";
import { ServerClock } from "./server-clock.js";
import { offerSheet, raiseSheet } from "./sheet.js";
import { TrailSource } from "./trail-source.js";
import { onUnits } from "./units.js";
import { readUnheard } from "./unheard.js";
import { readState, readView, writeView } from "./view-link.js";

const mapElement = /** @type {HTMLElement} */ (document.getElementById("map"));
const settings = readSettings(mapElement.dataset);
const clock = new ServerClock();
/** The moment that is shown: now, unless the past is replayed. */
const now = () => replay.moment ?? clock.now();

/** Dots to a pixel: about 250 dpi on A4. */
const PRINT_SCALE = 2.5;

let mustSort = true;
/**
 * The server writes the first rows only; the first snapshot brings the others.
 * @type {"begun" | "arriving" | "whole"}
 */
let roll = "begun";

const words = new Pace(showInWords, () => fleet.size);
const fleet = new Fleet(settings.patience, (changed) => replay.fleet || show(changed));
const list = new FleetList({ onPick: (id, how) => selection.pickRow(id, how), onHover: (id) => map.hover(id) }, {
  box: () => map.box,
  centre: () => map.view,
  placeAt: (x, y) => map.placeAt(x, y),
}, now);
const card = new Card({
  onClose: () => selection.select(null),
  onFollow: () => follow.toggle(selection.vessel),
  onFind: () => selection.find(),
}, now, mapElement.dataset.streamOwner ?? "");
const options = new MapOptions();
const map = new FleetMap(mapElement, settings, options.now, {
  onPick: (id, place) => selection.pick(id, place),
  onDrag: () => follow.stop("moved"),
  onView: (view) => {
    writeView(view);
    list.viewed();
  },
}, now);
const tools = new MapTools(map, options);
const follow = new Follow({
  onChange: (isFollowing) => card.follow(isFollowing),
  onMove: (vessel) => map.flyTo(vessel, { closer: false }),
}, settings.patience, now);
const address = { url: mapElement.dataset.streamUrl ?? "", owner: mapElement.dataset.streamOwner ?? "" };
const trails = new TrailSource(mapElement.dataset.trailsUrl ?? "", address.owner, fleet);
const feed = openFeed(address, {
  onLink: (link) => { connection.put(link); alerts.link(link.state); },
  onEvent: (name, data) => alerts.take(name, data) || take(name, data),
  onServerTime: (server_ms) => clock.anchor(server_ms),
});
const alerts = new Alerts(mapElement.dataset, { map, find: (id) => selection.attend(id) }, () => clock.now());
const connection = new Connection(() => feed.now());
const replay = new Replay({ url: mapElement.dataset.historyUrl ?? "", owner: address.owner, patience: settings.patience }, {
  now: () => clock.now(),
  onScene: changeScene,
  onFrame: showOnMap,
  onBeat: (changed) => {
    list.update(changed, reported);
    showInWords(changed);
  },
});
/** The fleet that is shown. */
const scene = () => replay.fleet ?? fleet;
const reported = (/** @type {string} */ id) => scene().get(id);
const selection = new Selection({
  list, card, map, tools, follow, trails,
  reported,
  drawn: (id) => replay.fleet?.drawn(id) ?? fleet.get(id),
});

start();

function start() {
  const asked = readAsked();
  const rows = list.written;
  const written_ms = Math.max(...rows.map(writtenAt).filter(Number.isFinite));
  clock.anchor(written_ms);
  fleet.replace(rows.map(fromRow));
  fleet.judge(clock.now());
  for (const vessel of fleet.all()) {
    list.put(vessel);
    map.put(vessel);
  }
  list.show({ sort: true });
  if (asked.view) map.setView(asked.view);
  if (list.total === rows.length) complete(asked);
  offerTools();
  startKiosk({ vessels: () => [...fleet.all()], attend: (id) => selection.attend(id), fitAll: () => map.fitAll() });
  setInterval(tick, 1_000);
  feed.start();
  if (readState().has("t")) replay.follow();
}

/**
 * @param {string} name
 * @param {any} data
 */
function take(name, data) {
  if (name === "snapshot") return takeSnapshot(data);
  if (name === "position" || name === "late" || name === "vessel") takeFeature(name, data);
}

/** @param {any} collection */
function takeSnapshot(collection) {
  mustSort = true;
  fleet.replace(collection.features.map(fromFeature));
  fleet.judge(clock.now());
  trails.refresh(selection.id);
  if (roll === "begun") void arrive();
  // Two frames later it is drawn: the fleet's change waits for one, the canvas for the next.
  requestAnimationFrame(() => requestAnimationFrame(() => {
    document.documentElement.dataset.ready = "true";
  }));
}

async function arrive() {
  for (const vessel of await readUnheard(list.unheardAt)) fleet.put(vessel);
  roll = "arriving";
}

/** @param {ReturnType<typeof readAsked>} asked */
function complete(asked) {
  roll = "whole";
  list.complete();
  list.show({ sort: true });
  const vessel = asked.vessel ? fleet.get(asked.vessel) : undefined;
  if (!readView() && !map.showsMost) map.fitAll();
  if (vessel) selection.select(vessel.id, { fly: !asked.view });
  if (vessel && asked.follow) follow.start(vessel);
  if (asked.vessel && !vessel) selection.miss();
}

/**
 * @param {"position" | "late" | "vessel"} name
 * @param {any} feature
 */
function takeFeature(name, feature) {
  const { change, state, received_at } = feature.properties;
  if (name === "position") clock.atLeast(moment(received_at) ?? NaN);
  // `outside` comes only on a stream with a box: the last of her until she is back in it.
  if (change === "removed" || state === "outside") return fleet.remove(String(feature.id));
  const vessel = fromFeature(feature);
  if (name === "late") fleet.putLate(vessel);
  else fleet.put(vessel);
}

/** @param {Set<string>} changed */
function show(changed) {
  list.update(changed, reported);
  words.add(changed);
  showOnMap(changed);
}

/** @param {Set<string>} changed */
function showOnMap(changed) {
  for (const id of changed) {
    const vessel = replay.fleet ? replay.fleet.drawn(id) : fleet.get(id);
    if (vessel) map.put(vessel);
    else map.remove(id);
    if (replay.fleet && vessel && id === selection.id) map.select(vessel);
  }
  map.show();
}

/** @param {Set<string>} changed */
function showInWords(changed) {
  list.show({ sort: mustSort });
  mustSort = false;
  if (roll === "arriving") complete(readAsked());
  if (selection.id && changed.has(selection.id)) selection.refresh();
}

/**
 * From live to the past, or back: everything is another vessel's now.
 * @param {Iterable<string>} ids of the past; the live ones are known
 */
function changeScene(ids) {
  mustSort = true;
  fleet.judge(clock.now());
  show(new Set([...ids, ...fleet.all().map(({ id }) => id)]));
}

function tick() {
  if (document.hidden) return;
  fleet.judge(clock.now());
  list.tick();
  card.tick();
  connection.tick();
  showClock(clock.now());
}

function offerTools() {
  offerSheet();
  offerPrint({
    picture: () => map.picture(PRINT_SCALE),
    inView: () => [...scene().all()].filter((vessel) => map.contains(vessel)),
    now,
    printedAt: () => (replay.fleet ? clock.now() : null),
    repaint: () => map.repaint(),
  });
  offerKeys({
    "/": () => { raiseSheet(); list.focusSearch(); },
    j: () => selection.step(1),
    k: () => selection.step(-1),
    d: nextTheme,
    f: () => follow.toggle(selection.vessel),
    ...tools.keys,
    p: () => print(),
    0: () => map.fitAll(),
    h: () => map.home(),
    n: () => list.toggleInView(),
    r: () => replay.toggle(),
  }, () => tools.escape() || (replay.isOpen ? replay.close() : selection.select(null)));
  offerSpace(replay);
  onClick("replay-open", () => replay.toggle());
  onClick("zoom-in", () => map.zoom(1));
  onClick("zoom-out", () => map.zoom(-1));
  onClick("fit-all", () => map.fitAll());
  onClick("go-home", () => map.home());
  document.getElementById("search")?.addEventListener("focus", raiseSheet);
  document.addEventListener("harbor:theme", repaint);
  onUnits(() => changeScene([]));
  document.addEventListener("visibilitychange", tick);
  addEventListener("hashchange", openLink);
  new ResizeObserver(() => map.resize()).observe(mapElement);
}

function repaint() {
  map.repaint();
  replay.repaint();
}

/** What the address asks for. */
function readAsked() {
  return { view: readView(), vessel: readState().get("vessel") ?? null, follow: Follow.isAsked };
}

/** Somebody pasted another link into the address. */
function openLink() {
  const asked = readAsked();
  if (asked.vessel && asked.vessel !== selection.id && scene().get(asked.vessel)) selection.select(asked.vessel);
  if (asked.view) map.setView(asked.view);
  const vessel = selection.vessel;
  if (asked.follow && vessel) follow.start(vessel);
  else follow.stop("other");
  replay.follow();
}

/**
 * @param {string} id
 * @param {() => void} action
 */
function onClick(id, action) {
  document.getElementById(id)?.addEventListener("click", action);
}

// For the tests in a browser, which can't see into a canvas.
Object.assign(window, {
  harbor: {
    vessels: () => scene().all().map(({ id, name, latitude, longitude, state }) => ({ id, name, latitude, longitude, state })),
    live: () => fleet.all().map(({ id, latitude, longitude }) => ({ id, latitude, longitude })),
    hullAt: (/** @type {string} */ id) => map.hullAt(id),
    listed: () => list.listed.map(({ id }) => id),
    trail: (/** @type {string} */ id) => scene().get(id)?.trail.fixes() ?? [],
    rhythm: (/** @type {string} */ id) => scene().get(id)?.rhythm.interval_ms ?? null,
    replay: () => ({
      isOpen: replay.isOpen, moment: replay.moment, isPlaying: replay.isPlaying, rate: replay.rate, moved: replay.moved, ...replay.size,
    }),
  },
});
