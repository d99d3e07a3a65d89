/** Health: every condition in words, the worst first, with what to do about it; what is well only when asked for. */

import { element, icon, remake } from "/pages/scripts/elements.js";
import { sentence } from "/pages/scripts/sentences.js";

const ORDER = { error: 0, warning: 1, ok: 2 };
const SIGNS = { error: "cross", warning: "alert", ok: "tick" };

/** Fill the list of what is `troubled`, and that of what is `sound`, whose summary counts it. */
export function showHealth({ troubled, sound }, shop, words) {
  const conditions = [...shop.health.conditions].sort((one, other) => ORDER[one.severity] - ORDER[other.severity]);
  const well = conditions.filter(({ severity }) => severity === "ok");
  const ill = conditions.slice(0, conditions.length - well.length);
  remake(troubled, [words.language, conditions.length, ill], () =>
    conditions.length ? ill.map((each) => row(each, words)) : element("li", { class: "nothing" }, words.say("health.nothing")),
  );
  sound.hidden = well.length === 0;
  sound.querySelector("summary").textContent = words.say("health.sound_parts", { count: well.length });
  remake(sound.querySelector("ul"), [words.language, well], () => well.map((each) => row(each, words)));
}

function row({ part, code, severity, hint, values }, words) {
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
      advice({ part, code, severity, hint, values }, words),
      values.said ? element("p", { class: "said" }, words.say("health.said"), " ", quoted(values.said)) : null,
    ),
  );
  made.dataset.severity = severity;
  made.dataset.part = part;
  return made;
}

/** What to do: in the reader's words, else in the gateway's own, which are English. */
function advice({ part, code, severity, hint, values }, words) {
  const family = `hints.${part.split(":")[0]}`;
  const says =
    sentence(family, code, values, { words }) ??
    (severity === "ok" ? null : sentence(family, "any", values, { words })) ??
    sentence("hints.any", code, values, { words });
  if (says !== null) {
    return element("p", { class: "hint" }, says);
  }
  return hint ? element("p", { class: "hint", lang: "en" }, hint) : null;
}

/** What another program or person wrote, as it stands. */
function quoted(said) {
  return element("q", { lang: "en" }, said);
}

/** `source:gw-1` as `Source · gw-1`, `uplink:visit` as `Sending · visits`. */
function partName(part, words) {
  const [family, ...of] = part.split(":");
  const names = of.map((each) => {
    const key = [`classes.${each}`, `parts.${each}`].find((named) => words.has(named));
    return key === undefined ? each : begunSmall(words.say(key));
  });
  return [words.name("parts", family), ...names].join(" · ");
}

function begunSmall(name) {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

/** A code in words; some mean another thing for a source than for the broker. */
function codeName(part, code, words) {
  const own = `${part.split(":")[0]}_conditions.${code}`;
  return words.has(own) ? words.say(own) : words.name("conditions", code);
}
