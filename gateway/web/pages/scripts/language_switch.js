/** The switch between languages: one button each, in its own language. */

import { element, refill } from "/pages/scripts/elements.js";
import { LANGUAGES, fetchWords } from "/pages/scripts/words.js";

const OWN_NAMES = { en: "English", fr: "Français" };

/** Fill `root` with the switch; `changed` gets the words of the language that was chosen. */
export function languageSwitch(root, current, changed) {
  const buttons = LANGUAGES.map((language) =>
    element(
      "button",
      {
        type: "button",
        lang: language,
        title: OWN_NAMES[language],
        "aria-label": OWN_NAMES[language],
        "aria-pressed": String(language === current),
        click: async () => {
          const words = await fetchWords(language, { chosen: true });
          buttons.forEach((button) => button.setAttribute("aria-pressed", String(button.lang === language)));
          changed(words);
        },
      },
      language.toUpperCase(),
    ),
  );
  refill(root, buttons);
}
