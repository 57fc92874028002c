"""Somebody who does in the sandbox what people do in both systems by mistake, and mends it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx

from sfcc_cin7.handover.drills.drill import BOOKED, PLACED, Step
from sfcc_cin7.inbox.action import ActionRefused
from sfcc_cin7.values import decimal_json
from sfcc_cin7.values.clock import Clock

UK = "alpenglow-uk"
PATIENCE = timedelta(minutes=2)
BETWEEN = 2.0
"""How long an order may take to be booked, and seconds between two looks."""
TRIES = 50
ONE = Decimal(1)
FIGURES = frozenset({"price", "dearer", "tax", "taxed"})
"""What is kept of a line as text, and sent as a number."""


class Hands:
    """Pulls the strings of the sandbox at an address, and of nothing else."""

    def __init__(self, client: httpx.Client, clock: Clock) -> None:
        self._client, self._clock = client, clock

    def do(self, steps: Sequence[Step], kept: Mapping[str, Any]) -> dict[str, Any]:
        """Take the steps; what was kept on the way. Raises ActionRefused where one fails."""
        known = dict(kept)
        for step in steps:
            if step.call == PLACED:
                known["order"] = self._placed(step.body.get("gateway"))
            elif step.call == BOOKED:
                known |= self._booked(known["order"], known.get("sale"))
            else:
                body = {name: _filled(value, known) for name, value in step.body.items()}
                answer = self._ask(step.method, step.call, body)
                known |= {name: _at(answer, path) for name, path in step.keep.items()}
        return known

    def _placed(self, gateway: object) -> str:
        for _ in range(TRIES):
            asked = {"count": 1, "site": UK, "shape": "plain"}
            number = str(self._ask("POST", "orders", asked)["orders"][0]["orderNo"])
            if gateway is None:
                return number
            paid = self._ask("POST", "gateways/payment", {"site": UK, "order": number})
            if paid["gateway"] == gateway:
                return number
        raise ActionRefused(f"No shopper pays through {gateway}.")

    def _booked(self, order: str, first: str | None) -> dict[str, Any]:
        """The figures of its sale; of another one than the `first`, its id as `again`."""
        until = self._clock.now() + PATIENCE
        while self._clock.now() < until:
            for sale in self._ask("GET", "truth", {})["cin7"]["sales"]:
                mine = sale["ExternalID"].endswith(f":{UK}:{order}")
                if mine and sale["OrderStatus"] == "AUTHORISED" and sale["ID"] != first:
                    if first is not None:
                        return {"again": sale["ID"]}
                    line = sale["Lines"][0]
                    return {
                        "sale": sale["ID"],
                        "sku": line["SKU"],
                        "price": line["Price"],
                        "dearer": line["Price"] + ONE,
                        "tax": line["Tax"],
                        "taxed": line["Tax"] + ONE,
                    }
            self._clock.sleep(BETWEEN)
        raise ActionRefused(
            f"Order {order} was not booked within {PATIENCE.seconds} s: is `up` armed?"
        )

    def _ask(self, method: str, call: str, body: Mapping[str, Any]) -> Any:
        try:
            answer = self._client.request(
                method, f"/_control/{call}", content=decimal_json.dumps(dict(body))
            )
        except httpx.HTTPError as error:
            raise ActionRefused(f"No sandbox answers ({type(error).__name__}).") from None
        if answer.is_error:
            raise ActionRefused(f"The sandbox refuses {call}: {answer.text}")
        return decimal_json.loads(answer.content)


@contextmanager
def hands(address: str, clock: Clock) -> Iterator[Hands]:
    """For the sandbox at an address of this machine. Raises ActionRefused where there is none."""
    with httpx.Client(base_url=address, timeout=60, trust_env=False) as client:
        try:
            client.get("/_control/health").raise_for_status()
        except httpx.HTTPError as error:
            raise ActionRefused(
                f"No sandbox answers at {address} ({type(error).__name__}): drills are held beside"
                " `sfcc-cin7 demo`."
            ) from None
        yield Hands(client, clock)


def _filled(value: object, known: Mapping[str, Any]) -> Any:
    """A value with what is known put in; a text that is one name alone becomes that thing."""
    if not isinstance(value, str) or "{" not in value:
        return value
    name = value[1:-1]
    if name in FIGURES:
        return Decimal(known[name])
    return known[name] if name in known else value.format(**known)


def _at(answer: Any, path: str) -> Any:
    for name in path.split("."):
        answer = answer[int(name)] if name.isdecimal() else answer[name]
    return answer
