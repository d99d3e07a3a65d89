/** The switch between languages: one button each, in its own language. */

import { element, refill } from "/pages/scripts/elements.js";
import { LANGUAGES, fetchWords, preferLanguage } from "/pages/scripts/words.js";

const OWN_NAMES = { en: "English", fr: "Français" };

/** Fill `root` with the switch, now at `words`; `changed` gets those of the language that is chosen. */
export function languageSwitch(root, { language: current, catalogues }, changed) {
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
          const words = await fetchWords(language, catalogues);
          preferLanguage(language);
          buttons.forEach((button) => button.setAttribute("aria-pressed", String(button.lang === language)));
          changed(words);
        },
      },
      language.toUpperCase(),
    ),
  );
  refill(root, buttons);
}
