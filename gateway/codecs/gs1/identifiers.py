"""The application identifiers of GS1: what each one's value is made of, and its place in a Digital Link.

Source: the GS1 Barcode Syntax Dictionary (GS1 AISBL, 2025), whose notation the table below keeps for what a value is
made of: `N6,yymmdd` is six digits that are a date, `X..20` up to twenty characters, `[…]` may be missing. What one
identifier requires or excludes beside it is left out: that is judged over every code on an item, not over one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_COMPONENT: Final = re.compile(
    r"(?P<optional>\[)?(?P<type>[NXYZ])(?P<varies>\.\.)?(?P<length>\d+)\]?(?P<checks>(,\w+)*)"
)


@dataclass(frozen=True, slots=True)
class Component:
    """A part of a value: its type (a key of `characters.OF_TYPE`), its length, and the checks of `content` on it."""

    type: str
    shortest: int
    longest: int
    optional: bool
    checks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Identifier:
    """An application identifier.

    `predefined`: its length is known to every reader, so that no separator follows its value. `attribute`: may stand in
    the query of a Digital Link. `qualifiers`: None unless it is a primary key there; otherwise the sequences of
    identifiers that may follow it in the path, each in this order and any of them left out.
    """

    ai: str
    components: tuple[Component, ...]
    predefined: bool
    attribute: bool
    qualifiers: tuple[tuple[str, ...], ...] | None


# Identifier or range; `*` predefined length, `?` attribute; the components; `/` and the qualifiers of a primary key.
_TABLE: Final = """
00 *? N18,csum,keyoff1 /
01 *? N14,csum,keyoff1 /22,10,21|235
02 *? N14,csum,keyoff1
03 * N14,csum,keyoff1
10 ? X..20
11 *? N6,yymmd0
12 *? N6,yymmd0
13 *? N6,yymmd0
15 *? N6,yymmd0
16 *? N6,yymmd0
17 *? N6,yymmd0
20 *? N2
21 - X..20
22 - X..20
235 - X..28
240-241 ? X..30
242 ? N..6
243 ? X..20
250-251 ? X..30
253 ? N13,csum,key [X..17] /
254 - X..20
255 ? N13,csum,key [N..12] /
30 ? N..8
3100-3105 *? N6
3110-3115 *? N6
3120-3125 *? N6
3130-3135 *? N6
3140-3145 *? N6
3150-3155 *? N6
3160-3165 *? N6
3200-3205 *? N6
3210-3215 *? N6
3220-3225 *? N6
3230-3235 *? N6
3240-3245 *? N6
3250-3255 *? N6
3260-3265 *? N6
3270-3275 *? N6
3280-3285 *? N6
3290-3295 *? N6
3300-3305 *? N6
3310-3315 *? N6
3320-3325 *? N6
3330-3335 *? N6
3340-3345 *? N6
3350-3355 *? N6
3360-3365 *? N6
3370-3375 *? N6
3400-3405 *? N6
3410-3415 *? N6
3420-3425 *? N6
3430-3435 *? N6
3440-3445 *? N6
3450-3455 *? N6
3460-3465 *? N6
3470-3475 *? N6
3480-3485 *? N6
3490-3495 *? N6
3500-3505 *? N6
3510-3515 *? N6
3520-3525 *? N6
3530-3535 *? N6
3540-3545 *? N6
3550-3555 *? N6
3560-3565 *? N6
3570-3575 *? N6
3600-3605 *? N6
3610-3615 *? N6
3620-3625 *? N6
3630-3635 *? N6
3640-3645 *? N6
3650-3655 *? N6
3660-3665 *? N6
3670-3675 *? N6
3680-3685 *? N6
3690-3695 *? N6
37 ? N..8
3900-3909 ? N..15
3910-3919 ? N3,iso4217 N..15
3920-3929 ? N..15
3930-3939 ? N3,iso4217 N..15
3940-3943 ? N4
3950-3955 ? N6
400 ? X..30
401 ? X..30,key /
402 ? N17,csum,key /
403 ? X..30
410-413 *? N13,csum,key
414 *? N13,csum,key /254|7040
415 *? N13,csum,key /8020
416 *? N13,csum,key
417 *? N13,csum,key /7040
420 ? X..20
421 ? N3,iso3166 X..9
422 ? N3,iso3166
423 ? N3,iso3166 [N3],iso3166 [N3],iso3166 [N3],iso3166 [N3],iso3166
424 ? N3,iso3166
425 ? N3,iso3166 [N3],iso3166 [N3],iso3166 [N3],iso3166 [N3],iso3166
426 ? N3,iso3166
427 ? X..3
4300-4301 ? X..35,pcenc
4302-4306 ? X..70,pcenc
4307 ? X2,iso3166alpha2
4308 ? X..30
4309 ? N10,latitude N10,longitude
4310-4311 ? X..35,pcenc
4312-4316 ? X..70,pcenc
4317 ? X2,iso3166alpha2
4318 ? X..20
4319 ? X..30
4320 ? X..35,pcenc
4321-4323 ? N1,yesno
4324-4325 ? N6,yymmd0 N4,hhmi
4326 ? N6,yymmdd
4330-4333 ? N6 [X1],hyphen
7001 ? N13
7002 ? X..30
7003 ? N6,yymmdd N4,hhmi
7004 ? N..4
7005 ? X..12
7006 ? N6,yymmdd
7007 ? N6,yymmdd [N6],yymmdd
7008 ? X..3
7009 ? X..10
7010 ? X..2
7011 ? N6,yymmdd [N4],hhmi
7020-7022 ? X..20
7023 ? X..30,key
7030-7039 ? N3,iso3166999 X..27
7040 - N1 X1 X1 X1,importeridx
7041 - X..4,packagetype
710-716 ? X..20
7230-7239 ? X2 X..28
7240 ? X..20
7241 ? N2,mediatype
7242 ? X..25
7250 ? N8,yyyymmdd
7251 ? N8,yyyymmdd N4,hhmi
7252 ? N1,iso5218
7253-7254 ? X..40,pcenc
7255 ? X..10
7256 ? X..90,pcenc
7257 ? X..70,pcenc
7258 ? X3,posinseqslash
7259 ? X..40,pcenc
8001 ? N4,nonzero N5,nonzero N3,nonzero N1,winding N1
8002 ? X..20
8003 ? N1,zero N13,csum,key [X..16] /
8004 ? X..30,key /7040
8005 ? N6
8006 ? N14,csum,keyoff1 N4,pieceoftotal /22,10,21
8007 ? X..34,iban
8008 ? N6,yymmdd N2,hh [N2],mi [N2],ss
8009 ? X..50
8010 ? Y..30,key /8011
8011 - N..12,nozeroprefix
8012 ? X..20
8013 ? X..25,csumalpha,key /
8014 - X..25,csumalpha,key,hasnondigit
8017-8018 ? N18,csum,key /8019
8019 - N..10
8020 - X..25
8026 ? N14,csum,keyoff1 N4,pieceoftotal
8030 ? Z..90
8110 ? X..70,couponcode
8111 ? N4
8112 ? X..70,couponposoffer
8200 - X..70
90 ? X..30
91-99 ? X..90
"""


def _identifiers() -> Iterator[Identifier]:
    for line in _TABLE.strip().splitlines():
        names, flags, *rest = line.split()
        qualifiers = None
        if rest[-1].startswith("/"):
            qualifiers = tuple(tuple(sequence.split(",")) for sequence in rest.pop()[1:].split("|"))
        first, _, last = names.partition("-")
        for number in range(int(first), int(last or first) + 1):
            yield Identifier(
                ai=f"{number:0{len(first)}}",
                components=tuple(_component(written) for written in rest),
                predefined="*" in flags,
                attribute="?" in flags,
                qualifiers=qualifiers,
            )


def _component(written: str) -> Component:
    found = _COMPONENT.fullmatch(written)
    if found is None:
        msg = f"{written!r} is no component"
        raise ValueError(msg)
    longest = int(found["length"])
    return Component(
        type=found["type"],
        shortest=1 if found["varies"] else longest,
        longest=longest,
        optional=found["optional"] is not None,
        checks=tuple(found["checks"].split(",")[1:]),
    )


IDENTIFIERS: Final = {identifier.ai: identifier for identifier in _identifiers()}
"""Every application identifier by its two to four digits."""

_NAMES: Final = (
    "sscc=00 gtin=01 gdti=253 gcn=255 ginc=401 gsin=402 gln=414 payTo=415 party=417 grai=8003 giai=8004 itip=8006 "
    "cpid=8010 gmn=8013 gsrnp=8017 gsrn=8018 cpv=22 lot=10 ser=21 tpx=235 glnx=254 cpsn=8011 srin=8019 refno=8020"
)
KEY_NAMES: Final = dict(pair.split("=") for pair in _NAMES.split())
"""The names that the path of a Digital Link may have for identifiers (GS1 Digital Link 1.1; no longer written)."""
