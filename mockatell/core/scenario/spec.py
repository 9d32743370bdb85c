"""The shape of a scenario: what its YAML may hold, as frozen structures.

Unknown keys are refused, every amount carries its unit. `load.py` turns text into a `Scenario`;
nothing here reads a file. Field names are the YAML's keys (`for_` and `from_` are `for`, `from`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec

from mockatell.clickatell.quirks import Quirks
from mockatell.core.scenario.units import Probability, Rate, Seconds, Span
from mockatell.core.scenario.urls import MASK, masked

if TYPE_CHECKING:
    from collections.abc import Callable

ChannelName = Literal["sms", "whatsapp"]


class Spec(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Base of everything that a scenario holds."""


class GuardedSpec(Spec, frozen=True):
    """Base of what may hold a secret: shown, it says what is set, but not to what."""

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in self.__rich_repr__())
        return f"{type(self).__name__}({shown})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return [(name, _shown(name, getattr(self, name))) for name in self.__struct_fields__]


def _shown(field: str, value: Any) -> Any:
    return _HIDE[field](value) if value and field in _HIDE else value


def _hide_url(value: Any) -> Any:
    return masked(value) if isinstance(value, str) else value


_HIDE: Final[dict[str, Callable[[Any], Any]]] = {
    "password": lambda _: MASK,
    "master_key": lambda _: MASK,
    "headers": lambda headers: dict.fromkeys(headers, MASK),
    **dict.fromkeys(("get", "reply", "status", "url"), _hide_url),
}
"""How what a field holds is shown, by the field's name."""


class IntegrationSpec(Spec, frozen=True):
    """Whose callbacks these are; the envelope's `integrationId` and `integrationName`."""

    id: str = "fa8090815f05d5ed015f0b5b56080cd2"
    name: str = "My integration"


class BasicAuthSpec(GuardedSpec, frozen=True):
    """HTTP basic authentication towards the endpoint."""

    username: str
    password: str


class TlsSpec(Spec, frozen=True):
    """PEM files to trust (`ca`), to show (`cert`, `key`), or no checking at all (`insecure`)."""

    ca: str | None = None
    cert: str | None = None
    key: str | None = None
    insecure: bool = False


class EndpointSpec(GuardedSpec, frozen=True):
    """One endpoint with settings of its own; what it leaves out comes from `endpoints`."""

    url: str
    basic_auth: BasicAuthSpec | None = None
    headers: dict[str, str] | None = None
    timeout: Seconds | None = None
    connect_timeout: Seconds | None = None
    max_in_flight: int | None = None
    tls: TlsSpec | None = None


class EndpointsSpec(GuardedSpec, frozen=True):
    """The customer's two URLs, and what holds for both."""

    status: str | EndpointSpec | None = None
    reply: str | EndpointSpec | None = None
    basic_auth: BasicAuthSpec | None = None
    headers: dict[str, str] = {}
    timeout: Seconds = Seconds(5.0)
    connect_timeout: Seconds = Seconds(5.0)
    max_in_flight: int = 64
    tls: TlsSpec | None = None


class ExponentialSpec(Spec, frozen=True):
    """Delays that grow: `first`, `first * factor`, `first * factor**2` ... up to `max`."""

    first: Seconds
    factor: float = 2.0
    max: Seconds | None = None


class RetrySpec(Spec, frozen=True):
    """A retry policy of one's own: a `schedule`, or `exponential` with `attempts`.

    `jitter` is a share of each delay (0.1: up to a tenth more or less), `cap` the longest delay,
    `horizon` the time after the first attempt at which the delivery is given up.
    """

    schedule: tuple[Seconds, ...] | None = None
    exponential: ExponentialSpec | None = None
    attempts: int | None = None
    jitter: Probability = Probability(0.0)
    cap: Seconds | None = None
    horizon: Seconds | None = None


class RetryByRoleSpec(Spec, frozen=True):
    """A policy for each role."""

    status: str | RetrySpec = "one-api"
    reply: str | RetrySpec = "one-api"


class ReplyFields(Spec, frozen=True):
    """What an MO event may be told to hold; what is left out is made up, realistically.

    Which of them a kind takes is checked when the scenario is loaded.
    """

    content: str | None = None
    charset: str | None = None
    udh: str | None = None
    network: int | None = None
    profile_name: str | None = None
    referral: bool | None = None
    caption: str | None = None
    content_type: str | None = None
    size: int | None = None
    by: Literal["inline", "reference"] | None = None
    file_name: str | None = None
    location_name: str | None = None
    location_address: str | None = None
    latitude: str | None = None
    longitude: str | None = None
    contacts: tuple[dict[str, Any], ...] | None = None
    postback_data: str | None = None
    item_content: str | None = None
    encrypted: bool | None = None


class DeliverySpec(Spec, frozen=True):
    """How one callback is delivered: what a fault would leave to chance, said outright.

    It is sent `late`, so long after it happened (its timestamp stays), and sent `again`, each copy
    so long after it happened. Of the original's attempts nobody answers the first `refused`, and
    the acknowledgements of the next `lost_acks` get lost.
    """

    late: Seconds = Seconds(0.0)
    again: tuple[Seconds, ...] = ()
    lost_acks: int = 0
    refused: int = 0


