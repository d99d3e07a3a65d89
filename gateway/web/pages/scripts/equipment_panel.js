/** What hears and what transmits, with its health: icon, colour and words. */

import { element, icon, remake } from "/pages/scripts/elements.js";
import { kindIcon } from "/pages/scripts/plan.js";
import { timeOfDay } from "/pages/scripts/times.js";
import { titled } from "/pages/scripts/words.js";

const STATUS = {
  up: { severity: "ok", sign: "tick" },
  down: { severity: "error", sign: "cross" },
  unknown: { severity: "quiet", sign: "question" },
};

const SEVERITY = { ok: "ok", weak: "warning", moved: "warning", cloned: "error", silent: "error" };

/** Fill the list of receivers and the list of beacons. */
export function showEquipment({ receivers, beacons }, shop, words) {
  const { floorplan } = shop;
  remake(receivers, [words.language, floorplan.receivers, [...shop.receivers]], () =>
    floorplan.receivers.map((receiver) => receiverRow(receiver, shop, words)),
  );
  const [tags, fixed] = [true, false].map((mobile) => floorplan.beacons.filter((beacon) => beacon.mobile === mobile));
  const carried = tags.map(({ id }) => shop.visitors.get(`b.${id}`));
  remake(beacons, [words.language, floorplan.beacons, [...shop.beacons], carried], () => [
    ...fixed.map((beacon) => beaconChip(beacon, shop, words)),
    ...tags.map((tag) => tagChip(tag, shop, words)),
  ]);
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

/** A fixed beacon as the receivers hear it: its state, and how often or when last. */
function beaconChip(beacon, shop, words) {
  const standing = shop.beacons.get(beacon.id) ?? {};
  const state = standing.state ?? "unheard";
  const about = [place(beacon), words.name("beacon_states", state), heard(standing, shop, words), battery(standing, words)];
  return small("beacon", beacon.id, about, SEVERITY[state] ?? "quiet");
}

function heard({ state, heard_at, per_minute }, shop, words) {
  if (state === "silent") {
    const time = timeOfDay(heard_at, words.language, shop.store.timezone);
    return words.say("equipment.beacon_last", { time });
  }
  return per_minute ? words.say("equipment.beacon_rate", { rate: Math.round(per_minute) }) : null;
}

function battery({ battery_mv }, words) {
  const volts = new Intl.NumberFormat(words.language, { minimumFractionDigits: 2 }).format(battery_mv / 1000);
  return battery_mv ? words.say("equipment.beacon_battery", { volts }) : null;
}

function tagChip(tag, shop, words) {
  const visitor = shop.visitors.get(`b.${tag.id}`);
  const says = words.say(visitor ? "equipment.tag_here" : "equipment.tag_away");
  const standing = shop.beacons.get(tag.id) ?? {};
  const trouble = standing.state && standing.state !== "ok" ? words.name("beacon_states", standing.state) : null;
  const severity = trouble ? SEVERITY[standing.state] : visitor ? "ok" : "quiet";
  return small("tag", tag.id, [visitor ? place(visitor) : null, says, trouble], severity);
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
  made.dataset.beacon = name;
  return made;
}

function described(sign, name, about) {
  const words = element("span", { class: "about" }, about.filter(Boolean).join(" · "));
  return element("li", { class: "equipment" }, icon(sign), element("div", {}, element("strong", {}, name), words));
}

function place({ zone }) {
  return zone ? titled(zone) : null;
}
