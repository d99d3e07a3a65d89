/** Behind a marker's code: what it stands for, "I am here" for whoever reads it, and what else a poster is about. */

import { Finder } from "/pages/scripts/finder.js";
import { languageSwitch } from "/pages/scripts/language_switch.js";
import { asked, askedAsVisitor, forgetToken } from "/pages/scripts/visitor.js";
import { fetchWords, preferredLanguage } from "/pages/scripts/words.js";

const ARRIVED = "arrived";
const PROBLEMS = {
  0: "shopper.unreachable",
  401: "shopper.expired",
  403: "shopper.not_recognised",
  404: "shopper.unknown",
  422: "shopper.unknown",
  429: "shopper.too_often",
  503: "shopper.not_now",
};

/** One marker's page, for as long as its tab is open. */
class Shopper {
  constructor(words, marker, code) {
    this.words = words;
    this.marker = marker;
    this.code = code;
    this.thing = null;
    this.problem = null;
    this.button = document.getElementById("here");
    this.finder = new Finder(document.getElementById("finder"), (marker) => this.found(marker));
  }

  async open() {
    languageSwitch(document.getElementById("languages"), this.words, (words) => this.speak(words));
    this.speak(this.words);
    this.button.addEventListener("click", () => this.arrive());
    this.button.disabled = false;
    await Promise.all([this.look(), this.finder.open()]);
  }

  speak(words) {
    this.words = words;
    words.apply(document);
    this.finder.speak(words);
    this.show();
  }

  /** Ask what the marker stands for. */
  async look() {
    const answer = await asked(`/v1/markers/${encodeURIComponent(this.marker)}`);
    if (answer.status !== 200) {
      this.tell(PROBLEMS[answer.status] ?? "shopper.failing");
      return;
    }
    this.thing = answer.said;
    this.show();
  }

  /** A picture of `marker` was held to the camera: the page is about that from now on. */
  found(marker) {
    this.thing = marker;
    this.marker = marker.marker;
    this.tell(null);
  }

  show() {
    const product = this.thing?.shows;
    const name = inLanguage(product?.names, this.words.language);
    const said = inLanguage(this.thing?.words, this.words.language);
    const heading = name ?? said?.title ?? this.words.say("shopper.welcome");
    document.getElementById("thing").textContent = heading;
    document.title = heading;
    this.line("title", heading === said?.title ? null : (said?.title ?? null));
    this.line("body", said?.body ?? null);
    this.line("price", product?.price === undefined ? null : this.words.money(product.price, product.currency));
    this.line("told", sessionStorage.getItem(ARRIVED) === null ? null : this.words.say("shopper.arrived"));
    this.button.hidden = sessionStorage.getItem(ARRIVED) !== null || this.problem === "shopper.unknown";
    this.line("problem", this.problem === null ? null : this.words.say(this.problem));
  }

  line(id, text) {
    const line = document.getElementById(id);
    line.textContent = text ?? "";
    line.hidden = text === null;
  }

  tell(key) {
    this.problem = key;
    this.show();
  }

  /** Say "I am here": with what the app handed over if anything, else as somebody nobody knows. */
  async arrive() {
    this.button.disabled = true;
    const status = await this.checkIn();
    this.button.disabled = false;
    if (status === 200) {
      sessionStorage.setItem(ARRIVED, "yes");
      forgetToken();
    }
    this.tell(status === 200 ? null : (PROBLEMS[status] ?? "shopper.failing"));
    if (status === 200 && this.thing === null) {
      await this.look();
    }
  }

  async checkIn() {
    const body = this.code === null ? { marker: this.marker } : { marker: this.marker, code: this.code };
    const { status } = await askedAsVisitor("/v1/checkins", body);
    return status;
  }
}

/** Of what is there by language tag (`fr`, `fr-CA`), that of `language`, else the first; undefined where there is none. */
function inLanguage(byTag, language) {
  const written = Object.entries(byTag ?? {});
  const [, own] = written.find(([tag]) => tag.toLowerCase().split("-")[0] === language) ?? written[0] ?? [];
  return own;
}

/** The marker that an address names: its last step, as it is written where it is not well written. */
function namedMarker(path) {
  const written = path.split("/").filter(Boolean).pop() ?? "";
  try {
    return decodeURIComponent(written);
  } catch (error) {
    if (!(error instanceof URIError)) {
      throw error;
    }
    return written;
  }
}

/** The words; where the shop does not give them, what the page says without any, in both languages. */
async function wordsOrSilence() {
  try {
    return await fetchWords(preferredLanguage(), ["door"]);
  } catch (error) {
    document.querySelector("main").hidden = true;
    document.getElementById("speechless").hidden = false;
    throw error;
  }
}

const marker = namedMarker(location.pathname);
const code = new URLSearchParams(location.hash.slice(1)).get("code");
history.replaceState(null, "", location.pathname);
await new Shopper(await wordsOrSilence(), marker, code).open();
