"""Troubles as people make them by hand in both systems, and how they are put right again.

Each plant is a change in one of the systems alone, through the strings of the sandbox; nothing of
the product is touched.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import simplejson
from _standing import Standing

UK, JP = "alpenglow-uk", "alpenglow-jp"
GHOST, GHOST_PRICE = "GHOST-LANTERN-01", 35
MISSING_RULE = "JP Reduced Tax 8%"
TAX_RULE = "JP Consumption Tax 10%"
LOCATIONS = ("London DC", "Reno DC", "Osaka DC")
ORDERS_KEY, OTHER_KEY = "sandbox-orders-key", "sandbox-key"
WITHHELD_DAYS = 6
"""More than the four days after which a payment is late, fewer than the ten until it is missing."""


@dataclass(frozen=True)
class Planted:
    """A trouble that is there: the check that has to tell, the words that its sentence needs one
    of, and how it is put right; None where the product does that itself."""

    check: str
    names: str | tuple[str, ...]
    cure: Callable[[], object] | None


class Hands:
    """Somebody who can do what people at both systems, at the gateways and in the shop can."""

    def __init__(self, there: Standing) -> None:
        self._there = there
        self._client = httpx.Client(base_url=f"{there.sandbox}/_control", timeout=120)
        self._truth: Mapping[str, Any] = {}

    def pull(self, name: str, /, **body: object) -> Any:
        content = simplejson.dumps(body, use_decimal=True)
        answer = self._client.post(name, content=content)
        if answer.is_error:
            raise ValueError(f"{name}: {answer.text}")
        return simplejson.loads(answer.content, use_decimal=True)

    def put(self, name: str, /, **body: object) -> None:
        self._client.put(name, json=body).raise_for_status()

    def truth(self) -> Mapping[str, Any]:
        answer = self._client.get("truth").raise_for_status()
        self._truth = simplejson.loads(answer.content, use_decimal=True)
        return self._truth

    def mend_what_is_planted_anyway(self) -> None:
        """What the sandbox lacks on purpose is added, and nobody makes trouble of their own: every
        check can be green."""
        products = self.truth()["sfcc"]["products"]
        ean = next(row["ean"] for row in products if row["id"] == GHOST)
        self.pull("products", sku=GHOST, name="Ghost Lantern", price=GHOST_PRICE, barcode=ean)
        for location in LOCATIONS:
            self.pull("stock", sku=GHOST, location=location, receive=5000)
        self.pull("tax-rules", name=MISSING_RULE, percent=8)
        self.put("warehouse", edits_per_hour=0, lost_share=0, ship_after_seconds=900)
        self.put("aftercare", cancels_per_hour=0, returns_per_hour=0, undone_per_hour=0)

    def place(self, site: str = UK) -> str:
        """A plain order; its number."""
        [placed] = self.pull("orders", count=1, site=site, shape="plain")["orders"]
        return str(placed["orderNo"])

    def place_by_card(self) -> str:
        """A plain order that is paid through Stripe, and not settled yet; its number."""
        while True:
            number = self.place()
            if self.pull("gateways/payment", site=UK, order=number)["gateway"] == "stripe":
                return number

    def sale_of(self, number: str, seconds: float = 120) -> Any:
        """The ERP's sale of an order, as soon as it is authorised."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for sale in self.truth()["cin7"]["sales"]:
                mine = sale["ExternalID"].endswith(f":{UK}:{number}")
                if mine and sale["OrderStatus"] == "AUTHORISED":
                    return sale
            time.sleep(2)
        raise SystemExit(f"Order {number} was not booked within {seconds:.0f} s.")

    def unsold(self, count: int) -> list[str]:
        """SKUs that the ERP has in stock, both systems know, and nobody has ordered."""
        truth = self._truth or self.truth()
        sold = {line["SKU"] for sale in truth["cin7"]["sales"] for line in sale["Lines"]}
        offered = {row["id"] for row in truth["sfcc"]["products"]}
        stocked = {row["SKU"] for row in truth["cin7"]["stock"] if row["Available"] > 0}
        return sorted(stocked & offered - sold - {GHOST})[-count:]


Plant = Callable[[Hands], Planted]


def _edited(change: Mapping[str, Decimal]) -> Plant:
    """Somebody types over a line of a booked sale."""

    def plant(hands: Hands) -> Planted:
        number = hands.place()
        sale = hands.sale_of(number)
        line = next(each for each in sale["Lines"] if each["Price"] > 2)
        before = {name: line[name.capitalize()] for name in change}
        after = {name: before[name] + more for name, more in change.items()}
        hands.pull("sales/line", sale=sale["ID"], sku=line["SKU"], **after)
        cure = lambda: hands.pull("sales/line", sale=sale["ID"], sku=line["SKU"], **before)  # noqa: E731
        return Planted("totals_and_tax_agree", number, cure)

    return plant


