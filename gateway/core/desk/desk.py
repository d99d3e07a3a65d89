"""The desk as a whole: what is asked of it goes to the part that answers."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from gateway.core.desk.help import HelpRequests
from gateway.core.desk.orders import Orders
from gateway.core.desk.price_matches import PriceMatches
from gateway.core.desk.returns import Returns
from gateway.core.desk.slips import Slips
from gateway.core.desk.tickets import Tickets
from gateway.core.events import Emitter
from gateway.core.identity import Identity
from gateway.core.reactions import Reactions
from gateway.core.redemptions import Redemptions
from gateway.core.savings import Savings
from gateway.core.shop import Shop
from gateway.core.state import State
from gateway.model.desk import DeskAsk, DeskView, ShowDesk
from gateway.model.feeds import Brief, Order
from gateway.model.help import AskHelp, ClaimHelp, CloseHelp
from gateway.model.orders import HandOver
from gateway.model.price_matches import AskPriceMatch
from gateway.model.queue import LongQueue
from gateway.model.returns import CheckReturn, ReceiveReturn, RestockReturn
from gateway.model.savings import ShowSaved
from gateway.model.slips import MakeSlip, TakeSlip
from gateway.model.tickets import RecordTicket, ShowTickets
from gateway.model.time import Now


class Desk:
    """Orders, help, tickets, returns, slips and prices over one state."""

    def __init__(
        self,
        state: State,
        emitter: Emitter,
        identity: Identity,
        reactions: Reactions,
        redemptions: Redemptions,
        requests: HelpRequests,
        queues: Callable[[], tuple[LongQueue, ...]],
        id_key: bytes,
    ) -> None:
        self._state = state
        self._identity = identity
        self._queues = queues
        self.orders = Orders(state, emitter, reactions)
        self.help = requests
        self.tickets = Tickets(state, emitter, identity, reactions, id_key)
        self._returns = Returns(state, emitter, identity)
        self._slips = Slips(state, emitter, identity, redemptions)
        self._savings = Savings(state)
        self._answers: Mapping[type[DeskAsk], Callable[[Any, Now], object]] = {
            ClaimHelp: self.help.claim,
            CloseHelp: self.help.close,
            HandOver: self.orders.hand_over,
            RecordTicket: self.tickets.record,
            ShowTickets: self.tickets.show,
            TakeSlip: self._slips.take,
            ReceiveReturn: self._returns.receive,
            CheckReturn: self._returns.check,
            AskPriceMatch: PriceMatches(state, emitter).ask,
            ShowSaved: self._savings.show,
        }

    def take(self, ask: DeskAsk, shop: Shop, now: Now) -> object:
        """Do what is asked; what is kept of it now, or a refusal with its reason."""
        if isinstance(ask, ShowDesk):
            return self._view()
        if isinstance(ask, MakeSlip):
            return self._slips.make(ask, shop, now)
        if isinstance(ask, RestockReturn):
            return self._returns.restock(ask, shop.plan.store, now)
        if isinstance(ask, AskHelp | AskPriceMatch) and ask.member and not self._identity.recognises(ask.member):
            ask = replace(ask, member=None)
        if isinstance(ask, AskHelp):
            return self.help.ask(ask, shop.sensitive, now)
        return self._answers[type(ask)](ask, now)

    @property
    def deadline_s(self) -> float | None:
        """When something at the desk ends by itself next (monotonic s)."""
        deadlines = (self.orders.deadline_s, self.help.deadline_s)
        return min((each for each in deadlines if each is not None), default=None)

    def begin(self, now: Now) -> None:
        """Go on by this boot's clock."""
        self.orders.begin(now)
        self.help.begin(now)

    def look(self, now: Now) -> None:
        """End what has waited too long."""
        self.orders.look(now)
        self.help.look(now)

    def forget(self, subject: str) -> None:
        """Nothing of the subject is to be known any more."""
        for part in (self.orders, self.help, self.tickets, self._returns, self._slips, self._savings):
            part.forget(subject)
        last = self._state.last_visits.get(subject)
        if last is not None:
            self._state.forget_at_desk(last)

    def review(self) -> None:
        """The members changed: of who agreed to nothing any more, nothing is kept."""
        known = {record.subject for record in self._state.at_desk() if record.subject is not None}
        for subject in sorted(known):
            if not self._identity.recognises(subject.removeprefix("m.")):
                self.forget(subject)

    def _view(self) -> DeskView:
        state = self._state
        waiting = tuple(pickup for pickup in state.pickups.values() if pickup.handed_over is None)
        here = {each.subject: each.zone for each in state.presences.values() if each.visit is not None}
        orders = (state.rows["order"].get((pickup.order,)) for pickup in waiting)
        briefs = (row for row in state.rows["brief"].values() if isinstance(row, Brief))
        return DeskView(
            help=tuple(state.help_requests.values()),
            pickups=waiting,
            lines={order.order: order.lines for order in orders if isinstance(order, Order)},
            returns=tuple(state.returns.values()),
            briefs=tuple(brief for brief in briefs if f"m.{brief.handle}" in here),
            zones=here,
            queues=self._queues(),
        )
