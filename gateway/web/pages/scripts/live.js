/** The live page: one stream of messages in, the shop folded, every panel shown again at the next frame. */

import { Bubbles } from "/pages/scripts/bubbles.js";
import { DeskPanel } from "/pages/scripts/desk_panel.js";
import { showEquipment } from "/pages/scripts/equipment_panel.js";
import { Headline } from "/pages/scripts/headline.js";
import { showHealth } from "/pages/scripts/health_panel.js";
import { languageSwitch } from "/pages/scripts/language_switch.js";
import { LiveStream } from "/pages/scripts/live_stream.js";
import { showOutbox } from "/pages/scripts/outbox_panel.js";
import { People } from "/pages/scripts/people.js";
import { Plan } from "/pages/scripts/plan.js";
import { after, fromSnapshot } from "/pages/scripts/shop.js";
import { SimulatorPanel } from "/pages/scripts/simulator_panel.js";
import { showBanner, showChips, showFigures, showVersion } from "/pages/scripts/status_bar.js";
import { Story } from "/pages/scripts/story.js";
import { Things } from "/pages/scripts/things.js";
import { fetchWords, preferredLanguage } from "/pages/scripts/words.js";

const SECOND_MS = 1000;
const DOORS = { refused: "/#ended", forbidden: "/#forbidden" };

class LivePage {
  constructor(words) {
    this.words = words;
    this.shop = null;
    this.chosen = null;
    this.fresh = [];
    this.stream = { kind: "connecting" };
    this.drawing = false;
    const choose = (subject) => this.choose(subject);
    const stage = part("plan-stage");
    this.plan = new Plan(stage);
    this.people = new People(this.plan.people, part("plan-elsewhere"), choose);
    this.things = new Things(() => this.draw());
    this.bubbles = new Bubbles(part("bubbles"), this.things);
    this.headline = new Headline(part("headline"), part("news"));
    this.story = new Story(
      { list: part("story-list"), filters: part("story-filters"), about: part("story-about") },
      this.things,
      choose,
    );
    this.desk = new DeskPanel(
      {
        root: part("desk"),
        lists: part("desk-lists"),
        seller: part("seller"),
        answer: part("desk-answer"),
        takeBack: part("take-back"),
      },
      { choose, changed: () => this.draw() },
    );
    this.simulator = new SimulatorPanel({
      panel: part("simulator"),
      lasting: part("simulator-lasting"),
      deeds: part("simulator-deeds"),
      answer: part("simulator-answer"),
    });
    new ResizeObserver(() => this.draw()).observe(stage);
  }

  begin() {
    languageSwitch(part("languages"), this.words, (words) => this.speak(words));
    this.speak(this.words);
    const stream = new LiveStream("/v1/live", {
      heard: (name, message) => this.heard(name, message),
      changed: (state) => this.changed(state),
    });
    part("retry").addEventListener("click", () => stream.hurry());
    part("sign-out").addEventListener("click", () => this.signOut());
    addEventListener("online", () => stream.hurry());
    setInterval(() => showBanner(part("banner"), this.shop, this.stream, this.words), SECOND_MS);
    return stream.keep();
  }

  speak(words) {
    this.words = words;
    words.apply(document);
    document.title = words.say("live.title");
    this.draw();
  }

  heard(name, message) {
    if (name === "snapshot") {
      this.shop = fromSnapshot(message, this.shop);
    } else if (this.shop !== null) {
      this.shop = after(this.shop, message);
      this.fresh.push(...this.shop.fresh);
    }
    if (this.shop?.me.scope === "staff") {
      this.desk.heard(name, message);
    }
    this.draw();
  }

  changed(state) {
    this.stream = state;
    document.body.dataset.stream = state.kind;
    if (state.kind in DOORS) {
      location.assign(DOORS[state.kind]);
    }
    this.draw();
  }

  choose(subject) {
    this.chosen = this.chosen === subject ? null : subject;
    this.draw();
  }

  draw() {
    if (!this.drawing) {
      this.drawing = true;
      requestAnimationFrame(() => {
        this.drawing = false;
        this.show();
      });
    }
  }

  show() {
    const { shop, words } = this;
    showChips(part("chips"), shop, this.stream, words);
    showBanner(part("banner"), shop, this.stream, words);
    if (shop === null) {
      return;
    }
    part("store-name").textContent = `${shop.store.tenant} · ${shop.store.store}`;
    showVersion(part("version"), shop, words);
    this.plan.show(shop, words);
    this.people.show(shop.visitors, this.plan, this.chosen, words);
    this.bubbles.show(this.fresh.splice(0), (subject) => this.people.placeOf(subject), this.plan.zones, words);
    showFigures(part("figures"), shop, this.desk.waiting, words);
    document.body.dataset.scope = shop.outbox ? "staff" : "display";
    if (shop.outbox) {
      this.showStaff();
    }
    document.body.dataset.ready = "yes";
  }

  /** What only staff is told: a display's view has floor plan and counts alone. */
  showStaff() {
    const { shop, words } = this;
    this.headline.show(shop, words);
    this.desk.show(shop, words);
    this.story.show(shop, this.chosen, words);
    this.simulator.show(shop, words);
    showOutbox({ body: part("outbox-rows"), verdict: part("outbox-verdict") }, shop, words);
    showEquipment({ receivers: part("receivers"), beacons: part("beacons") }, shop, words);
    showHealth({ troubled: part("conditions"), sound: part("sound-conditions") }, shop, words);
  }

  async signOut() {
    try {
      await fetch("/v1/sessions", { method: "DELETE" });
    } catch (error) {
      if (!(error instanceof TypeError)) {
        throw error;
      }
      return; // the banner says that the gateway is lost, and the session is still open
    }
    location.assign("/");
  }
}

function part(id) {
  return document.getElementById(id);
}

const page = new LivePage(await fetchWords(preferredLanguage(), ["door", "live", "health"]));
await page.begin();
