"""The books of a day as people read them: a line for each order, all legs beside each other."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Engine

from sfcc_cin7.ledger.breaks.reconcile import CapturedOrder, ErpSale
from sfcc_cin7.ledger.passes.books import captured_order, sale_of
from sfcc_cin7.ledger.passes.frames import LedgerLine
from sfcc_cin7.ledger.records import ledger
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.values.money import ZERO


def lines_of(
    engine: Engine, model: OperatingModel, start: datetime, end: datetime
) -> list[LedgerLine]:
    """A line for each order created in [start, end)."""
    with engine.connect() as connection:
        keys = ledger.keys_created(connection, start, end)
        orders = [captured_order(row, model) for row in ledger.orders_by_key(connection, keys)]
        sales = {
            key: [sale_of(row) for row in found]
            for key, found in ledger.sales_by_order(connection, keys).items()
        }
        kinds = ledger.open_kinds_of(connection, keys)
        settled = ledger.settled_of(connection, keys)
    return [
        _line(
            order,
            sales.get(order.key, []),
            settled.get(order.key, ZERO),
            kinds.get(order.key, []),
        )
        for order in orders
    ]


def _line(
    order: CapturedOrder, sales: Sequence[ErpSale], settled: Decimal, kinds: Sequence[str]
) -> LedgerLine:
    booked = [sale for sale in sales if sale.booked]
    currency = booked[0].currency if booked else order.currency
    same = [sale for sale in booked if sale.currency == currency]
    return LedgerLine(
        order_key=order.key,
        site=order.site,
        state=order.state,
        currency=order.currency,
        captured=ZERO if order.cancelled else order.total,
        captured_tax=ZERO if order.cancelled else order.tax or ZERO,
        booked_currency=currency,
        booked=sum((sale.total for sale in same), ZERO),
        booked_tax=sum((sale.tax for sale in same), ZERO),
        settled=settled,
        sales=", ".join(sale.number for sale in booked),
        breaks=", ".join(kinds),
    )
