"""What people in the demo do with their phones, at the desk and at the till, by where they are."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager, suppress
from types import TracebackType
from typing import Final, Self

import httpx

from simulators.stories import BRAND_COUPONS, ORDER_CODE, SOLD_OUT, TRAINERS

_LOOK_S: Final = 0.25
_SETTLED_S: Final = 3.0
"""Who is in a zone for this long has come to do something there (seconds)."""
_PATIENCE_S: Final = 5.0
_LOOKS_FOR_LOCK: Final = 12
"""How often a till looks whether head office answered about a coupon, before it decides by itself."""
_SELLER: Final = "nils"
_TILL: Final = "till-1"

Body = Mapping[str, object]
Errand = Callable[[str], Coroutine[None, None, None]]
"""Done with a member's credential."""


class Errands:
    """Watches who is where (`zones`, by name; None: on the way or away) and has them do what they came for.

    Each errand is run once a stay; one that fails is left and counted.

    Attributes:
        done: Requests that the gateway answered well.
        failed: Those that it did not.
    """

    def __init__(
        self, url: str, zones: Callable[[], Mapping[str, str | None]], members: Mapping[str, str], staff: str, till: str
    ) -> None:
        """`members` are credentials by person: whose they are, tills learn from the members' codes."""
        self._client = httpx.AsyncClient(base_url=url, timeout=_PATIENCE_S, trust_env=False)
        self._zones = zones
        self._members, self._staff, self._till = members, staff, till
        self._stays: dict[str, tuple[str | None, float]] = {}
        self._running: set[asyncio.Task[None]] = set()
        self._tap: Callable[[str], None] = lambda _: None
        self._tickets = 0
        self.done = 0
        self.failed = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for errand in self._running:
            errand.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        await self._client.aclose()

    @asynccontextmanager
    async def watched(self, tap: Callable[[str], None]) -> AsyncIterator[None]:
        """Run errands meanwhile; `tap` has whoever is named hold their phone to the reader where they are."""
        self._tap = tap
        watching = asyncio.create_task(self._watch(), name="errands")
        try:
            yield
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)

    async def _watch(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            for name, zone in self._zones().items():
                known, since_s = self._stays.get(name, (None, 0.0))
                if zone != known:
                    self._stays[name] = zone, loop.time()
                elif zone is not None and 0.0 < since_s <= loop.time() - _SETTLED_S:
                    self._stays[name] = zone, 0.0
                    self._begin(name, zone)
            await asyncio.sleep(_LOOK_S)

    def _begin(self, name: str, zone: str) -> None:
        errand = self._errands().get((name, zone)) or (self._pay if zone == "checkout" else None)
        if errand is not None and name in self._members:
            task = asyncio.create_task(self._run(errand, name), name=f"errand:{name}")
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def _run(self, errand: Errand, name: str) -> None:
        with suppress(httpx.HTTPError, KeyError):
            await errand(self._members[name])

    def _errands(self) -> Mapping[tuple[str, str], Errand]:
        return {
            ("ana", "shoes"): self._scan,
            ("bram", "shoes"): self._ask_help,
            ("farid", "shoes"): self._ask_price,
            ("dario", "pickup"): self._fetch,
            ("greta", "pickup"): self._return,
        }

    async def _scan(self, member: str) -> None:
        await self._post(member, "scans", {"text": SOLD_OUT[1:], "symbology": "ean_13"})

    async def _ask_help(self, member: str) -> None:
        asked = await self._post(member, "help", {"product": SOLD_OUT, "size": "43", "notes": "To try on"})
        await asyncio.sleep(4.0)
        await self._post(self._staff, f"help/{asked['help']}/claim", {"seller": _SELLER})
        await asyncio.sleep(8.0)
        await self._post(self._staff, f"help/{asked['help']}/close", {"outcome": "served"})

    async def _ask_price(self, member: str) -> None:
        await self._post(member, "price-matches", {"product": TRAINERS, "price": 79.9, "seen_at": "online"})

    async def _fetch(self, _: str) -> None:
        self._tap("dario")
        await asyncio.sleep(3.0)
        await self._post(self._staff, "orders/o-2041/handover", {"code": ORDER_CODE, "seller": _SELLER})

    async def _return(self, _: str) -> None:
        self._tap("greta")
        back = await self._post(self._staff, "returns", {"product": TRAINERS, "reason": "size"})
        await asyncio.sleep(3.0)
        await self._post(self._staff, f"returns/{back['id']}/check", {"sound": True})
        await asyncio.sleep(3.0)
        await self._post(self._staff, f"returns/{back['id']}/restock", {})

    async def _pay(self, member: str) -> None:
        basket = {"lines": [{"gtin": TRAINERS, "quantity": 1}]}
        slip = await self._post(member, "slips", basket)
        taken = await self._post(self._till, f"slips/{slip['slip']}/take", {"till": _TILL})
        self._tickets += 1
        with suppress(httpx.HTTPError):
            await self._redeem(BRAND_COUPONS[self._tickets % len(BRAND_COUPONS)], taken["member"])
        sale: Body = {"till": _TILL, "number": f"{self._tickets:05}", "total": 89.9, "currency": "EUR"}
        lines = [{"gtin": TRAINERS, "quantity": 1, "amount": 89.9}]
        receipt = f"https://shop.example/r/{self._tickets:05}"
        await self._post(self._till, "tickets", {**sale, "lines": lines, "member": taken["member"], "receipt": receipt})

    async def _redeem(self, coupon: str, member: str) -> None:
        """The till takes a coupon of the brand once head office keeps it, or gives so little off without its word."""
        wanted: Body = {"coupon": coupon, "member": member, "till": _TILL, "value": 5.0}
        held = await self._post(self._till, "redemptions", wanted, key=coupon)
        for _ in range(_LOOKS_FOR_LOCK):
            if held["lock"] != "asked":
                break
            await asyncio.sleep(_LOOK_S)
            held = await self._post(self._till, "redemptions", wanted, key=coupon)
        await self._post(self._till, f"redemptions/{held['redemption']}/commit", {})

    async def _post(self, credential: str, path: str, body: Body, key: str | None = None) -> dict[str, str]:
        """The answer; what is refused raises. `key` makes a repeated request the same one.

        Raises:
            httpx.HTTPError: no answer, or none that is good.
        """
        try:
            headers = {"authorization": f"Bearer {credential}"} | ({} if key is None else {"idempotency-key": key})
            answer = await self._client.post(f"/v1/{path}", json=body, headers=headers)
            answer.raise_for_status()
        except httpx.HTTPError:
            self.failed += 1
            raise
        self.done += 1
        found: dict[str, str] = answer.json()
        return found
