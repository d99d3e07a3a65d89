"""What a demo counted, and whether it proves what it should: everything made arrived, nothing is missing."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from simulators.gateway_process import Standing
from simulators.head_office import HeadOffice


@dataclass(frozen=True, slots=True)
class DemoFigures:
    """The figures of one demo, in the order they are printed.

    Attributes:
        sightings: What the gateway was given to sense: capture lines committed; or packets, reports, codes and taps.
        visits: Visits that began.
        offers: Offers made.
        created: Events that the gateway made, over all its streams.
        received: Distinct events at head office.
        acked: Events that the gateway knows head office has.
        gaps: Sequences missing at head office.
        duplicates_before_dedup: Messages of an event that head office had already.
        recovered: Faults that were injected and healed.
    """

    sightings: int
    visits: int
    offers: int
    created: int
    received: int
    acked: int
    gaps: int
    duplicates_before_dedup: int
    recovered: int = 0

    @classmethod
    def of(cls, sightings: int, office: HeadOffice, outbox: Sequence[Standing], recovered: int = 0) -> "DemoFigures":
        """The figures of what was played, what head office counted and what the gateway's database says."""
        return cls(
            sightings=sightings,
            visits=office.count("visit.started"),
            offers=office.count("offer.made"),
            created=sum(stream.created for stream in outbox),
            received=office.received,
            acked=sum(stream.acked for stream in outbox),
            gaps=office.gaps,
            duplicates_before_dedup=office.duplicates,
            recovered=recovered,
        )

    def shortfalls(self) -> list[str]:
        """What is wrong, each in words; empty when the demo shows what it should."""
        wrong = [
            f"there were no {what}" if what in {"sightings", "visits", "offers"} else f"no event was {what}"
            for what, count in list(asdict(self).items())[:6]
            if count == 0
        ]
        if self.acked != self.created:
            wrong.append(f"{self.created} events were created, but {self.acked} were acknowledged")
        if self.gaps:
            wrong.append(f"{self.gaps} events are missing at head office")
        return wrong
