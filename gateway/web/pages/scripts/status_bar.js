/** The bar at the top: is this page live, is head office reached, is anything wrong; and figures of the shop. */

import { element, icon, remake } from "/pages/scripts/elements.js";
import { membersHere, waiting } from "/pages/scripts/shop.js";
import { lasting, secondsBetween, timeOfDay } from "/pages/scripts/times.js";

/** Show the chips of the bar: `{severity, sign, text}` each. */
export function showChips(root, shop, stream, words) {
  const staff = shop?.outbox ? shop : null;
  remake(root, [words.language, stream.kind === "live", staff?.link, staff?.health], () =>
    [streamChip(stream, words), staff && linkChip(staff, words), staff && healthChip(staff, words)].filter(Boolean),
  );
}

/** Show the banner that says the view is not live, and since when. */
export function showBanner(banner, shop, stream, words) {
  banner.hidden = stream.kind === "live" || (stream.kind === "connecting" && shop === null);
  if (banner.hidden) {
    return;
  }
  const leftS = stream.kind === "waiting" ? Math.max(0, Math.ceil((stream.until - Date.now()) / 1000)) : 0;
  const now = leftS > 0 ? words.say("stream.waiting", { count: leftS }) : words.say("stream.connecting");
  const asOf = shop ? words.say("stream.as_of", { time: timeOfDay(shop.at, words.language, shop.store.timezone) }) : "";
  const [lost, again] = banner.querySelectorAll("span");
  write(lost, `${words.say("stream.lost")} ${asOf}`);
  write(again, now);
}

/** Put text in its place, once: a screen reader says it again each time. */
function write(place, text) {
  if (place.textContent !== text) {
    place.textContent = text;
  }
}

/** Show which gateway this is, its software, and how long it has been running. */
export function showVersion(root, { store, version, started_at: startedAt, at }, words) {
  const running = startedAt ? words.say("live.running", { time: lasting(secondsBetween(startedAt, at)) }) : "";
  root.textContent = `${words.say("live.version", { gateway: store.gateway, version })}${running}`;
}

/** Show the figures: who is here, who waits at the desk (null: nobody is told), what was said, what waits. */
export function showFigures(root, shop, desk, words) {
  const guests = shop.zones.some(({ guests: count }) => count !== null);
  const figures = [
    ["members", membersHere(shop), "people"],
    guests ? ["guests", shop.zones.reduce((sum, zone) => sum + (zone.guests ?? 0), 0), "walk"] : null,
    desk === null ? null : ["desk", desk, "question"],
    ["offers", shop.happenings.filter(({ kind }) => kind === "offer").length, "offer"],
    ["refusals", shop.happenings.filter(({ kind }) => kind === "refusal").length, "refusal"],
    ["waiting", waiting(shop.outbox), "upload"],
  ].filter(Boolean);
  const names = figures.map(([name]) => name);
  remake(root, [words.language, names], () => figures.map(([name, , sign]) => figure(name, sign, words)));
  figures.forEach(([name, count]) => {
    write(root.querySelector(`[data-figure=${name}] dd`), words.filled(count));
  });
}

function figure(name, sign, words) {
  const says = words.say(`figures.${name}`);
  const made = element(
    "div",
    { class: "figure" },
    icon(sign),
    element("dt", {}, name === "desk" ? element("a", { href: "#desk" }, says) : says),
    element("dd"),
  );
  made.dataset.figure = name;
  return made;
}

function streamChip(stream, words) {
  const live = stream.kind === "live";
  return chip(
    "stream",
    live ? "ok" : "warning",
    live ? "pulse" : "reload",
    words.say(live ? "stream.live" : "stream.reconnecting"),
  );
}

function linkChip({ link, store }, words) {
  if (link.online === null || link.online === undefined) {
    return null;
  }
  const since = link.since
    ? ` ${words.say("link.since", { time: timeOfDay(link.since, words.language, store.timezone) })}`
    : "";
  const up = link.online;
  return chip("link", up ? "ok" : "error", up ? "cloud" : "cloud-off", words.say(up ? "link.up" : "link.down"), since);
}

function healthChip({ health }, words) {
  const troubles = health.conditions.filter(({ severity }) => severity !== "ok").length;
  const sign = { ok: "tick", warning: "alert", error: "cross" }[health.status];
  const text = troubles ? words.say("health.troubles", { count: troubles }) : words.say("health.sound");
  return chip("health", health.status, sign, text);
}

function chip(name, severity, sign, text, since = "") {
  const says = element("span", {}, text, element("span", { class: "status-since" }, since));
  const made = element("span", { class: "status" }, icon(sign), says);
  made.dataset.status = name;
  made.dataset.severity = severity;
  return made;
}