class StepSpec(ReplyFields, frozen=True):
    """One thing that happens to a message, `after` a time counted from the step before it.

    Exactly one of `status`, `reply`, `typing`, `fallback` says what. `message_id` is the reply's
    own, `code` the number to send with a status, `delivery` how it is sent.
    """

    status: str | int | None = None
    reply: str | None = None
    typing: dict[str, Any] | None = None
    fallback: dict[str, Any] | None = None
    after: Span = Span(0.0, 0.0)
    code: int | None = None
    message_id: str | None = None
    delivery: DeliverySpec | None = None


class MessageSpec(ReplyFields, frozen=True):
    """Messages of one sort: one, a `count` of them `over` a time, or a `rate` `for` a time.

    Their life is a `lifecycle` (a name, or names with shares), a list of `steps`, or, for an
    unprompted MO message, a `reply` and its `delivery`. A message without a `channel` is an SMS,
    unless its lifecycle occurs on WhatsApp alone; `{n}` in an id is the message's 1-based number.
    """

    channel: ChannelName = "sms"
    at: Seconds = Seconds(0.0)
    count: int | None = None
    over: Seconds | None = None
    rate: Rate | None = None
    for_: Seconds | None = msgspec.field(default=None, name="for")
    arrivals: Literal["constant", "poisson"] = "constant"
    to: str | None = None
    from_: str | None = msgspec.field(default=None, name="from")
    message_id: str | None = None
    client_message_id: str | None = None
    lifecycle: str | dict[str, Probability] | None = None
    steps: tuple[StepSpec, ...] | None = None
    reply: str | None = None
    delivery: DeliverySpec | None = None


class DuplicateSpec(Spec, frozen=True):
    """Send copies of a callback again, `within` a time of the original."""

    probability: Probability = Probability(1.0)
    within: Seconds = Seconds(2.0)
    copies: int = 1


class ReorderSpec(Spec, frozen=True):
    """Send a callback after a later one of the same message."""

    probability: Probability = Probability(1.0)
    within: Seconds = Seconds(5.0)


class DelaySpec(Spec, frozen=True):
    """Send a callback late."""

    by: Span
    probability: Probability = Probability(1.0)


class LoseAckSpec(Spec, frozen=True):
    """Throw the endpoint's acknowledgement away: it did its work, and is asked again."""

    probability: Probability = Probability(1.0)


class OutageSpec(Spec, frozen=True):
    """Nothing reaches the endpoint (in one `role`, or both) from `at`, `for` a time."""

    at: Seconds
    for_: Seconds = msgspec.field(name="for")
    role: Literal["status", "reply"] | None = None


class RaceSpec(Spec, frozen=True):
    """Release copies of a callback at the same instant on connections that are warm."""

    probability: Probability = Probability(1.0)
    copies: int = 2


class BatchSpec(Spec, frozen=True):
    """Join events of neighbouring callbacks in one."""

    size: int = 2
    probability: Probability = Probability(1.0)


class FutureSpec(Spec, frozen=True):
    """What the vendor announces for some day: kinds, fields, codes and batches not seen yet."""

    unknown_events: Probability = Probability(0.0)
    extra_fields: Probability = Probability(0.0)
    unknown_statuses: Probability = Probability(0.0)
    batch: int | BatchSpec | None = None


class FaultSpec(Spec, frozen=True):
    """One fault; exactly one of its keys is given."""

    duplicate: DuplicateSpec | None = None
    reorder: ReorderSpec | None = None
    delay: DelaySpec | None = None
    lose_ack: LoseAckSpec | None = None
    outage: OutageSpec | None = None
    race: RaceSpec | None = None
    future: FutureSpec | None = None


class ProbeSpec(GuardedSpec, frozen=True):
    """A look at the customer's state: over HTTP, or into a database.

    `get` is a URL with `{messageId}`, `{clientMessageId}`, `{to}`, `{from}`, `{status}`,
    `{statusCode}` filled in for every message of the run. `sql` is a query of the database at
    `url`, with `:messageId` and so on bound to it. `jmespath` picks a part of what either says;
    `json` must be contained in that; `status` is the expected HTTP status; asked again until it
    holds or `within` is over.
    """

    get: str = ""
    sql: str = ""
    url: str = ""
    jmespath: str = ""
    json: Any = msgspec.UNSET
    status: int = 200
    within: Seconds = Seconds(5.0)
    headers: dict[str, str] = {}


class ExpectSpec(Spec, frozen=True):
    """One clause; exactly one of its keys is given.

    `acknowledged` is `all` or the least share of deliveries, for example `99%`.
    """

    acknowledged: Literal["all"] | Probability | None = None
    probe: ProbeSpec | None = None


class EncryptionSpec(GuardedSpec, frozen=True):
    """Client-side encryption of replies that say `encrypted: true` (cipher layout: assumed)."""

    mode: Literal["cbc", "gcm"] = "cbc"
    master_key: str | None = None


class Scenario(Spec, frozen=True):
    """The parsed YAML."""

    name: str = "scenario"
    description: str = ""
    seed: int | None = None
    integration: IntegrationSpec = IntegrationSpec()
    endpoints: EndpointsSpec = EndpointsSpec()
    retry: str | RetrySpec | RetryByRoleSpec = "one-api"
    quirks: Quirks = Quirks()
    encryption: EncryptionSpec = EncryptionSpec()
    messages: tuple[MessageSpec, ...] = ()
    faults: tuple[FaultSpec, ...] = ()
    expect: tuple[ExpectSpec, ...] = ()
