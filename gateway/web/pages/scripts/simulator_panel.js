/** The simulator's buttons: make something happen in a shop that is not a real one, and see the answer. */

import { element, icon, refill } from "/pages/scripts/elements.js";

const DEEDS = [
  { name: "cut", path: "/cut", sign: "cloud-off", lasts: true },
  { name: "kill_adapter", path: "/kill-adapter", sign: "radio-off", lasts: true },
  { name: "stop_camera", path: "/stop-camera", sign: "camera", lasts: true },
  { name: "unplug_scanner", path: "/unplug-scanner", sign: "code", lasts: true },
  { name: "silence", path: "/silence", sign: "beacon", lasts: false },
  { name: "shopper", path: "/shopper", sign: "walk", lasts: false },
  { name: "scan", path: "/scan", sign: "code", lasts: false },
  { name: "tap", path: "/tap", sign: "nfc", lasts: false },
];

export class SimulatorPanel {
  constructor({ panel, lasting, deeds, answer }) {
    this.panel = panel;
    this.lasting = lasting;
    this.deeds = deeds;
    this.answer = answer;
    this.shown = null;
    this.told = null;
  }

  /** Show the buttons when the view names a simulator. */
  show(shop, words) {
    this.words = words;
    this.panel.hidden = !shop.simulator;
    const of = `${shop.simulator} ${words.language}`;
    if (shop.simulator && this.shown !== of) {
      this.shown = of;
      refill(
        this.deeds,
        DEEDS.map((deed) => this.deed(deed, shop.simulator, words)),
      );
      this.showAnswer(words);
    }
  }

  deed(deed, origin, words) {
    const press = async () => {
      const wish = deed.lasts ? { seconds: Number(this.lasting.value) } : {};
      button.disabled = true;
      this.told = { deed: deed.name, ...(await asked(new URL(deed.path, origin), wish, deed.name)) };
      this.showAnswer(this.words);
      button.disabled = false;
    };
    const button = element(
      "button",
      { type: "button", class: "deed", click: press },
      icon(deed.sign),
      element("span", {}, words.say(`simulator.${deed.name}`)),
    );
    button.dataset.deed = deed.name;
    return button;
  }

  showAnswer(words) {
    if (this.told === null) {
      return;
    }
    const { deed, severity, keys, facts } = this.told;
    const says = words.say(keys.find((key) => words.has(key)), facts);
    this.answer.dataset.severity = severity;
    const text = `${words.say(`simulator.${deed}`)} · ${says}`;
    refill(this.answer, icon(severity === "ok" ? "tick" : "alert"), element("span", {}, text));
  }
}

/** Ask the simulator for a deed: how it went, by the `keys` of its words, of which the first that is there is said. */
async function asked(url, wish, deed) {
  try {
    const headers = { "content-type": "application/json" };
    const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(wish) });
    const facts = { status: String(answer.status), ...(await answer.json()) };
    return answer.ok
      ? { severity: "ok", keys: [`simulator.told.${deed}`], facts }
      : { severity: "error", keys: [`simulator.refusals.${facts.code}`, "simulator.refusals.failing"], facts };
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof SyntaxError)) {
      throw error;
    }
    return { severity: "error", keys: ["simulator.unreachable"], facts: {} };
  }
}
