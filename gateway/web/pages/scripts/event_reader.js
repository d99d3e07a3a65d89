/** Server-sent events out of text that arrives in pieces (WHATWG HTML, "Parsing an event stream"). */

export class EventReader {
  constructor() {
    this.rest = "";
    this.name = "message";
    this.lines = [];
  }

  /** The events that `piece` completes, in order: `{name, text}`. Comments and unknown fields are passed over. */
  take(piece) {
    const lines = (this.rest + piece).split(/\r\n|\n|\r(?!$)/);
    this.rest = lines.pop();
    return lines.map((line) => this.line(line)).filter((event) => event !== null);
  }

  line(line) {
    if (line === "") {
      return this.dispatch();
    }
    const [, field, value] = /^([^:]*)(?:: ?(.*))?$/.exec(line);
    if (field === "event") {
      this.name = value ?? "";
    } else if (field === "data") {
      this.lines.push(value ?? "");
    }
    return null;
  }

  dispatch() {
    const event = this.lines.length > 0 ? { name: this.name, text: this.lines.join("\n") } : null;
    this.name = "message";
    this.lines = [];
    return event;
  }
}
