/** What was scanned or tapped, in words: never the code itself, which is worth something. */

const GTIN = "01";

/** The marker, the order, a coupon, or what the product is called (`thing(gtin)`) that has no place in the shop. */
export function scannedThing(facts, words, thing) {
  if (facts.kind === "order") {
    return words.say("story.order_code", { order: facts.order });
  }
  if (facts.kind === "coupon") {
    return words.say("story.coupon_code");
  }
  const [, gtin] = facts.elements?.find(([key]) => key === GTIN) ?? [];
  return facts.marker ?? (gtin && thing(gtin)) ?? words.say("story.unknown_marker");
}
