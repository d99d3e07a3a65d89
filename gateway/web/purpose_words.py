"""Purposes in plain words: what each is for, and what a member gets for agreeing to it."""

from collections.abc import Mapping
from typing import Final

from typing_extensions import TypedDict


class PurposeWords(TypedDict):
    """Two sentences in one language."""

    what_for: str
    what_you_get: str


PURPOSE_WORDS: Final[Mapping[str, Mapping[str, PurposeWords]]] = {
    "presence": {
        "en": {
            "what_for": "The shop recognises your phone while you are here, under a name that means nothing elsewhere.",
            "what_you_get": "You are checked in by yourself, and your order is ready when you arrive.",
        },
        "fr": {
            "what_for": "Le magasin reconnaît votre téléphone pendant votre visite, sous un nom qui n’a de sens nulle "
            "part ailleurs.",
            "what_you_get": "Votre arrivée est annoncée toute seule, et votre commande est prête quand vous arrivez.",
        },
    },
    "offers": {
        "en": {
            "what_for": "The shop chooses offers for you by where you are in it and what you did with earlier ones.",
            "what_you_get": "Offers that fit, and no more of them than the limits that you can read about.",
        },
        "fr": {
            "what_for": "Le magasin choisit des offres pour vous selon l’endroit où vous êtes et l’usage que vous avez "
            "fait des précédentes.",
            "what_you_get": "Des offres qui vous conviennent, sans dépasser les limites annoncées.",
        },
    },
    "analytics": {
        "en": {
            "what_for": "The brand learns from your visits how its shops and offers work.",
            "what_you_get": "Shops with shorter queues, and fewer offers that help nobody.",
        },
        "fr": {
            "what_for": "L’enseigne apprend de vos visites comment fonctionnent ses magasins et ses offres.",
            "what_you_get": "Des magasins où l’on attend moins, et moins d’offres inutiles.",
        },
    },
    "retarget": {
        "en": {
            "what_for": "The brand connects what it showed you elsewhere with your visit here.",
            "what_you_get": "The offer that you saw online waits for you in the shop.",
        },
        "fr": {
            "what_for": "L’enseigne relie ce qu’elle vous a montré ailleurs à votre visite ici.",
            "what_you_get": "L’offre que vous avez vue en ligne vous attend en magasin.",
        },
    },
    "staff_assist": {
        "en": {
            "what_for": "A seller who serves you may see your wish list and your sizes.",
            "what_you_get": "Advice that begins where you left off, without telling everything again.",
        },
        "fr": {
            "what_for": "Le vendeur qui vous sert peut voir votre liste d’envies et vos tailles.",
            "what_you_get": "Un conseil qui reprend là où vous en étiez, sans tout redire.",
        },
    },
}
"""By purpose and language."""
