// @ts-check
/**
 * Replay: the whole fleet at a moment of the past, on the same map. The page asks this module
 * which fleet to show and what time it is; the live fleet is kept up to date behind it.
 *
 * @typedef {import("./fleet.js").Patience} Patience
 * @typedef {import("./replay-period.js").Period} Period
 *
 * @typedef {object} Page
 * @property {() => number} now the server's time
 * @property {(ids: Iterable<string>) => void} onScene another fleet is to be shown, these among it
 * @property {(changed: Set<string>) => void} onFrame what moved on the map
 * @property {(changed: Set<string>) => void} onBeat what the words beside it must say, now and then
 */

import { calm } from "./appearance.js";
import { notice } from "./notice.js";
import { ReplayBar } from "./replay-bar.js";
import { ReplayClock, rateNamed } from "./replay-clock.js";
import { ReplayFleet } from "./replay-fleet.js";
import { ReplayLoader } from "./replay-loader.js";
import { lastHours, periodWith, stepOf, wholeDay } from "./replay-period.js";
import { ReplayStore } from "./replay-store.js";
import { readState, writeState } from "./view-link.js";
import { _, _n } from "./words.js";

const AGO_MS = 3_600_000;
const FRAME_MS = 30;
const BEAT_MS = 250;
/** How often a playing moment is written into the address. */
const LINK_MS = 2_000;
/** Where no past came nobody is shown: in the replay's frame the present fleet would be taken for it. */
const NOBODY = { from: 0, to: 0, step_s: 1, vessels: [], left_out: 0 };

export class Replay {
  isOpen = false;
  /** How many vessels have moved since it was opened; for the tests. */
  moved = 0;
  #page;
  #patience;
  #loader;
  #bar;
  #clock = new ReplayClock(0, 1, 0);
  /** @type {ReplayStore | null} */
  #store = null;
  /** @type {ReplayFleet | null} */
  #fleet = null;
  /** @type {Set<string>} */
  #unsaid = new Set();
  #isWaiting = false;
  #isFaulty = false;
  /** Nobody has chosen the moment: it may be put to where there is something to see. */
  #isFree = false;
  #frameAt = 0;
  #beatAt = 0;
  #linkAt = 0;
  #frame = 0;

