/** What happened, as a sentence: an icon's name, the sentence, and a detail below it. */

import { scannedThing } from "/pages/scripts/scanned.js";
import { sentence } from "/pages/scripts/sentences.js";
import { lasting, secondsBetween } from "/pages/scripts/times.js";
import { titled } from "/pages/scripts/words.js";

const SIGNS = {
  "visit.started": "door",
  "visit.ended": "leave",
  "zone.entered": "walk",
  "zone.left": "leave",
  "zone.dwelled": "clock",
  "code.scanned": "code",
  "tag.tapped": "nfc",
  "visitor.checked_in": "place",
  "queue.long": "clock",
  "order.arrived": "parcel",
  "order.handed_over": "parcel",
  "order.not_fetched": "leave",
  "help.requested": "question",
  "help.claimed": "question",
  "help.closed": "tick",
  "ticket.recorded": "till",
  "slip.taken": "till",
  "return.received": "shelf",
  "return.checked": "shelf",
  "return.restocked": "shelf",
  "price.mismatch": "tag",
  "beacon.reported": "beacon",
  "receiver.changed": "radio",
  "survey.contradicted": "radio",
  "clock.changed": "clock",
  offer: "offer",
  refusal: "refusal",
};

/**
 * `{sign, sentence, somebody, detail}` of a happening: `somebody` says that the sentence is about a person, also where
 * nobody knows whom; detail is null where the sentence says it all. `thing(gtin)` gives a product's name, `clock` the
 * shop's time: `{now, timeZone}`.
 */
export function tell(happening, words, thing, clock) {
  const { type, facts } = happening;
  const sign = SIGNS[type] ?? "gear";
  const somebody = OF_SOMEBODY.has(type);
  const told = TELLERS[type]?.(facts, words, thing, clock) ?? { sentence: words.name("story.events", type.replaceAll(".", "_"), facts) };
  return { sign, somebody, detail: null, ...told };
}

/** What a person does whom the gateway need not know. */
const OF_SOMEBODY = new Set([
  "code.scanned",
  "tag.tapped",
  "visitor.checked_in",
  "order.arrived",
  "order.handed_over",
  "order.not_fetched",
  "help.requested",
  "help.claimed",
  "help.closed",
  "ticket.recorded",
  "slip.taken",
  "price.mismatch",
  "redemption.refused",
]);

