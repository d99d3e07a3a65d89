"""Orders: a command as it comes from the broker, verified before anything in it is believed."""

from datetime import datetime
from typing import Annotated, Any, Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from gateway.codecs.signing import command_text, public_key_from, signature_holds
from gateway.documents.verify import TrustOptions
from gateway.model.commands import Command
from gateway.model.store import StoreRef

MAX_ORDER_BYTES: Final = 16_384
"""A longer message is not even parsed."""
ID: Final = r"^[0-9A-Za-z._-]{8,64}$"

Short = Annotated[str, Field(min_length=1, max_length=128)]


class CommandRefused(Exception):
    """A command is not carried out: `code` is stable, the text a sentence for a person.

    `order` is there where the signature held: then it is known whose it is.
    """

    def __init__(self, code: str, says: str, order: "Order | None" = None) -> None:
        super().__init__(says)
        self.code = code
        self.says = says
        self.order = order


class Order(BaseModel):
    """What was signed. Keys of newer peers are ignored, but for the arguments, which each command judges."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: Annotated[str, Field(pattern=ID)]
    name: Short
    tenant: Short
    store: Short
    gateway: Short
    issued_at: AwareDatetime
    expires_at: AwareDatetime
    arguments: dict[str, Any] = Field(default_factory=dict)

    def command(self, key: str) -> Command:
        """The command, signed by `key`."""
        return Command(self.id, self.name, key, _seconds(self.issued_at), _seconds(self.expires_at))


class Envelope(BaseModel):
    """What carries an order: its JSON text, whose key signed it, and the signature over the text."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)

    command: str
    key: Short
    signature: Short


def read_envelope(payload: bytes) -> Envelope:
    """The envelope in a message.

    Raises:
        CommandRefused: `too_large`, `malformed`.
    """
    if len(payload) > MAX_ORDER_BYTES:
        raise CommandRefused("too_large", f"It has {len(payload)} bytes; a command has at most {MAX_ORDER_BYTES}.")
    try:
        return Envelope.model_validate_json(payload)
    except ValidationError as error:
        raise CommandRefused("malformed", f"It is not of the form: {first_problem(error)}.") from error


def read_order(envelope: Envelope, name: str, store: StoreRef, trust: TrustOptions) -> Order:
    """The order that a trusted key signed for this gateway, under the name of its topic.

    Raises:
        CommandRefused: `unknown_key`, `bad_signature`, `malformed`, `wrong_audience`.
    """
    trusted = trust.keys.get(envelope.key)
    if trusted is None:
        raise CommandRefused("unknown_key", "It is signed by a key that is not in [trust] here.")
    try:
        holds = signature_holds(public_key_from(trusted), command_text(envelope.command), envelope.signature)
    except ValueError as error:
        raise CommandRefused("unknown_key", f"The key {envelope.key!r} in [trust] is of no use: {error}.") from error
    if not holds:
        raise CommandRefused("bad_signature", f"The signature is not that of {envelope.key!r} over this command.")
    try:
        order = Order.model_validate_json(envelope.command)
    except ValidationError as error:
        raise CommandRefused("malformed", f"The command in it is not of the form: {first_problem(error)}.") from error
    if (order.tenant, order.store, order.gateway) != (store.tenant, store.store, store.gateway):
        here = f"gateway {store.gateway} of store {store.store} of {store.tenant}"
        raise CommandRefused("wrong_audience", f"It was signed for another gateway; this is {here}.", order)
    if order.name != name:
        raise CommandRefused("wrong_audience", f"It was signed as {order.name!r} and came as {name!r}.", order)
    return order


def claimed_id(envelope: Envelope) -> str | None:
    """The id that an order gives itself, before anything is verified: good for an answer's topic, for nothing else."""
    try:
        return Order.model_validate_json(envelope.command).id
    except ValidationError:
        return None


def first_problem(error: ValidationError) -> str:
    """What is wrong first, and where, without what was written there."""
    first = error.errors(include_url=False, include_input=False)[0]
    key = ".".join(str(step) for step in first["loc"])
    return f"{key}: {first['msg']}" if key else first["msg"]


def _seconds(at: datetime) -> float:
    return round(at.timestamp(), 3)
