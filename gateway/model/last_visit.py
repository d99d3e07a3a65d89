"""The last visit of a member: what is remembered of who may come back."""

from dataclasses import dataclass

from gateway.model.time import At


@dataclass(frozen=True, slots=True)
class LastVisit:
    """When a member's last visit ended, and whether a till knew the member in it or an order was fetched (`bought`)."""

    subject: str
    visit: str
    ended: At
    bought: bool = False
