"""RFC 4647 section 3.4, lookup."""

import pytest

from gateway.core.offers.language import lookup


@pytest.mark.parametrize(
    ("tag", "found"),
    [
        ("zh-Hant-CN-x-private1-private2", True),
        ("zh-Hant-CN-x-private1", True),
        ("zh-Hant-CN", True),
        ("zh-Hant", True),
        ("zh", True),
        ("zh-Hant-CN-x", False),
        ("zh-Hans", False),
        ("zh-Hant-TW", False),
    ],
)
def test_the_fallback_of_the_rfcs_example(tag: str, *, found: bool) -> None:
    assert lookup(["zh-Hant-CN-x-private1-private2"], [tag]) == (tag if found else None)


@pytest.mark.parametrize(
    ("ranges", "available", "chosen"),
    [
        (["fr-FR", "zh-Hant"], ["zh", "fr"], "fr"),
        (["fr-FR", "zh-Hant"], ["zh"], "zh"),
        (["fr-FR", "zh-Hant"], ["ja"], None),
        (["de-CH"], ["de", "de-CH"], "de-CH"),
        (["de"], ["de-CH"], None),
        (["EN-gb"], ["en-GB"], "en-GB"),
        (["*", "en"], ["fr", "en"], "en"),
        (["*"], ["fr"], None),
        (["de-DE-1-x"], ["de-DE"], "de-DE"),
        (["en"], ["EN", "en"], "EN"),
        ([], ["en"], None),
        (["en"], [], None),
    ],
)
def test_lookup(ranges: list[str], available: list[str], chosen: str | None) -> None:
    assert lookup(ranges, available) == chosen
