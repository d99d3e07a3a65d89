"""`POST /v1/visitors`: whoever opens a page on the shop's Wi-Fi gets a token that says nothing of them."""

from collections.abc import Callable
from math import ceil
from typing import Final

from fastapi import APIRouter, Request
from typing_extensions import TypedDict

from gateway.model.time import rfc3339
from gateway.web.buckets import Buckets, Rate
from gateway.web.door import address_of
from gateway.web.problems import Problem
from gateway.web.repeats import KEPT_S
from gateway.web.sessions import SessionBook

VISITOR_S: Final = KEPT_S
"""How long a token lasts (seconds): no longer than its one check-in is remembered."""
RATE: Final = Rate(per_s=0.1, burst=20)
"""How often one address may ask; a family may share it."""
OVERALL: Final = Rate(per_s=2.0, burst=60)
"""How often all together may: each token may become an event."""


class VisitorToken(TypedDict):
    """A bearer credential of scope `visitor`, for this shop alone; keep it in the page, never in a cookie."""

    token: str
    until: str


def visitors_route(book: SessionBook, mono_s: Callable[[], float]) -> APIRouter:
    """The route; `mono_s` measures who asks too often."""
    router, addresses, overall = APIRouter(), Buckets(RATE, mono_s), Buckets(OVERALL, mono_s)

    @router.post("/v1/visitors", status_code=201)
    async def post_visitors(request: Request) -> VisitorToken:
        """A token for ten minutes, at random: two of them have nothing in common, whoever asked for them."""
        wait_s = addresses.take(address_of(request)) or overall.take("")
        if wait_s:
            detail = "Too many visitors ask at once; wait as long as Retry-After says."
            raise Problem("too_many_requests", detail, retry_after_s=ceil(wait_s))
        token, credential = book.tokens.issue("visitor", book.utc_s(), VISITOR_S)
        return VisitorToken(token=token, until=rfc3339(credential.until_utc_s))

    return router
