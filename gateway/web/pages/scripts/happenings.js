/** What happened, out of events and decisions: one list of moments, offers and refusals, oldest first. */

const PREFIX = "proximity.";
const VERSION = ".v1";

/** Told better by a decision, which carries its words. */
const TOLD_AS_DECISIONS = new Set(["offer.made", "offer.withheld"]);

const OF_THE_SHOP = new Set([
  "queue.long",
  "occupancy.measured",
  "beacon.reported",
  "receiver.changed",
  "survey.contradicted",
  "gateway.started",
  "gateway.stopped",
  "incarnation.started",
  "clock.changed",
  "command.taken",
  "command.refused",
  "publish.refused",
  "event.dropped",
]);

/** A stay of less than this is news only to who follows that visitor. */
const LONG_S = 60;

/**
 * The happenings of a message: `{key, at, kind, subject, ...}`, kind `moment`, `offer`, `refusal` or `shop`.
 * A `quiet` one is told only of a visitor who is followed: the steps of a tag, and a stay that is not long.
 */
export function happenings(message) {
  const events = (message.events ?? []).map(fromEvent).filter((each) => each !== null);
  const decisions = (message.decisions ?? []).map(fromDecision);
  return [...events, ...decisions].sort((one, other) => (one.at < other.at ? -1 : Number(one.at > other.at)));
}

/** Those of `found` that are not in `known`. */
export function withoutRepeats(found, known) {
  const keys = new Set(known.map((each) => each.key));
  return found.filter((each) => !keys.has(each.key));
}

function fromEvent(event) {
  const type = event.type.slice(PREFIX.length, -VERSION.length);
  if (TOLD_AS_DECISIONS.has(type) || (type === "zone.left" && event.data.reason === "moved")) {
    return null;
  }
  const kind = OF_THE_SHOP.has(type) ? "shop" : "moment";
  const subject = event.subject ?? null;
  const short = type === "zone.dwelled" && event.data.dwell_s < LONG_S;
  const quiet = short || (type.startsWith("zone.") && (subject?.startsWith("b.") ?? false));
  return { key: event.id, at: event.recordedtime, kind, quiet, subject, type, facts: event.data };
}

function fromDecision(decision) {
  const kind = decision.decision === "offered" ? "offer" : "refusal";
  const key = [decision.at, decision.subject, decision.campaign, decision.moment, decision.decision].join(" ");
  return { key, at: decision.at, kind, subject: decision.subject, type: kind, facts: decision };
}
