/** Health: every condition in words, the worst first, with what to do about it. */

import { element, icon, refill } from "/pages/scripts/elements.js";

const ORDER = { error: 0, warning: 1, ok: 2 };
const SIGNS = { error: "cross", warning: "alert", ok: "tick" };

/** Fill the list of conditions. */
export function showHealth(list, shop, words) {
  const conditions = [...shop.health.conditions].sort((one, other) => ORDER[one.severity] - ORDER[other.severity]);
  const rows = conditions.map((condition) => row(condition, words));
  refill(list, rows.length ? rows : [element("li", { class: "nothing" }, words.say("health.nothing"))]);
}

function row({ part, code, severity, hint }, words) {
  const says = `${words.say(`severities.${severity}`)} · ${codeName(part, code, words)}`;
  const made = element(
    "li",
    { class: "condition" },
    element("span", { class: "sign" }, icon(SIGNS[severity])),
    element(
      "div",
      {},
      element("strong", {}, partName(part, words)),
      element("span", { class: "about" }, says),
      hint ? element("p", { class: "hint", lang: "en" }, hint) : null,
    ),
  );
  made.dataset.severity = severity;
  made.dataset.part = part;
  return made;
}

/** `source:gw-1` as `Source · gw-1`, `uplink:visit` as `Sending · Visits`. */
function partName(part, words) {
  const [family, ...of] = part.split(":");
  const names = of.map((each) => {
    const key = [`classes.${each}`, `parts.${each}`].find((named) => words.has(named));
    return key === undefined ? each : words.say(key);
  });
  return [words.name("parts", family), ...names].join(" · ");
}

/** A code in words; some mean another thing for a source than for the broker. */
function codeName(part, code, words) {
  const own = `${part.split(":")[0]}_conditions.${code}`;
  return words.has(own) ? words.say(own) : words.name("conditions", code);
}
