/** The rows of the desk: what it is about, whose, where, since when, and what a seller can do about it. */

import { element, icon } from "/pages/scripts/elements.js";
import { chip } from "/pages/scripts/people.js";
import { titled } from "/pages/scripts/words.js";

/**
 * A request for help. `desk` is what rows are given: `words`, `thing(gtin)` (a product's name), `choose(subject)`,
 * `seller()` (who acts; null when nobody said) and `act(row, path, body, done)`.
 */
export function helpRow(request, desk) {
  const { words } = desk;
  const about = [
    request.product && desk.thing(request.product),
    request.size && words.say("desk.size", { size: request.size }),
  ].filter(Boolean);
  const wanted = about.join(" · ") || words.say("desk.anything");
  const who = request.subject ? chip(request.subject, desk.choose) : words.say("desk.somebody");
  const why = request.campaign && words.say("desk.suggested", { campaign: titled(request.campaign) });
  return row(request, "question", wanted, [who, placed(request), waiting(request.since, "desk.waiting"), why], [
    request.notes && element("p", { class: "desk-notes" }, `“${request.notes}”`),
    request.seller && taken(words.say("desk.claimed", { seller: request.seller })),
    acts(request.seller ? closings(request, desk) : claimings(request, desk)),
  ]);
}

/** An order whose customer is here; it is handed over against the code that the customer shows. */
export function orderRow(order, desk) {
  const { words } = desk;
  const title = words.say("desk.order", { order: order.order });
  const lines = order.lines.map(({ gtin, quantity }) => `${words.filled(quantity)} × ${desk.thing(gtin)}`).join(", ");
  const more = order.complements.map((gtin) => desk.thing(gtin)).join(", ");
  return row(
    order,
    "parcel",
    title,
    [chip(order.subject, desk.choose), placed(order), waiting(order.here_since, "desk.here")],
    [
      lines && element("p", {}, lines),
      more && element("p", { class: "desk-more" }, words.say("desk.goes_with", { things: more })),
      handover(order, desk),
    ],
  );
}

/** Goods that came back: to be looked at, then to be put on sale again. */
export function returnRow(back, desk) {
  const { words } = desk;
  const title = `${words.filled(back.quantity)} × ${desk.thing(back.product)}`;
  const check = (sound) => (own) => desk.act(own, `returns/${back.id}/check`, { sound }, "desk.done.checked");
  const restock = (own) => desk.act(own, `returns/${back.id}/restock`, {}, "desk.done.restocked");
  const checks = [
    act(words.say("desk.sound"), "primary", check(true)),
    act(words.say("desk.unsound"), "plain", check(false)),
  ];
  const steps = back.state === "received" ? checks : [act(words.say("desk.restock"), "primary", restock)];
  return row(back, "shelf", title, [words.name("desk.return_states", back.state)], [acts(steps)]);
}

/** What a member agreed that sellers may know. */
export function briefRow(brief, desk) {
  const { words } = desk;
  const sizes = Object.entries(brief.sizes).map(([kind, size]) => `${titled(kind)} ${size}`);
  const facts = [
    brief.wish_list.length && words.say("desk.wishes", { things: brief.wish_list.map(desk.thing).join(", ") }),
    sizes.length && words.say("desk.sizes", { sizes: sizes.join(", ") }),
    brief.last_categories.length && words.say("desk.bought", { kinds: brief.last_categories.map(titled).join(", ") }),
    brief.contacts_24h && words.say("desk.contacts", { count: brief.contacts_24h }),
  ].filter(Boolean);
  const who = chip(brief.subject, desk.choose);
  return row(brief, "people", who, [placed(brief)], facts.map((fact) => element("p", {}, fact)));
}

/** A queue that is long: open a till. */
export function queueRow(queue, desk) {
  const { words } = desk;
  const title = words.say("desk.queue", { zone: titled(queue.zone), count: Math.round(queue.people) });
  return row(queue, "alert", title, [waiting(queue.since, "desk.queue_since")], []);
}

/** A row whose buttons are told apart by its title: there is an "I go there" in each. */
function row(thing, sign, title, about, more) {
  const { subject } = thing;
  const id = `desk-${sign}-${encodeURIComponent(thing.help ?? thing.order ?? thing.id ?? subject ?? thing.zone)}`;
  const parts = about.filter(Boolean).map((part) => (part instanceof Element ? part : element("span", {}, part)));
  const item = element(
    "li",
    { class: "desk-row" },
    element("span", { class: "desk-sign" }, icon(sign)),
    element(
      "div",
      { class: "desk-words" },
      element("p", { class: "desk-title", id }, title),
      parts.length ? element("p", { class: "desk-about" }, parts) : null,
      more.filter(Boolean),
      element("p", { class: "desk-problem", role: "alert", hidden: "" }),
    ),
  );
  if (subject) {
    item.dataset.subject = subject;
  }
  item.querySelectorAll("button:not(.chip)").forEach((button) => button.setAttribute("aria-describedby", id));
  return item;
}

/** Where a subject is; the panel keeps it true while the subject walks on. */
function placed({ subject, zone }) {
  const made = element("span", { class: "desk-place" }, zone ? titled(zone) : "");
  if (subject) {
    made.dataset.of = subject;
  }
  return made;
}

/** How long somebody waits; the panel keeps it true as time goes by. */
function waiting(since, sentence) {
  const made = element("time", { class: "desk-since", datetime: since });
  made.dataset.sentence = sentence;
  return made;
}

function claimings(request, desk) {
  const claim = (own) => {
    const seller = desk.seller();
    return seller && desk.act(own, `help/${request.help}/claim`, { seller }, "desk.done.claimed");
  };
  return [act(desk.words.say("desk.claim"), "primary", claim), closing(request, desk, "served", "plain")];
}

function closings(request, desk) {
  return [closing(request, desk, "served", "primary"), closing(request, desk, "not_found", "plain")];
}

function closing(request, desk, outcome, look) {
  const close = (own) => desk.act(own, `help/${request.help}/close`, { outcome }, "desk.done.closed");
  return act(desk.words.name("desk.close", outcome), look, close);
}

function handover(order, desk) {
  const { words } = desk;
  const says = words.say("desk.code", { order: order.order });
  const code = element("input", {
    name: "code",
    required: "",
    maxlength: 128,
    autocomplete: "off",
    autocapitalize: "off",
    spellcheck: "false",
    placeholder: words.say("desk.code_here"),
    "aria-label": says,
  });
  const submit = (event) => {
    event.preventDefault();
    const seller = desk.seller();
    if (seller) {
      const body = { code: code.value.trim(), seller };
      const path = `orders/${encodeURIComponent(order.order)}/handover`;
      desk.act(event.target.closest("li"), path, body, "desk.done.handed_over");
    }
  };
  const give = element("button", { type: "submit", class: "primary" }, words.say("desk.hand_over"));
  return element("form", { class: "desk-acts", submit }, code, give);
}

function acts(buttons) {
  return element("div", { class: "desk-acts" }, buttons);
}

function act(says, look, run) {
  return element("button", { type: "button", class: look, click: (event) => run(event.target.closest("li")) }, says);
}

function taken(says) {
  return element("p", { class: "pill desk-taken" }, icon("walk"), says);
}
