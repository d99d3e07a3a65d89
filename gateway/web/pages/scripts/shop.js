/**
 * The shop as the page knows it: a snapshot, then every message folded in. Pure: (shop, message) in, shop out.
 * The messages are those of docs/wire.md, "Live view".
 */

import { happenings, withoutRepeats } from "/pages/scripts/happenings.js";

const KEPT_HAPPENINGS = 400;

/** The shop of a snapshot; what the page saw of the link to head office `before` is kept. */
export function fromSnapshot(snapshot, before = null) {
  const shop = {
    ...snapshot,
    zones: snapshot.zones ?? [],
    visitors: new Map((snapshot.visitors ?? []).map((visitor) => [visitor.subject, visitor])),
    receivers: new Map((snapshot.receivers ?? []).map((receiver) => [receiver.receiver, receiver])),
    beacons: new Map((snapshot.beacons ?? []).map((beacon) => [beacon.beacon, beacon])),
    happenings: happenings(snapshot).slice(-KEPT_HAPPENINGS),
    fresh: [],
    link: before?.link ?? { online: null, since: null, outage: null, healed: null },
  };
  return { ...shop, link: linkAfter(shop.link, snapshot, []) };
}

/** The shop after a `commit` or `standing` message. */
export function after(shop, message) {
  const visitors = new Map(shop.visitors);
  (message.visitors ?? []).forEach((visitor) => visitors.set(visitor.subject, visitor));
  (message.gone ?? []).forEach((subject) => visitors.delete(subject));
  const receivers = new Map(shop.receivers);
  (message.receivers ?? []).forEach((receiver) => receivers.set(receiver.receiver, receiver));
  const beacons = new Map(shop.beacons);
  (message.beacons ?? []).forEach((beacon) => beacons.set(beacon.beacon, beacon));
  const fresh = withoutRepeats(happenings(message), shop.happenings);
  return {
    ...shop,
    at: message.at,
    zones: message.zones ?? shop.zones,
    outbox: message.outbox ?? shop.outbox,
    health: message.health ?? shop.health,
    visitors,
    receivers,
    beacons,
    happenings: [...shop.happenings, ...fresh].slice(-KEPT_HAPPENINGS),
    fresh,
    link: linkAfter(shop.link, message, fresh),
  };
}

/**
 * Members in a visit, as staff sees them; the counts of all zones for a display, which sees nobody. Who is before the
 * shop is not here.
 */
export function membersHere(shop) {
  const before = new Set(shop.floorplan.zones.filter(({ kind }) => kind === "storefront").map(({ id }) => id));
  if (!shop.outbox) {
    return shop.zones.filter(({ zone }) => !before.has(zone)).reduce((sum, { members }) => sum + members, 0);
  }
  const inside = ({ kind, visit, zone }) => kind === "member" && visit !== null && !before.has(zone);
  return [...shop.visitors.values()].filter(inside).length;
}

/** Events of all classes that wait for head office. */
export function waiting(outbox) {
  return (outbox?.streams ?? []).reduce((sum, stream) => sum + stream.depth, 0);
}

/** Events that have been waiting since `instant` or longer: not just those on their way for a moment. */
export function waitingSince(outbox, instant) {
  const old = outbox.streams.filter((stream) => stream.depth > 0 && new Date(stream.oldest_at) <= new Date(instant));
  return old.reduce((sum, stream) => sum + stream.depth, 0);
}

/** Numbers of a stream that were given and are neither waiting nor with head office: none, or something is lost. */
export function gaps(stream) {
  return Math.max(0, Number(stream.next_sequence) - 1 - Number(stream.acked) - stream.depth);
}

/** How the link to head office stands: `outage` while it is down, `healed` after the latest outage. */
function linkAfter(link, message, fresh) {
  const online = message.outbox?.online ?? link.online;
  if (online === false) {
    const outage = link.outage ?? { from: link.online === true ? message.at : null, offers: 0 };
    const offers = outage.offers + fresh.filter((each) => each.kind === "offer").length;
    return { online, since: outage.from, outage: { ...outage, offers }, healed: null };
  }
  if (link.outage !== null) {
    return { online, since: message.at, outage: null, healed: { ...link.outage, until: message.at } };
  }
  return { ...link, online };
}
