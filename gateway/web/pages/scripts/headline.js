/** One sentence that says how the shop is doing: what is cut, what goes on all the same, what was made up for. */

import { element, icon, refill } from "/pages/scripts/elements.js";
import { gaps, membersHere, waiting } from "/pages/scripts/shop.js";
import { timeOfDay } from "/pages/scripts/times.js";

export class Headline {
  constructor(root) {
    this.root = root;
    this.said = null;
  }

  show(shop, words) {
    const { mood, sentences } = headline(shop, words);
    const text = sentences.join(" ");
    if (this.said === text) {
      return;
    }
    this.said = text;
    this.root.dataset.mood = mood;
    const [first, ...rest] = sentences;
    refill(this.root, icon(MOOD_ICONS[mood]), element("p", {}, element("strong", {}, first), ` ${rest.join(" ")}`));
  }
}

const MOOD_ICONS = { calm: "tick", cut: "cloud-off", healing: "upload", healed: "tick", lone: "place", unsure: "alert" };

function headline(shop, words) {
  const depth = waiting(shop.outbox);
  const { online, outage, healed } = shop.link;
  const people = words.say("headline.members", { count: membersHere(shop) });
  if (outage !== null) {
    const since = outage.from ? words.say("headline.since", { time: clock(outage.from, shop, words) }) : "";
    const cut = words.say("headline.cut", { since });
    return { mood: "cut", sentences: [cut, words.say("headline.goes_on", { count: outage.offers }), words.say("headline.waits", { count: depth })] };
  }
  if (online === null || online === undefined) {
    return { mood: "lone", sentences: [people, words.say("headline.no_broker")] };
  }
  const missing = shop.outbox.streams.reduce((sum, stream) => sum + gaps(stream), 0);
  if (healed !== null) {
    const back = words.say("headline.back", { time: clock(healed.until, shop, words) });
    const made = words.say("headline.meanwhile", { count: healed.offers });
    const rest = words.say(depth > 0 ? "headline.sending" : missing > 0 ? "headline.missing" : "headline.caught_up", { count: depth || missing });
    return { mood: depth > 0 ? "healing" : "healed", sentences: [back, made, rest] };
  }
  const troubled = shop.health.status === "error";
  const link = words.say(depth > 0 ? "headline.sending" : "headline.all_sent", { count: depth });
  return troubled
    ? { mood: "unsure", sentences: [words.say("headline.trouble"), people, link] }
    : { mood: "calm", sentences: [people, link] };
}

function clock(instant, shop, words) {
  return timeOfDay(instant, words.language, shop.store.timezone);
}
