"""`lock`: head office says whether a coupon that is good once in all shops is this shop's to give."""

from typing import Annotated

from pydantic import Field

from gateway.model.redemptions import LockAnswered, NotRedeemed, Redemption
from gateway.uplink.commands.deed import Arguments, Deed, Result
from gateway.uplink.commands.reach import Reach


class LockArguments(Arguments):
    """Which redemption, as `redemption.lock_wanted` names it, and the answer."""

    redemption: Annotated[str, Field(min_length=1, max_length=64)]
    granted: bool


async def tell(_reach: Reach, arguments: LockArguments, gave: Redemption | NotRedeemed) -> Result:
    """How the redemption stands now."""
    if isinstance(gave, NotRedeemed):
        return {"redemption": arguments.redemption, "state": gave.reason, "lock": None}
    return {"redemption": gave.id, "state": gave.state, "lock": gave.lock}


LOCK = Deed(
    LockArguments,
    tell,
    entrust=lambda arguments, _order: LockAnswered(arguments.redemption, arguments.granted),
)
