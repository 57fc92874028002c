"""From a storefront document to the sale that may be booked, with what the ERP is known to have."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Engine

from sfcc_cin7.db.corrections import corrections_of
from sfcc_cin7.db.sku_map import known_tax_rules, service_names, unknown_skus
from sfcc_cin7.merchant.currency_rates import RateFiles
from sfcc_cin7.merchant.operating_model import SitePolicy
from sfcc_cin7.order_document.booking_rule import BookedLines, booking_rule
from sfcc_cin7.order_document.parsing import MalformedOrder, parse_order
from sfcc_cin7.order_document.reason import NeedsPerson, Reason
from sfcc_cin7.orders.translation.corrections import Correction, corrected
from sfcc_cin7.orders.translation.text import is_plain
from sfcc_cin7.orders.translation.translate import Accepted, external_id, translate


class Acceptance:
    """Decides which orders of a brand may be booked, and as what. Threads may share it."""

    def __init__(self, engine: Engine, brand: str) -> None:
        self._engine = engine
        self._brand = brand
        self._rates = RateFiles()

    def of(
        self,
        document: Mapping[str, Any],
        site: SitePolicy,
        tried: Sequence[Correction] = (),
    ) -> Accepted:
        """The translation of an order as people corrected it; `tried` corrections come on top.

        Raises:
            NeedsPerson: it cannot be booked as it is, or the ERP lacks something that it needs.
            ConfigurationError: the site's file of currency rates cannot be read.
        """
        key = external_id(self._brand, site.id, str(document.get("orderNo")))
        with self._engine.connect() as connection:
            rules = known_tax_rules(connection)
            kept = [
                Correction(row.kind, row.name, row.value) for row in corrections_of(connection, key)
            ]
        try:
            order = parse_order(document)
        except MalformedOrder as error:
            raise NeedsPerson([error.reason]) from None
        site = site.in_currency(order.currency)
        file = site.currency_rates.file if site.currency_rates else None
        rates = self._rates.at(file) if file else None
        what = corrected(order, site, (*kept, *tried))
        booked = BookedLines(what.order.lines, booking_rule(what.site)).units()
        skus = {each.sku for each in booked if is_plain(each.sku)}
        with self._engine.connect() as connection:
            services = service_names(connection, skus)
            unknown = unknown_skus(connection, skus)
        result = translate(
            what.order,
            what.site,
            self._brand,
            rules,
            rates=rates,
            rounding=what.rounding,
            services=services,
            duty=what.duty,
        )
        reasons = [] if isinstance(result, Accepted) else list(result.reasons)
        reasons += [
            Reason("sku-unknown", f"The ERP has no product {sku}: create it there.", sku)
            for sku in sorted(unknown)
        ]
        if reasons or not isinstance(result, Accepted):
            raise NeedsPerson(reasons)
        return result
