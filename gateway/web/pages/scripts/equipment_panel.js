/** What hears and what transmits, with its health: icon, colour and words. */

import { element, icon, refill } from "/pages/scripts/elements.js";
import { kindIcon } from "/pages/scripts/plan.js";
import { timeOfDay } from "/pages/scripts/times.js";
import { titled } from "/pages/scripts/words.js";

const STATUS = {
  up: { severity: "ok", sign: "tick" },
  down: { severity: "error", sign: "cross" },
  unknown: { severity: "quiet", sign: "question" },
};

/** Fill the list of receivers and the list of beacons. */
export function showEquipment({ receivers, beacons }, shop, words) {
  refill(
    receivers,
    shop.floorplan.receivers.map((receiver) => receiverRow(receiver, shop, words)),
  );
  const [tags, fixed] = [true, false].map((mobile) =>
    shop.floorplan.beacons.filter((beacon) => beacon.mobile === mobile),
  );
  refill(beacons, [...fixed.map(beaconChip), ...tags.map((tag) => tagChip(tag, shop, words))]);
}

function receiverRow(receiver, shop, words) {
  const { status, since } = shop.receivers.get(receiver.id) ?? {};
  const { severity, sign } = STATUS[status ?? "unknown"];
  const says = words.say(`equipment.${status ?? "unknown"}`);
  const from = since
    ? ` ${words.say("equipment.since", { time: timeOfDay(since, words.language, shop.store.timezone) })}`
    : "";
  const row = described(kindIcon(receiver.kind), receiver.id, [
    words.name("receiver_kinds", receiver.kind),
    place(receiver),
  ]);
  row.append(element("span", { class: "pill" }, icon(sign), says + from));
  row.lastElementChild.dataset.severity = severity;
  row.dataset.receiver = receiver.id;
  return row;
}

/** A fixed beacon is heard by phones; the gateway itself says nothing of its health. */
function beaconChip(beacon) {
  return small("beacon", beacon.id, [place(beacon)], "quiet");
}

function tagChip(tag, shop, words) {
  const visitor = shop.visitors.get(`b.${tag.id}`);
  const says = words.say(visitor ? "equipment.tag_here" : "equipment.tag_away");
  return small("tag", tag.id, [visitor ? place(visitor) : null, says], visitor ? "ok" : "quiet");
}

function small(sign, name, about, severity) {
  const says = element("span", { class: "about" }, about.filter(Boolean).join(" · "));
  const made = element(
    "li",
    { class: "small-equipment" },
    icon(sign),
    element("div", {}, element("strong", {}, name), says),
  );
  made.dataset.severity = severity;
  return made;
}

function described(sign, name, about) {
  const words = element("span", { class: "about" }, about.filter(Boolean).join(" · "));
  return element("li", { class: "equipment" }, icon(sign), element("div", {}, element("strong", {}, name), words));
}

function place({ zone }) {
  return zone ? titled(zone) : null;
}
