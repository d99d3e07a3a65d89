/** The outbox: what head office does not have yet, a row a class, and the proof that nothing is missing. */

import { element, icon, remake } from "/pages/scripts/elements.js";
import { gaps } from "/pages/scripts/shop.js";
import { lasting, secondsBetween } from "/pages/scripts/times.js";

const FULL_BAR = 50;
/** What waits for no longer is on its way. */
const ON_THE_WAY_S = 5;

/** Fill the table's body and the verdict below it. */
export function showOutbox({ body, verdict }, shop, words) {
  const { streams } = shop.outbox;
  const oldest = streams.map((stream) => oldestIn(stream, shop.at, words));
  remake(body, [words.language, streams, oldest], () => streams.map((each, index) => row(each, oldest[index], words)));
  const missing = streams.reduce((sum, stream) => sum + gaps(stream), 0);
  const sign = icon(missing ? "alert" : "tick");
  verdict.dataset.severity = missing ? "error" : "ok";
  const says = words.say(missing ? "outbox.gaps" : "outbox.no_gaps", { count: missing });
  remake(verdict, [says], () => [sign, element("span", {}, says)]);
}

function oldestIn({ oldest_at: from }, at, words) {
  const waitsS = from ? secondsBetween(from, at) : 0;
  return waitsS < ON_THE_WAY_S ? null : words.say("outbox.oldest", { time: lasting(waitsS) });
}

function row(stream, oldest, words) {
  const given = Number(stream.next_sequence) - 1;
  const acked = Number(stream.acked);
  const bar = element("span", { class: "bar" }, element("span", { class: "bar-fill" }));
  bar.firstElementChild.style.width = `${Math.min(100, (100 * stream.depth) / FULL_BAR)}%`;
  const name = words.name("classes", stream.class);
  const made = element(
    "tr",
    { class: stream.depth ? "waits" : null },
    element("th", { scope: "row" }, name, oldest && element("span", { class: "about" }, oldest)),
    element("td", { class: "waiting" }, element("span", {}, words.filled(stream.depth)), bar),
    element("td", {}, words.filled(given)),
    element("td", {}, words.filled(acked)),
    element("td", {}, words.filled(gaps(stream))),
  );
  made.dataset.class = stream.class;
  return made;
}
