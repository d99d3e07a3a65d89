/** Instants and durations in words: the shop's own time of day, and how long ago. */

const MINUTE_S = 60;
const HOUR_S = 3600;

/** The time of day of an RFC 3339 instant in the shop's time zone, to the second. */
export function timeOfDay(instant, language, timeZone) {
  const parts = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", timeZone };
  return new Intl.DateTimeFormat(language, parts).format(new Date(instant));
}

/** `today at 09:12`, or the day too where it is another one, by the shop's `clock`: `{now, timeZone}`. */
export function whenever(instant, { now, timeZone }, words) {
  const day = (when) => new Intl.DateTimeFormat(words.language, { day: "numeric", month: "long", timeZone }).format(when);
  const time = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone };
  const told = {
    day: day(new Date(instant)),
    time: new Intl.DateTimeFormat(words.language, time).format(new Date(instant)),
  };
  return words.say(told.day === day(new Date(now)) ? "when.today" : "when.on", told);
}

/** A duration in seconds as `12 s`, `3 min`, `3 min 05 s`, `2 h 10`: the same in every language of the page. */
export function lasting(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < MINUTE_S) {
    return `${whole} s`;
  }
  if (whole < HOUR_S) {
    const rest = whole % MINUTE_S;
    return `${Math.floor(whole / MINUTE_S)} min${rest ? ` ${padded(rest)} s` : ""}`;
  }
  return `${Math.floor(whole / HOUR_S)} h ${padded(Math.floor((whole % HOUR_S) / MINUTE_S))}`;
}

/** Seconds from one RFC 3339 instant to another. */
export function secondsBetween(from, until) {
  return (new Date(until) - new Date(from)) / 1000;
}

function padded(count) {
  return String(count).padStart(2, "0");
}
