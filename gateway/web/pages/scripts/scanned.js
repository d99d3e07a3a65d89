/** What was scanned or tapped, in words: never the code itself, which is worth something. */

/** The marker, the order, the coupon's campaign, or that it is a product without a place in the shop. */
export function scannedThing(facts, words) {
  if (facts.kind === "order") {
    return words.say("story.order_code", { order: facts.order });
  }
  if (facts.kind === "coupon") {
    return words.say("story.coupon_code");
  }
  return facts.marker ?? words.say("story.unknown_marker");
}