def _voided(hands: Hands) -> Planted:
    number = hands.place()
    hands.pull("sales/void", sale=hands.sale_of(number)["ID"])
    cure = lambda: hands.pull("orders/cancel", site=UK, order=number)  # noqa: E731
    return Planted("nothing_missing_or_doubled", number, cure)


def _reopened(hands: Hands) -> Planted:
    number = hands.place()
    sale = hands.sale_of(number)["ID"]
    hands.pull("sales/undo", sale=sale)
    cure = lambda: hands.pull("sales/authorise", sale=sale)  # noqa: E731
    return Planted("nothing_missing_or_doubled", number, cure)


def _typed_twice(hands: Hands) -> Planted:
    number = hands.place()
    first = hands.sale_of(number)
    hands.pull("sales/repeat", sale=first["ID"])
    sales = [each for each in hands.truth()["cin7"]["sales"] if each["ID"] != first["ID"]]
    again = next(each["ID"] for each in sales if each["ExternalID"] == first["ExternalID"])
    cure = lambda: hands.pull("sales/void", sale=again)  # noqa: E731
    return Planted("nothing_missing_or_doubled", number, cure)


def _cancelled_but_shipped(hands: Hands) -> Planted:
    number = hands.place()
    hands.pull("sales/ship", sale=hands.sale_of(number)["ID"])
    hands.pull("orders/cancel", site=UK, order=number)
    cure = lambda: hands.pull("orders/reinstate", site=UK, order=number)  # noqa: E731
    return Planted("nothing_missing_or_doubled", number, cure)


def _settled_short(hands: Hands) -> Planted:
    number = hands.place_by_card()
    hands.sale_of(number)
    hands.pull("gateways/short", site=UK, order=number, amount=2)
    hands.pull("gateways/settle")

    def cure() -> None:
        hands.pull("gateways/make-up", site=UK, order=number, amount=2)
        hands.pull("gateways/settle")

    return Planted("payouts_agree", number, cure)


def _settled_twice(hands: Hands) -> Planted:
    number = hands.place_by_card()
    hands.sale_of(number)
    hands.pull("gateways/twice", site=UK, order=number)
    hands.pull("gateways/settle")

    def cure() -> None:
        hands.pull("gateways/refund", site=UK, order=number)
        hands.pull("gateways/settle")

    return Planted("payouts_agree", number, cure)


def _charged_back(hands: Hands) -> Planted:
    number = hands.place_by_card()
    hands.sale_of(number)
    hands.pull("gateways/settle")
    hands.pull("gateways/chargeback", site=UK, order=number)
    hands.pull("gateways/settle")

    def cure() -> None:
        hands.pull("gateways/win", site=UK, order=number)
        hands.pull("gateways/settle")

    return Planted("payouts_agree", number, cure)


def _withheld(hands: Hands) -> Planted:
    """An order of days ago whose payment no gateway has settled; it was found just now."""
    like = hands.place_by_card()
    found = (each for each in hands.truth()["sfcc"]["orders"] if each["orderNo"] == like)
    order = dict(next(each for each in found if each["siteId"] == UK))
    number, now = f"L{like}", datetime.now(UTC)
    then = f"{now - timedelta(days=WITHHELD_DAYS):%Y-%m-%dT%H:%M:%S}.000Z"
    [paid] = order["paymentInstruments"]
    told = paid["paymentTransaction"] | {"transactionId": f"withheld-{like}"}
    order |= {
        "orderNo": number,
        "invoiceNo": number,
        "creationDate": then,
        "placeDate": then,
        "lastModified": f"{now:%Y-%m-%dT%H:%M:%S}.000Z",
        "exportStatus": "ready",
        "paymentInstruments": [paid | {"paymentTransaction": told}],
    }
    hands.pull("raw-orders", document=order)

    def cure() -> None:
        hands.pull("gateways/settle-alone", site=UK, order=number)
        hands.pull("gateways/settle")

    return Planted("payouts_agree", number, cure)


def _short_payout(hands: Hands) -> Planted:
    hands.place_by_card()
    [report] = hands.pull("gateways/settle", gateway="stripe", short=5)["reports"]["stripe"]
    payout = int(report.removesuffix(".csv").rsplit("-", 1)[1])
    cure = lambda: hands.pull("gateways/restate", gateway="stripe", report=report)  # noqa: E731
    return Planted("payouts_agree", f"po_gbp{payout:08d}", cure)


