/**
 * What waits at the desk, as `GET /v1/desk` has it: asked for again when the live stream tells of something that
 * changes it, and every half minute for what no event tells (a request that was put in other words, a new brief).
 */

const CHANGES = /^proximity\.(help|order|return|visit|consent|queue|member)\./;
const APART_MS = 400;
const AT_LEAST_EVERY_MS = 30_000;

export class DeskWatch {
  /** `told(desk)` gets what waits; null when the gateway did not say. */
  constructor(told) {
    this.told = told;
    this.askedMs = -Infinity;
    this.asked = 0;
  }

  /** Take up a message of the live stream. */
  heard(name, message) {
    if (name === "snapshot" || (message.events ?? []).some(({ type }) => CHANGES.test(type))) {
      this.look();
    }
  }

  /** Ask, but not at once again: what comes within APART_MS is one question. */
  look() {
    this.askIn(Math.max(0, this.askedMs + APART_MS - performance.now()));
  }

  askIn(milliseconds) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), milliseconds);
  }

  async ask() {
    this.askedMs = performance.now();
    this.asked += 1;
    const question = this.asked;
    this.askIn(AT_LEAST_EVERY_MS);
    const desk = await answered();
    if (question === this.asked) {
      this.told(desk);
    }
  }
}

async function answered() {
  try {
    const answer = await fetch("/v1/desk");
    return answer.ok ? await answer.json() : null;
  } catch (error) {
    if (!(error instanceof TypeError)) {
      throw error;
    }
    return null;
  }
}