  /**
   * @param {{url: string, owner: string, patience: Patience}} settings
   * @param {Page} page
   */
  constructor({ url, owner, patience }, page) {
    this.#page = page;
    this.#patience = patience;
    this.#loader = new ReplayLoader({ url, owner });
    this.#bar = new ReplayBar({
      onSeek: (moment) => this.#seek(moment),
      onStep: (steps) => this.step(steps),
      onPlay: () => this.togglePlay(),
      onRate: (rate) => this.#setRate(rate),
      onHours: (hours) => this.#begin(lastHours(hours, page.now()), this.#clock.moment),
      onDay: (date) => this.#beginDay(date),
      onClose: () => this.close(),
    });
  }

  /** The fleet to show instead of the live one; null while that is to be shown. */
  get fleet() {
    return this.#fleet;
  }

  /** The moment that is shown; null while that is now. */
  get moment() {
    return this.#fleet ? this.#clock.moment : null;
  }

  get isPlaying() {
    return this.#clock.isPlaying;
  }

  get rate() {
    return this.#clock.rate;
  }

  /** What it keeps in memory. */
  get size() {
    const bytes = this.#store?.tracks.reduce((sum, track) => sum + track.bytes, 0) ?? 0;
    return { fixes: this.#store?.fixes ?? 0, bytes };
  }

  /** Open it an hour ago, playing; or close it. */
  toggle() {
    if (this.isOpen) return this.close();
    this.#open(lastHours(24, this.#page.now()), this.#page.now() - AGO_MS, !calm.matches);
    this.#isFree = true;
    this.#bar.focus();
  }

  /** What the address asks for: a moment to look at, at rest. */
  follow() {
    const moment = Date.parse(readState().get("t") ?? "");
    if (Number.isNaN(moment)) return this.close();
    if (this.isOpen && this.#clock.from <= moment && moment <= this.#clock.to) return this.#seek(moment);
    this.#open(periodWith(Math.min(moment, this.#page.now()), this.#page.now()), moment, false);
  }

  close() {
    if (!this.isOpen) return;
    cancelAnimationFrame(this.#frame);
    this.#loader.stop();
    this.isOpen = false;
    const ids = this.#fleet?.ids ?? [];
    this.#fleet = null;
    this.#store = null;
    this.#bar.open(false);
    document.documentElement.dataset.replayWaits = "false";
    writeState({ t: null, rate: null });
    this.#page.onScene(ids);
    notice(_("Live again"));
  }

  togglePlay() {
    if (!this.isOpen) return;
    if (this.#clock.isPlaying) this.#clock.pause();
    else this.#clock.play();
    this.#settle();
  }

  /** @param {number} steps forward, or back */
  step(steps) {
    this.#clock.pause();
    this.#seek(this.#clock.moment + steps * stepOf(this.#clock));
  }

  /** The colours have changed. */
  repaint() {
    if (this.isOpen) this.#bar.scrubber.draw();
  }

  /**
   * @param {Period} period
   * @param {number} moment
   * @param {boolean} isPlaying
   */
  #open(period, moment, isPlaying) {
    this.isOpen = true;
    this.#isFree = false;
    this.moved = 0;
    this.#bar.open(true);
    this.#begin(period, moment);
    this.#clock.rate = rateNamed(readState().get("rate"));
    if (isPlaying) this.#clock.play();
    this.#settle();
    this.#tick(performance.now());
  }

  /** @param {string} date */
  #beginDay(date) {
    const period = wholeDay(date, this.#page.now());
    if (!period) return this.#bar.say(_("There is nothing to replay of that day."), "fault");
    this.#begin(period, this.#clock.moment);
  }

  /**
   * @param {Period} period
   * @param {number} moment
   */
  #begin(period, moment) {
    const { rate, isPlaying } = this.#clock;
    const isWithin = period.from <= moment && moment < period.to;
    this.#clock = new ReplayClock(period.from, period.to, isWithin ? moment : period.from);
    Object.assign(this.#clock, { rate, isPlaying });
    this.#store = null;
    this.#isFaulty = false;
    this.#isWaiting = false;
    this.#wait(true);
    this.#bar.begin(period);
    this.#load(period);
  }

  /** @param {Period} period */
  #load({ from, to }) {
    this.#loader.load(from, to, this.#clock.moment, {
      onHead: (head) => this.#takeHead(head),
      onSlice: (slice) => this.#takeSlice(slice),
      onEnd: () => this.#takeEnd(),
      onFault: (detail) => this.#takeFault(_("The history did not come whole. Choose the period again.") + ` ${detail}`),
      onFull: () => this.#takeFault(_("You have several replays open. Wait until one has been read, or close it, and choose the period again.")),
    });
  }

  /** After the first slice, which must not wait for it. */
  async #askActivity() {
    const { from, to } = this.#clock;
    const activity = await this.#loader.activity(from, to);
    const isAsked = this.isOpen && this.#clock.from === from && this.#clock.to === to;
    if (activity && isAsked) this.#bar.scrubber.putActivity(activity);
  }

  /** @param {import("./replay-store.js").Head} head */
  #takeHead(head) {
    const before = this.#fleet?.ids ?? [];
    this.#store = new ReplayStore(head);
    this.#fleet = new ReplayFleet(this.#store, this.#patience);
    this.#fleet.show(this.#clock.moment);
    this.#page.onScene([...before, ...this.#fleet.ids]);
    if (head.left_out) {
      notice(_n("{n} vessel is left out: a replay shows {shown}.", "{n} vessels are left out: a replay shows {shown}.",
        head.left_out, { shown: head.vessels.length }));
    }
  }

  /** @param {import("./replay-store.js").SliceLine} slice */
  #takeSlice(slice) {
    if (!this.#store) return;
    if (this.#store.loaded.length === 0 && !slice.is_before) this.#askActivity();
    this.#store.add(slice);
    this.#bar.scrubber.putLoaded(this.#store.loaded);
    if (this.#isFree && this.#store.holds(this.#clock.moment)) {
      this.#isFree = false;
      this.#seek(this.#store.notBefore(this.#clock.moment));
    }
    this.#beatAt = 0;
  }

  #takeEnd() {
    this.#wait(false);
    if (this.#store?.fixes === 0) this.#bar.say(_("Nobody reported in this period."));
  }

  /** @param {string} words */
  #takeFault(words) {
    this.#isFaulty = true;
    this.#clock.pause();
    if (!this.#store) this.#takeHead(NOBODY);
    this.#wait(!this.#store?.holds(this.#clock.moment));
    this.#bar.say(words.trim(), "fault");
  }

  /** @param {number} moment */
  #seek(moment) {
    this.#isFree = false;
    this.#clock.seek(moment);
    this.#settle();
  }

  /** @param {number} rate */
  #setRate(rate) {
    this.#clock.rate = rate;
    this.#settle();
  }

  /** Somebody has changed something: show, say and link it at once. */
  #settle() {
    this.#frameAt = this.#beatAt = this.#linkAt = 0;
    this.#show(true);
  }

  /** @param {number} now_ms */
  #tick(now_ms) {
    if (!this.isOpen) return;
    this.#frame = requestAnimationFrame((at) => this.#tick(at));
    if (now_ms - this.#frameAt < FRAME_MS) return;
    const passed_ms = this.#frameAt ? now_ms - this.#frameAt : 0;
    this.#frameAt = now_ms;
    const { isPlaying, moment } = this.#clock;
    this.#wait(!this.#store?.holds(moment));
    this.#clock.advance(passed_ms, this.#store?.playableUntil(moment) ?? moment);
    if (isPlaying && this.#clock.isAtEnd) this.#end();
    if (moment !== this.#clock.moment || now_ms - this.#beatAt > BEAT_MS) this.#show(!isPlaying);
    if (now_ms - this.#beatAt > BEAT_MS) this.#beat(now_ms);
  }

  /** @param {boolean} isSpoken */
  #show(isSpoken) {
    const { moment, isPlaying, rate } = this.#clock;
    this.#bar.show(moment, { isPlaying, rate, isSpoken });
    if (!this.#fleet) return;
    const changed = this.#fleet.show(moment);
    for (const id of changed) this.#unsaid.add(id);
    if (isPlaying && this.#store?.holds(moment)) this.moved += changed.size;
    this.#page.onFrame(changed);
  }

  /** @param {number} now_ms */
  #beat(now_ms) {
    this.#beatAt = now_ms;
    if (this.#fleet) this.#page.onBeat(this.#unsaid);
    this.#unsaid = new Set();
    if (this.#clock.isPlaying && now_ms - this.#linkAt < LINK_MS) return;
    this.#linkAt = now_ms;
    const rate = String(this.#clock.rate);
    writeState({ t: `${new Date(this.#clock.moment).toISOString().slice(0, 19)}Z`, rate });
  }

  #end() {
    this.#bar.show(this.#clock.moment, { isPlaying: false, rate: this.#clock.rate, isSpoken: true });
    notice(_("The replay has come to its end. Esc leads back to live."));
  }

  /** @param {boolean} isWaiting nothing is there yet for the moment: nothing may be shown */
  #wait(isWaiting) {
    document.documentElement.dataset.replayWaits = String(isWaiting);
    if (isWaiting === this.#isWaiting) return;
    this.#isWaiting = isWaiting;
    if (this.#isFaulty) return; // that goes on being said
    if (isWaiting) this.#bar.say(_("Reading the history…"));
    else this.#bar.say(_("The map shows the past. Space plays and pauses, Esc leads back to live."), "hint");
  }
}
