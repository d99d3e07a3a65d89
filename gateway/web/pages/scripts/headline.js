/** One sentence that says how the shop is doing: what is cut, what goes on all the same, what was made up for. */

import { element, icon, refill } from "/pages/scripts/elements.js";
import { gaps, membersHere, waiting, waitingSince } from "/pages/scripts/shop.js";
import { secondsBetween, timeOfDay } from "/pages/scripts/times.js";

/** An event is no news while it is on its way for no longer than this. */
const ON_THE_WAY_MS = 5000;
/** How long an outage that is over is spoken of. */
const REMEMBERED_S = 180;

/** Moods that a screen reader is told of; numbers that change all the time are none of its business. */
const TOLD = new Set(["cut", "healing", "healed", "unsure"]);

export class Headline {
  /** `news` is the live region. */
  constructor(root, news) {
    this.root = root;
    this.news = news;
    this.said = null;
  }

  show(shop, words) {
    const { mood, sentences } = headline(shop, words);
    const text = sentences.filter(Boolean).join(" ");
    if (this.said === text) {
      return;
    }
    this.said = text;
    const [first, ...rest] = sentences.filter(Boolean);
    if (this.root.dataset.mood !== mood) {
      this.news.textContent = TOLD.has(mood) ? first : "";
    }
    this.root.dataset.mood = mood;
    refill(this.root, icon(MOOD_ICONS[mood]), element("p", {}, element("strong", {}, first), ` ${rest.join(" ")}`));
  }
}

const MOOD_ICONS = {
  calm: "tick",
  cut: "cloud-off",
  healing: "upload",
  healed: "tick",
  lone: "place",
  unsure: "alert",
};

function headline(shop, words) {
  const { online, outage, healed } = shop.link;
  if (outage !== null) {
    return whileCut(shop, words);
  }
  if (online === null || online === undefined) {
    return { mood: "lone", sentences: [people(shop, words), words.say("headline.no_broker")] };
  }
  const old = healed === null || secondsBetween(healed.until, shop.at) > REMEMBERED_S;
  return old ? asUsual(shop, words) : afterwards(shop, words);
}

function whileCut({ link, outbox, store }, words) {
  const { from, offers } = link.outage;
  const since = from ? words.say("headline.since", { time: timeOfDay(from, words.language, store.timezone) }) : "";
  const goesOn = offers ? words.say("headline.goes_on", { count: offers }) : "";
  const waits = words.say("headline.waits", { count: waiting(outbox) });
  return { mood: "cut", sentences: [words.say("headline.cut", { since }), goesOn, waits] };
}

function afterwards({ link, outbox, store }, words) {
  const { until, offers } = link.healed;
  const back = words.say("headline.back", { time: timeOfDay(until, words.language, store.timezone) });
  const made = offers ? words.say("headline.meanwhile", { count: offers }) : "";
  const held = waitingSince(outbox, until);
  if (held > 0) {
    return { mood: "healing", sentences: [back, made, words.say("headline.sending", { count: held })] };
  }
  const missing = outbox.streams.reduce((sum, stream) => sum + gaps(stream), 0);
  const proof = missing ? words.say("headline.missing", { count: missing }) : words.say("headline.caught_up");
  return { mood: missing ? "unsure" : "healed", sentences: [back, made, proof] };
}

function asUsual(shop, words) {
  const held = waitingSince(shop.outbox, Date.parse(shop.at) - ON_THE_WAY_MS);
  const link = held ? words.say("headline.sending", { count: held }) : words.say("headline.all_sent");
  const sentences = [people(shop, words), link];
  return shop.health.status === "error"
    ? { mood: "unsure", sentences: [words.say("headline.trouble"), ...sentences] }
    : { mood: "calm", sentences };
}

function people(shop, words) {
  return words.say("headline.members", { count: membersHere(shop) });
}
