/** The door: a one-time code in, a session cookie out. The code may come in the address's fragment, never its query. */

import { languageSwitch } from "/pages/scripts/language_switch.js";
import { fetchWords, preferredLanguage } from "/pages/scripts/words.js";

/** Why the live page may have led here, in the fragment. */
const SENT_BACK = ["ended", "forbidden"];
const PROBLEMS = { 401: "login.refused", 422: "login.refused", 429: "login.too_often" };

class Door {
  constructor(words) {
    this.words = words;
    this.form = document.getElementById("door");
    this.code = document.getElementById("code");
    this.problem = document.getElementById("problem");
    this.told = null;
  }

  open() {
    const fragment = new URLSearchParams(location.hash.slice(1));
    this.code.value = fragment.get("code") ?? "";
    const sentBack = SENT_BACK.find((why) => fragment.has(why));
    if (sentBack) {
      this.tell(`login.${sentBack}`);
    }
    history.replaceState(null, "", location.pathname);
    languageSwitch(document.getElementById("languages"), this.words, (words) => this.speak(words));
    this.speak(this.words);
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.enter();
    });
    this.form.querySelector("[type=submit]").disabled = false;
    (this.code.value ? this.form.querySelector("[type=submit]") : this.code).focus();
  }

  speak(words) {
    this.words = words;
    words.apply(document);
    document.title = words.say("login.title");
    this.tell(this.told);
  }

  tell(key) {
    this.told = key;
    this.problem.textContent = key === null ? "" : this.words.say(key);
    this.problem.hidden = key === null;
  }

  async enter() {
    const submit = this.form.querySelector("[type=submit]");
    submit.disabled = true;
    const key = await this.refusal(this.code.value.trim());
    submit.disabled = false;
    if (key === null) {
      location.assign("/live");
      return;
    }
    this.tell(key);
    this.code.select();
  }

  /** Hand in the code: null when a session came back, else the key of what to say. */
  async refusal(code) {
    const headers = { "content-type": "application/json" };
    try {
      const answer = await fetch("/v1/sessions", { method: "POST", headers, body: JSON.stringify({ code }) });
      return answer.ok ? null : (PROBLEMS[answer.status] ?? "login.unavailable");
    } catch (error) {
      if (!(error instanceof TypeError)) {
        throw error;
      }
      return "login.unreachable";
    }
  }
}

new Door(await fetchWords(preferredLanguage(), ["door"])).open();
