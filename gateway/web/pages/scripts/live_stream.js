/**
 * The live view's connection: server-sent events read with fetch, so that a refusal's status is known, and made
 * again with growing, jittered pauses. The gateway comments every 15 s, so a longer silence is a dead connection.
 */

import { EventReader } from "/pages/scripts/event_reader.js";

const FIRST_PAUSE_S = 1;
const LONGEST_PAUSE_S = 20;
const SILENCE_S = 40;
const REFUSALS = { 401: "refused", 403: "forbidden" };

/** Keeps one connection to `url`. `heard(name, message)` gets each event, `changed(state)` each change of state. */
export class LiveStream {
  /**
   * `state` is `{kind: "waiting", until}` (milliseconds) or `{kind}`: `connecting`, `live`, `refused` (the credential
   * is no longer good), `forbidden` (it is for something else).
   */
  constructor(url, { heard, changed }) {
    this.url = url;
    this.heard = heard;
    this.changed = changed;
    this.failures = 0;
    this.wake = () => {};
  }

  /** Connect, and connect again whenever it breaks, until the credential is refused. */
  async keep() {
    for (;;) {
      this.changed({ kind: "connecting" });
      const answer = await this.once();
      if (answer !== "broken") {
        this.changed({ kind: answer });
        return;
      }
      const pauseS = Math.min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** this.failures) * (0.75 + Math.random() / 2);
      this.failures += 1;
      this.changed({ kind: "waiting", until: Date.now() + pauseS * 1000 });
      await this.pause(pauseS);
    }
  }

  /** Try again now, when it waits for its next attempt. */
  hurry() {
    this.wake();
  }

  async once() {
    const giveUp = new AbortController();
    const silence = new Silence(() => giveUp.abort());
    try {
      const answer = await fetch(this.url, { headers: { accept: "text/event-stream" }, signal: giveUp.signal });
      if (answer.status in REFUSALS) {
        return REFUSALS[answer.status];
      }
      if (answer.ok) {
        await this.read(answer.body, silence);
      }
    } catch (error) {
      if (!(error instanceof TypeError) && error.name !== "AbortError") {
        throw error;
      }
    } finally {
      silence.end();
      giveUp.abort();
    }
    return "broken";
  }

  async read(body, silence) {
    const events = new EventReader();
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { value, done } = await reader.read();
      if (done) {
        return;
      }
      silence.broken();
      for (const { name, text } of events.take(value)) {
        if (this.failures > 0 || name === "snapshot") {
          this.failures = 0;
          this.changed({ kind: "live" });
        }
        this.heard(name, JSON.parse(text));
      }
    }
  }

  async pause(seconds) {
    await new Promise((resolve) => {
      this.wake = resolve;
      setTimeout(resolve, seconds * 1000);
    });
  }
}

/** Calls `tooLong` when nothing was heard for SILENCE_S. */
class Silence {
  constructor(tooLong) {
    this.tooLong = tooLong;
    this.broken();
  }

  broken() {
    clearTimeout(this.timer);
    this.timer = setTimeout(this.tooLong, SILENCE_S * 1000);
  }

  end() {
    clearTimeout(this.timer);
  }
}
