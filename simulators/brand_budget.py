"""A campaign's budget lent to the gateways of several shops: they never spend more together than there is."""

from collections import Counter

from gateway.model.documents import Lease


class BrandBudget:
    """Lends offers of one campaign, and takes back what was not spent once no gateway can spend it any more.

    A lease counts all offers that a gateway ever made of the campaign, so each document says it anew. It is reduced
    when the gateway has taken the document with the smaller one, or when its time is over there, and head office has
    every event until then: an outage between the two keeps it lent.
    """

    def __init__(self, offers: int) -> None:
        """`offers` may be made by all gateways together."""
        self._offers = offers
        self._lent: Counter[str] = Counter()
        self._made: Counter[str] = Counter()
        self._leases: dict[str, Lease] = {}

    @property
    def free(self) -> int:
        """Offers that no gateway may make."""
        return self._offers - sum(self._lent.values())

    def lend(self, gateway: str, offers: int, until_utc_s: float) -> Lease:
        """Lend so many more, as far as there are, until then (seconds since 1970): what its next document says."""
        self._lent[gateway] += min(offers, self.free)
        return self._write(gateway, self._lent[gateway], until_utc_s)

    def ask_back(self, gateway: str) -> Lease:
        """A lease of what the gateway is known to have made: the rest is free once `taken` says that it was taken."""
        return self._write(gateway, self._made[gateway], None)

    def hear_offer(self, gateway: str) -> None:
        """An offer of the gateway was told, in order and without a hole."""
        self._made[gateway] += 1

    def taken(self, gateway: str, lease: Lease) -> None:
        """The gateway decides by `lease`, and every event from before it did is here."""
        if lease == self._leases.get(gateway):
            self._lent[gateway] = max(lease.offers, self._made[gateway])

    def heard_until(self, gateway: str, utc_s: float) -> None:
        """Every event of the gateway that it told until then (seconds since 1970, by its own clock) is here."""
        lease = self._leases.get(gateway)
        if lease is not None and lease.until_utc_s is not None and lease.until_utc_s <= utc_s:
            self._lent[gateway] = self._made[gateway]

    def _write(self, gateway: str, offers: int, until_utc_s: float | None) -> Lease:
        self._leases[gateway] = Lease(offers, until_utc_s)
        return self._leases[gateway]
