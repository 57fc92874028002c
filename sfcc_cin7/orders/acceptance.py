"""From a storefront document to the sale that may be booked, with what the ERP is known to have."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Engine

from sfcc_cin7.operating_model import SitePolicy
from sfcc_cin7.orders.model import MalformedOrder, parse_order
from sfcc_cin7.orders.reason import NeedsPerson, Reason
from sfcc_cin7.orders.translate import Accepted, Rejected, translate
from sfcc_cin7.store.catalogue import known_tax_rules, unknown_skus


def accept(engine: Engine, document: Mapping[str, Any], site: SitePolicy, brand: str) -> Accepted:
    """The translation of an order.

    Raises:
        NeedsPerson: it cannot be booked as it is, or the ERP lacks something that it needs.
    """
    with engine.connect() as connection:
        rules = known_tax_rules(connection)
    try:
        result = translate(parse_order(document), site, brand, rules)
    except MalformedOrder as error:
        raise NeedsPerson([error.reason]) from None
    if isinstance(result, Rejected):
        raise NeedsPerson(result.reasons)
    with engine.connect() as connection:
        unknown = unknown_skus(connection, {line.sku for line in result.sale.lines})
    if unknown:
        raise NeedsPerson(
            [
                Reason("sku-unknown", f"The ERP has no product {sku}: create it there.", sku)
                for sku in sorted(unknown)
            ]
        )
    return result
