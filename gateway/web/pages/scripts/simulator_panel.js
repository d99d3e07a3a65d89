/** The simulator's buttons: make something happen in a shop that is not a real one, and see the answer. */

import { element, icon, refill } from "/pages/scripts/elements.js";

const DEEDS = [
  { name: "cut", path: "/cut", sign: "cloud-off", lasts: true },
  { name: "kill_adapter", path: "/kill-adapter", sign: "radio-off", lasts: true },
  { name: "shopper", path: "/shopper", sign: "walk", lasts: false },
  { name: "scan", path: "/scan", sign: "code", lasts: false },
];

export class SimulatorPanel {
  constructor({ panel, lasting, deeds, answer }) {
    this.panel = panel;
    this.lasting = lasting;
    this.deeds = deeds;
    this.answer = answer;
    this.shown = null;
  }

  /** Show the buttons when the view names a simulator. */
  show(shop, words) {
    this.panel.hidden = !shop.simulator;
    const of = `${shop.simulator} ${words.language}`;
    if (shop.simulator && this.shown !== of) {
      this.shown = of;
      refill(
        this.deeds,
        DEEDS.map((deed) => this.deed(deed, shop.simulator, words)),
      );
      refill(this.answer);
    }
  }

  deed(deed, origin, words) {
    const name = words.say(`simulator.${deed.name}`);
    const press = async () => {
      const wish = deed.lasts ? { seconds: Number(this.lasting.value) } : {};
      button.disabled = true;
      await this.ask(new URL(deed.path, origin), wish, name, words);
      button.disabled = false;
    };
    const button = element(
      "button",
      { type: "button", class: "deed", click: press },
      icon(deed.sign),
      element("span", {}, name),
    );
    button.dataset.deed = deed.name;
    return button;
  }

  async ask(url, wish, name, words) {
    try {
      const headers = { "content-type": "application/json" };
      const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(wish) });
      const facts = await answer.json();
      this.showAnswer(
        answer.ok ? "ok" : "error",
        `${name}: ${answer.ok ? told(facts, words) : (facts.detail ?? answer.status)}`,
      );
    } catch (error) {
      if (!(error instanceof TypeError || error instanceof SyntaxError)) {
        throw error;
      }
      this.showAnswer("error", `${name}: ${words.say("simulator.unreachable")}`);
    }
  }

  showAnswer(severity, text) {
    this.answer.dataset.severity = severity;
    refill(this.answer, icon(severity === "ok" ? "tick" : "alert"), element("span", {}, text));
  }
}

function told(facts, words) {
  const said = Object.entries(facts).filter(([, value]) => value !== null && typeof value !== "object");
  return said.length ? said.map(([name, value]) => `${name} ${value}`).join(", ") : words.say("simulator.done");
}
