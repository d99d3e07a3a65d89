/** What a poster or page of the catalogue is: the phone is held to it, and the shop says. */

import { filmed, mayFilm, photographed, startCamera, stopCamera } from "/pages/scripts/frames.js";
import { asked, askedAsVisitor } from "/pages/scripts/visitor.js";

const EVERY_MS = 700;
const GIVE_UP_AFTER = 30;
const TRY_AGAIN = new Set([429, 503]);
const PROBLEMS = {
  0: "shopper.unreachable",
  401: "shopper.expired",
  422: "finder.no_picture",
  429: "shopper.too_often",
  503: "finder.not_now",
};

/** Films until a picture is found, or has one photograph taken. `found` gets the marker that it stands for. */
export class Finder {
  constructor(root, found) {
    this.root = root;
    this.found = found;
    this.video = root.querySelector("video");
    this.button = root.querySelector("button");
    this.photograph = root.querySelector("input");
    this.filming = false;
    this.starting = false;
    this.told = null;
  }

  /** Show itself where the shop recognises pictures at all. */
  async open() {
    const { said } = await asked("/v1/pictures");
    this.root.hidden = said?.recognised !== true;
    this.button.addEventListener("click", () => (this.filming ? this.stop(null) : this.begin()));
    this.photograph.addEventListener("change", () => this.look());
    document.addEventListener("visibilitychange", () => this.filming && document.hidden && this.stop(null));
  }

  speak(words) {
    this.words = words;
    this.button.textContent = words.say(this.filming ? "finder.stop" : "finder.look");
    const line = this.root.querySelector("[role=status]");
    line.textContent = this.told === null ? "" : words.say(this.told);
  }

  tell(key) {
    this.told = key;
    this.speak(this.words);
  }

  /** Film where the browser lets a page film, else have the phone's own camera take a photograph. */
  async begin() {
    if (this.starting) {
      return; // pressed twice, it would open a second camera, and let go of one
    }
    this.starting = true;
    try {
      this.filming = mayFilm() && (await startCamera(this.video));
    } finally {
      this.starting = false;
    }
    if (!this.filming) {
      this.photograph.click();
    } else if (document.hidden) {
      this.stop(null);
    } else {
      this.video.hidden = false;
      this.tell("finder.hold");
      await this.film();
    }
  }

  async film() {
    const camera = this.video.srcObject;
    const isOn = () => this.video.srcObject === camera;
    for (let frames = 0; isOn() && frames < GIVE_UP_AFTER; frames += 1) {
      const frame = await filmed(this.video);
      const answer = frame === null ? null : await this.ask(frame);
      if (!isOn() || this.isOver(answer)) {
        return;
      }
      await new Promise((go) => setTimeout(go, EVERY_MS));
    }
    if (isOn()) {
      this.stop("finder.nothing");
    }
  }

  /** Take up an answer to a frame of the film; whether it is the last. */
  isOver(answer) {
    if (answer === null || answer.status === 200 || TRY_AGAIN.has(answer.status)) {
      return answer?.said?.marker ? this.show(answer.said.marker) : false;
    }
    this.stop(PROBLEMS[answer.status] ?? "shopper.failing");
    return true;
  }

  /** Say that `marker` was found; gives true. */
  show(marker) {
    this.stop(marker.shows === null && marker.words === null ? "finder.ours" : "finder.found");
    this.found(marker);
    return true;
  }

  stop(key) {
    this.filming = false;
    this.video.hidden = true;
    stopCamera(this.video);
    this.tell(key);
  }

  /** Look at the photograph that was taken. */
  async look() {
    const [file] = this.photograph.files;
    this.photograph.value = "";
    if (file === undefined) {
      return;
    }
    this.tell("finder.looking");
    const frame = await photographed(file);
    const { status, said } = frame === null ? { status: 422 } : await this.ask(frame);
    if (status === 200 && said.marker !== null) {
      this.show(said.marker);
    } else {
      this.tell(status === 200 ? "finder.nothing" : (PROBLEMS[status] ?? "shopper.failing"));
    }
  }

  ask(frame) {
    return askedAsVisitor("/v1/pictures", frame);
  }
}
