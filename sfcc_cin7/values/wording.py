"""What people are shown: units, instants in the merchant's own time, orders as the shop names them.

Amounts are `money.figure`, how long something lasted is `ages.age_in_words`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal


def plain(units: Decimal) -> str:
    """Units without zeros that say nothing: `3`, `0.5`, `1,200`."""
    return f"{units.normalize():,f}"


def counted(number: int, one: str, many: str | None = None) -> str:
    """`1 order`, `2 orders`, `1,200 orders`; `many` where it is more than an s."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


@dataclass(frozen=True)
class Wording:
    """How one merchant's people say things: the zone that they live in, and the names of sites."""

    zone: tzinfo = UTC
    sites: Mapping[str, str] = field(default_factory=dict)

    def instant(self, at: datetime) -> str:
        """`2026-03-01 09:40 GMT`; the zone is always named."""
        return f"{at.astimezone(self.zone):%Y-%m-%d %H:%M %Z}"

    def second(self, at: datetime) -> str:
        """The same to the second, where seconds matter."""
        return f"{at.astimezone(self.zone):%Y-%m-%d %H:%M:%S %Z}"

    def day(self, at: datetime) -> date:
        """The day that it is there."""
        return at.astimezone(self.zone).date()

    def site(self, site: str) -> str:
        """A site's name; its id where it has none."""
        return self.sites.get(site) or site

    def subject(self, key: str) -> str:
        """What a key is about, as people know it.

        | key | shown |
        |---|---|
        | `brand:site:00000001` | `00000001 (Alpenglow UK)` |
        | `brand:site:consolidated:00000001` | `consolidated sale from 00000001 (Alpenglow UK)` |
        | `sku:TENT-2` | `SKU TENT-2` |
        | `stock:inventory-uk/TENT-2` | `SKU TENT-2 in inventory-uk` |
        | `tax-rule:Zero` | `tax rule Zero` |
        | `payout:stripe:ch_1` | `stripe ch_1` |
        | `transfer:stripe:GBP:po_1` | `payout po_1 of stripe (GBP)` |
        | `bank:GB29NWBK:S12` | `S12 at the bank (GB29NWBK)` |
        | `orders:site:2026-03-01` | `orders of 2026-03-01 (Alpenglow UK)` |
        | `report:stripe/may.csv` | `report stripe/may.csv` |
        | `shipment:brand:site:00000001` | `shipment of 00000001 (Alpenglow UK)` |
        | `lane:order_ledger` | `order_ledger` |

        What is none of these stays as it is: a sale's ExternalID may be anything.
        """
        kind, _, rest = key.partition(":")
        match kind, rest.split(":"):
            case "sku", _:
                return f"SKU {rest}"
            case "tax-rule", _:
                return f"tax rule {rest}"
            case "stock", _:
                stock_list, _, sku = rest.partition("/")
                return f"SKU {sku} in {stock_list}" if sku else stock_list
            case "lane", _:
                return rest
            case "report", _:
                return f"report {rest}"
            case "orders", [site, day]:
                return f"orders of {day} ({self.site(site)})"
            case "payout", [gateway, *line] if line:
                return f"{gateway} {':'.join(line)}"
            case "bank", [account, *line] if line:
                return f"{':'.join(line)} at the bank ({account})"
            case "transfer", [gateway, currency, *payout] if payout:
                return f"payout {':'.join(payout)} of {gateway} ({currency})"
            case "shipment", [_, site, *number] if number:
                return f"shipment of {':'.join(number)} ({self.site(site)})"
            case _, [site, "consolidated", *number] if number:
                return f"consolidated sale from {':'.join(number)} ({self.site(site)})"
            case _, [site, *number] if number:
                return f"{':'.join(number)} ({self.site(site)})"
        return key


def site_of(key: str) -> str | None:
    """The site that a key of an order or a consolidated sale names; None where it names none."""
    _, _, rest = key.partition(":")
    site, separator, _ = rest.partition(":")
    none = ("payout:", "transfer:", "report:", "bank:")
    return site if separator and not key.startswith(none) else None