const TELLERS = {
  "visit.ended": (facts, words) => ({
    sentence: words.say("story.events.visit_ended", {
      time: lasting(secondsBetween(facts.started_at, facts.ended_at)),
    }),
    detail: words.name("visit_causes", facts.cause),
  }),
  "zone.entered": (facts, words) => ({
    sentence: words.say("story.events.zone_entered", { zone: titled(facts.zone) }),
  }),
  "zone.left": (facts, words) => ({
    sentence: words.say("story.events.zone_left", { zone: titled(facts.zone) }),
    detail: words.name("leaving_reasons", facts.reason),
  }),
  "zone.dwelled": (facts, words) => ({
    sentence: words.say("story.events.zone_dwelled", { zone: titled(facts.zone), time: lasting(facts.dwell_s) }),
  }),
  "code.scanned": (facts, words, thing) => ({
    sentence: words.say("story.events.code_scanned", { marker: scannedThing(facts, words, thing) }),
    detail: at(facts, words),
  }),
  "tag.tapped": (facts, words, thing) => ({
    sentence: words.say("story.events.tag_tapped", { marker: scannedThing(facts, words, thing) }),
    detail: at(facts, words),
  }),
  "queue.long": (facts, words) => ({
    sentence: words.say("story.events.queue_long", {
      zone: titled(facts.zone),
      count: Math.round(facts.people ?? facts.members),
    }),
  }),
  "order.arrived": (facts, words) => ({
    sentence: words.say("story.events.order_arrived", { order: facts.order }),
    detail: facts.zone && titled(facts.zone),
  }),
  "order.handed_over": (facts, words) => ({
    sentence: words.say("story.events.order_handed_over", { order: facts.order, seller: facts.seller }),
    detail: facts.waited_s === null ? null : words.say("story.waited", { time: lasting(facts.waited_s) }),
  }),
  "order.not_fetched": (facts, words) => ({
    sentence: words.say("story.events.order_not_fetched", { order: facts.order }),
    detail: words.name("waiting_ends", facts.reason),
  }),
  "help.requested": (facts, words, thing) => ({
    sentence: words.say(`story.events.help_${facts.cause}`),
    detail: wanted(facts, words, thing).filter(Boolean).join(" · ") || null,
  }),
  "help.claimed": (facts, words) => ({
    sentence: words.say("story.events.help_claimed", { seller: facts.seller }),
    detail: words.say("story.waited", { time: lasting(facts.waited_s) }),
  }),
  "help.closed": (facts, words) => ({
    sentence: words.say("story.events.help_closed"),
    detail: words.name("help_outcomes", facts.outcome),
  }),
  "ticket.recorded": (facts, words) => ({
    sentence: words.say("story.events.ticket_recorded", {
      total: words.money(facts.total, facts.currency),
      till: facts.till,
    }),
    detail: facts.offers.map(titled).join(" · ") || null,
  }),
  "slip.taken": (facts, words) => ({
    sentence: words.say("story.events.slip_taken", { till: facts.till }),
    detail: facts.coupons.map(titled).join(" · ") || null,
  }),
  "return.received": (facts, words, thing) => ({
    sentence: words.say("story.events.return_received", { product: thing(facts.product) }),
  }),
  "return.checked": (facts, words, thing) => ({
    sentence: words.say(`story.events.return_${facts.sound ? "sound" : "unsound"}`, { product: thing(facts.product) }),
  }),
  "return.restocked": (facts, words, thing) => ({
    sentence: words.say("story.events.return_restocked", { product: thing(facts.product) }),
  }),
  "price.mismatch": (facts, words, thing) => ({
    sentence: words.say("story.events.price_mismatch", {
      product: thing(facts.product),
      theirs: words.money(facts.theirs, facts.currency),
      ours: words.money(facts.ours, facts.currency),
    }),
  }),
  "beacon.reported": (facts, words) => ({
    sentence: words.say("story.events.beacon_reported", {
      beacon: facts.beacon,
      state: words.name("beacon_states", facts.state),
    }),
  }),
  "receiver.changed": (facts, words) => ({
    sentence: words.say(`story.events.receiver_${facts.status}`, { receiver: facts.receiver }),
  }),
  "survey.contradicted": (facts, words) => ({
    sentence: words.say(`story.events.anchor_${facts.status}`, { anchor: facts.anchor }),
  }),
  "clock.changed": (facts, words) => ({ sentence: words.say(`story.events.clock_${facts.to}`) }),
  offer: (facts, words) => ({
    sentence: words.say("story.offered", { offer: offered(facts) }),
    detail: because(facts, words),
  }),
  "command.taken": (facts, words) => ({
    sentence: words.say("story.events.command_taken", { command: words.name("commands", facts.command) }),
  }),
  "command.refused": (facts, words) => ({
    sentence: words.say("story.events.command_refused", { command: words.name("commands", facts.command) }),
  }),
  refusal: (facts, words, thing, clock) => ({
    sentence: words.say("story.refused", {
      offer: titled(facts.campaign),
      reason: words.name("reasons", facts.reason),
    }),
    detail: sentence("details", facts.reason, facts.values ?? {}, { words, thing, clock }) ?? because(facts, words),
  }),
};

function wanted({ zone, product, size }, words, thing) {
  return [zone && titled(zone), product && thing(product), size && words.say("desk.size", { size })];
}

function at(facts, words) {
  const own = `story.read_by.${facts.receiver}`;
  return words.has(own) ? words.say(own) : words.say("story.at_receiver", { receiver: facts.receiver });
}

function offered(facts) {
  return facts.words?.title ?? titled(facts.campaign);
}

function because(facts, words) {
  const moment = words.name("moments", facts.moment);
  const parts = [
    facts.words?.body,
    titled(facts.campaign),
    moment,
    facts.channel && words.name("channels", facts.channel),
  ];
  return parts.filter(Boolean).join(" · ");
}
