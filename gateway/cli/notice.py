"""The notice at the door of a shop that counts strangers: one page to print, in English and French."""

from collections.abc import Mapping
from html import escape
from typing import Final

from gateway.core.privacy_options import PrivacyOptions

BASES: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "legitimate_interest": "our legitimate interest in knowing how busy the shop is (GDPR, article 6(1)(f))",
        "consent": "your consent (GDPR, article 6(1)(a))",
        "public_interest": "a task in the public interest (GDPR, article 6(1)(e))",
    },
    "fr": {
        "legitimate_interest": "notre intérêt légitime à connaître l’affluence du magasin (RGPD, article 6.1.f)",
        "consent": "votre consentement (RGPD, article 6.1.a)",
        "public_interest": "une mission d’intérêt public (RGPD, article 6.1.e)",
    },
}
WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "title": "We count phones here, not people",
        "how": "Receivers in this shop count the Bluetooth signals of phones nearby, to know how many people come. "
        "{where} The changing address that a phone sends is turned into noise at once, under a key that is thrown away "
        "every five minutes. It is never stored. We keep a number for each part of the shop and quarter of an hour, "
        "and only where there were {fewest} phones or more. Nobody is recognised, followed or remembered.",
        "inside": "Only inside the shop.",
        "street": "Inside the shop and before its windows.",
        "basis": "Legal basis: {basis}.",
        "who": "Who answers for it: {controller}.",
        "rights": "You may object at any time, without switching anything off: tell the staff, or write to {contact}. "
        "You may complain to the data protection authority.",
        "more": "More: {notice}",
    },
    "fr": {
        "title": "Ici, nous comptons des téléphones, pas des personnes",
        "how": "Des récepteurs comptent les signaux Bluetooth des téléphones proches, pour connaître l’affluence. "
        "{where} L’adresse changeante qu’émet un téléphone est aussitôt rendue méconnaissable, sous une clé jetée "
        "toutes les cinq minutes. Elle n’est jamais conservée. Nous gardons un nombre par espace du magasin et par "
        "quart d’heure, et seulement à partir de {fewest} téléphones. Personne n’est reconnu, suivi ni mémorisé.",
        "inside": "Seulement à l’intérieur du magasin.",
        "street": "À l’intérieur du magasin et devant ses vitrines.",
        "basis": "Base légale : {basis}.",
        "who": "Responsable du traitement : {controller}.",
        "rights": "Vous pouvez vous y opposer à tout moment, sans rien éteindre : dites-le au personnel ou écrivez à "
        "{contact}. Vous pouvez saisir l’autorité de protection des données.",
        "more": "En savoir plus : {notice}",
    },
}
LANGUAGES: Final = tuple(WORDS)

_PAGE: Final = """<!doctype html>
<html lang="{language}"><meta charset="utf-8"><title>{title}</title>
<style>@page {{ size: A4; margin: 25mm }} body {{ font: 16pt/1.5 sans-serif; max-width: 160mm; margin: auto }}
h1 {{ font-size: 30pt; line-height: 1.15 }}</style>
<h1>{title}</h1>
{paragraphs}
</html>
"""


def notice_page(options: PrivacyOptions, language: str) -> str:
    """The page (HTML, to be printed) in `language`; `options` must name a legal basis."""
    words = WORDS[language]
    facts = {
        "where": words["street" if options.guests_street else "inside"],
        "fewest": str(options.guests_fewest),
        "basis": BASES[language][options.guests_basis or ""],
        "controller": options.controller or "",
        "contact": options.contact or options.controller or "",
        "notice": options.notice or "",
    }
    shown = [name for name in ("how", "basis", "who", "rights", "more") if name != "more" or options.notice]
    paragraphs = "\n".join(f"<p>{escape(words[name].format_map(facts))}</p>" for name in shown)
    return _PAGE.format(language=language, title=escape(words["title"]), paragraphs=paragraphs)
