/** Why and what to do, out of a code and what it names (`values`): refusals and conditions of docs/wire.md, in words. */

import { lasting, whenever } from "/pages/scripts/times.js";
import { titled } from "/pages/scripts/words.js";

/**
 * The sentence for `code` in a family of the catalogue, that of its `values.case` where it has several; null where there
 * is none, or where it names what `values` do not have. `about` has `words` and, for refusals, `thing(gtin)` and `clock`.
 */
export function sentence(family, code, values, about) {
  const { words } = about;
  const keys = [`${family}.${code}.${values.case ?? "any"}`, `${family}.${code}`];
  const key = keys.find((each) => words.has(each));
  if (key === undefined || !words.named(key).every((name) => name in values)) {
    return null;
  }
  const told = Object.entries(values).map(([name, value]) => [name, inWords(name, value, about)]);
  return words.say(key, Object.fromEntries(told));
}

/** A value as its name says that it is to be told. */
function inWords(name, value, about) {
  const teller = name.endsWith("_s") ? seconds : TELLERS[name];
  return teller ? teller(value, about) : value;
}

const TELLERS = {
  at: (instant, { words, clock }) => whenever(instant, clock, words),
  day: (date, { words }) =>
    new Intl.DateTimeFormat(words.language, { dateStyle: "long" }).format(new Date(`${date}T12:00`)),
  campaign: titled,
  category: titled,
  content: titled,
  group: titled,
  zone: titled,
  zones: (ids) => listed(ids, titled),
  product: (gtin, { thing }) => thing(gtin),
  class: (name, { words }) => words.name("classes", name),
  purpose: (purpose, { words }) => words.name("purposes", purpose),
  known: (assurance, { words }) => words.name("assurance", assurance),
  needed: (assurance, { words }) => words.name("assurance", assurance),
  channels: (channels, { words }) => listed(channels, (each) => words.name("channels", each)),
  quiet: (hours, { words }) => listed(hours, (each) => counted("channels", each, words)),
  reached: (counts, { words }) => listed(counts, (each) => counted("channels", each, words)),
  reasons: (counts, { words }) => listed(counts, (each) => counted("code_reasons", each, words)),
};

function seconds(value, { words }) {
  return value < 10 ? `${words.filled(Math.round(value * 10) / 10)} s` : lasting(value);
}

function listed(written, tell) {
  return written.split(", ").map(tell).join(", ");
}

/** `app 2/3` with its first word named. */
function counted(family, written, words) {
  const [name, ...count] = written.split(" ");
  return [words.name(family, name), ...count].join(" ");
}
