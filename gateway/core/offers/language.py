"""Language: the words in the language that the member reads best among those there are."""

from collections.abc import Iterable

from gateway.core.offers.facts import Facts, Refusal
from gateway.core.offers.variants import variant_for
from gateway.model.documents import Campaign


def refusal(campaign: Campaign, facts: Facts) -> Refusal | None:
    """`no_content`: the content bank has no words in any language for the member's variant."""
    content = variant_for(campaign, facts).content
    if spoken(content, facts) is not None:
        return None
    return Refusal("no_content", f"There are no words for “{content}” in any language.", {"content": content})


def spoken(content: str, facts: Facts) -> str | None:
    """The tag, as the content bank writes it, of the words for this member.

    The member's languages are tried first, then the store's, then whichever the content bank names first; None if none.
    """
    available = tuple(facts.snapshot.campaigns.content.get(content, ()))
    wanted = (*(facts.member.languages if facts.member is not None else ()), *facts.snapshot.languages)
    return lookup(wanted, available) or next(iter(available), None)


def lookup(ranges: Iterable[str], available: Iterable[str]) -> str | None:
    """The one of `available` language tags that best serves `ranges`, by preference: RFC 4647, section 3.4.

    Each range is shortened from its end until a tag equals it, letter case aside; a single letter or digit left
    at the end goes together with what followed it. The range `*` is passed over. None where no range has a tag.
    """
    tags = {tag.lower(): tag for tag in reversed(tuple(available))}
    for language_range in ranges:
        if language_range == "*":
            continue
        subtags = language_range.lower().split("-")
        while subtags:
            if (tag := tags.get("-".join(subtags))) is not None:
                return tag
            subtags.pop()
            if subtags and len(subtags[-1]) == 1:
                subtags.pop()
    return None
