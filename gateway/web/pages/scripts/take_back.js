/** Goods that come back over the desk: their code is typed, or read by a scanner that types it and presses Enter. */

import { say } from "/pages/scripts/elements.js";

const MOST = 1000;

/** `act(form, path, body, done)` has it done, says how it went, and gives whether it was; `words()` are the reader's. */
export function takesBack(form, act, words) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const wrong = firstWrong(form.elements);
    [...form.elements].forEach((field) => field.removeAttribute("aria-invalid"));
    if (wrong !== null) {
      refuse(form, wrong, words());
    } else if (await act(form, "returns", goods(form.elements), "desk.done.received")) {
      form.reset();
      form.elements.product.focus();
    }
  });
}

function goods({ product, quantity, ticket, reason }) {
  return {
    product: product.value.trim(),
    quantity: Number(quantity.value),
    ticket: ticket.value.trim() || null,
    reason: reason.value || null,
  };
}

/** The first field that does not say what it should; null where all do. */
function firstWrong({ product, quantity }) {
  const count = Number(quantity.value);
  if (!isGtin(product.value.trim())) {
    return product;
  }
  return Number.isInteger(count) && count >= 1 && count <= MOST ? null : quantity;
}

/** Whether these are the digits of a GTIN, the last of which checks the others (GS1 General Specifications, 7.9). */
function isGtin(text) {
  const sum = [...text].reverse().reduce((sum, digit, place) => sum + Number(digit) * (place % 2 ? 3 : 1), 0);
  return /^(\d{8}|\d{12,14})$/.test(text) && sum % 10 === 0;
}

function refuse(form, field, words) {
  const problem = form.querySelector(".desk-problem");
  say(problem, `take_back.wrong.${field.name}`, words);
  problem.hidden = false;
  field.setAttribute("aria-invalid", "true");
  field.focus();
  field.select();
}
