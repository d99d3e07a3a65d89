/**
 * A name and a colour for a subject, the same each time it is seen and telling nothing: a star and a number.
 * Star names are alike in the languages of the page and belong to nobody.
 */

const STARS =
  "Acrux Adhara Alcor Algol Alioth Alkaid Altair Antares Arcturus Atlas Atria Bellatrix Canopus Capella Castor Deneb " +
  "Electra Elnath Furud Gienah Hadar Hamal Izar Kochab Lesath Maia Markab Merope Mimosa Mira Mirfak Mizar Naos " +
  "Nashira Nunki Polaris Pollux Procyon Regulus Rigel Sabik Sadr Saiph Shaula Sirius Spica Talitha Tarazed Thuban " +
  "Vega Wezen Zosma";
const NAMES = STARS.split(" ");
const HUES = 18;

/** What stands for a subject: `name` (`Vega 42`), `initials` (two letters), `hue` (degrees), `tag` or not. */
export function pseudonym(subject) {
  const seed = fnv1a(subject);
  const hue = ((seed >>> 4) % HUES) * (360 / HUES);
  if (subject.startsWith("b.")) {
    const name = subject.slice(2);
    return { name, initials: "", hue, tag: true };
  }
  const star = NAMES[(seed >>> 9) % NAMES.length];
  return { name: `${star} ${((seed >>> 16) % 90) + 10}`, initials: star.slice(0, 2), hue, tag: false };
}

/** FNV-1a, 32 bits, of the text's UTF-16 units: spreads subjects that differ in one letter. */
export function fnv1a(text) {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return (hash ^ (hash >>> 15)) >>> 0;
}