def _typed_stock(hands: Hands) -> Planted:
    sku = hands.unsold(1)[0]
    hands.pull("storefront-stock", list="inventory-uk", sku=sku, allocation=9000)
    return Planted("inventory_drift", sku, None)


def _replaced_list(hands: Hands) -> Planted:
    hands.pull("storefront-stock/replace", list="inventory-us", allocation=400)
    return Planted("inventory_drift", "inventory-us", None)


def _renamed_sku(hands: Hands) -> Planted:
    sku = hands.unsold(2)[0]
    hands.pull("products/rename", sku=sku, to=f"{sku}-NEW")
    cure = lambda: hands.pull("products/rename", sku=f"{sku}-NEW", to=sku)  # noqa: E731
    return Planted("sku_divergence", sku, cure)


def _new_product(hands: Hands) -> Planted:
    sku = "BRAND-NEW-LAMP-01"
    hands.pull("storefront-products", sku=sku, name="Brand new lamp")
    cure = lambda: hands.pull("storefront-products/withdraw", sku=sku)  # noqa: E731
    return Planted("sku_divergence", sku, cure)


def _deprecated(hands: Hands) -> Planted:
    sku = hands.unsold(3)[0]
    hands.pull("products/status", sku=sku, status="Deprecated")
    cure = lambda: hands.pull("products/status", sku=sku, status="Active")  # noqa: E731
    return Planted("sku_divergence", sku, cure)


def _rule_out_of_use(hands: Hands) -> Planted:
    hands.pull("tax-rules/use", rule=TAX_RULE, in_use=False)
    cure = lambda: hands.pull("tax-rules/use", rule=TAX_RULE, in_use=True)  # noqa: E731
    return Planted("tax_rules_agree", TAX_RULE, cure)


def _unavailable(hands: Hands) -> Planted:
    hands.put("faults", **{"cin7.503": 1})
    return Planted("stalled_posting", "cin7", lambda: hands.put("faults"))


def _password_revoked(hands: Hands) -> Planted:
    hands.pull("storefront-password", revoked=True)
    cure = lambda: hands.pull("storefront-password", revoked=False)  # noqa: E731
    return Planted("stalled_posting", ("sfcc", "storefront"), cure)


def _key_revoked(key: str, check: str) -> Plant:
    def plant(hands: Hands) -> Planted:
        hands.pull("keys", key=key, revoked=True)
        return Planted(check, "cin7", lambda: hands.pull("keys", key=key, revoked=False))

    return plant


def _stuck(hands: Hands) -> Planted:
    hands.put("faults", **{"cin7.create_500": 1})
    number = hands.place()
    return Planted("stalled_posting", number, lambda: hands.put("faults"))


def _renamed_location(hands: Hands) -> Planted:
    hands.pull("locations/rename", location="Osaka DC", to="Osaka Hub")
    cure = lambda: hands.pull("locations/rename", location="Osaka Hub", to="Osaka DC")  # noqa: E731
    return Planted("inventory_drift", "inventory-jp", cure)


ROUNDS: Mapping[str, Mapping[str, Plant]] = {
    "books": {
        "price": _edited({"price": Decimal(-1)}),
        "quantity": _edited({"quantity": Decimal(1)}),
        "tax": _edited({"tax": Decimal("0.50")}),
        "void": _voided,
        "reopened": _reopened,
        "typed twice": _typed_twice,
        "cancelled, but shipped": _cancelled_but_shipped,
        "payment settled short": _settled_short,
        "payment settled twice": _settled_twice,
        "payment charged back": _charged_back,
        "payment withheld": _withheld,
        "payout short": _short_payout,
        "stock typed in": _typed_stock,
        "stock list replaced": _replaced_list,
        "SKU renamed": _renamed_sku,
        "product unknown to the ERP": _new_product,
        "product deprecated": _deprecated,
        "tax rule out of use": _rule_out_of_use,
    },
    "ERP down": {"503 for three minutes": _unavailable},
    "locked out": {
        "storefront password revoked": _password_revoked,
        "other key revoked": _key_revoked(OTHER_KEY, "lanes_on_time"),
    },
    "no orders key": {"orders key revoked": _key_revoked(ORDERS_KEY, "stalled_posting")},
    "stuck": {"stuck order": _stuck, "location renamed": _renamed_location},
}
"""Troubles that do not disturb each other, by round."""
