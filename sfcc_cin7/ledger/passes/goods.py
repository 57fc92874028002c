"""Breaks between the goods of sales and what was billed and credited of them."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection

from sfcc_cin7.ledger.breaks.break_classes import Break, Verdict, grace, standing
from sfcc_cin7.ledger.records.goods import sales_with_gaps
from sfcc_cin7.merchant.ledger import GoodsClass
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.values.money import figure

SENTENCES: Mapping[GoodsClass, str] = {
    "shipped-not-invoiced": "{amount} of {sale} have left and are on no invoice.",
    "invoiced-not-shipped": "{amount} of {sale} are invoiced and have not left.",
    "restocked-not-credited": "{amount} of {sale} are back in stock and are not credited.",
    "refund-without-return": "{amount} of {sale} left and are credited, but did not come back.",
    "return-without-refund": "A draft of a credit note for {sale} puts goods worth {amount} back,"
    " but nobody has authorised it, so no money is given back.",
}


def goods_verdicts(
    connection: Connection, model: OperatingModel, keys: Sequence[str], at: datetime
) -> Iterator[tuple[str, Verdict]]:
    """The breaks of the leg `goods` of these orders and consolidated sales, by class."""
    elsewhere = {
        site.id
        for site in model.sites
        if site.consolidation and site.consolidation.ships_from == "elsewhere"
    }
    seen: set[tuple[str, str]] = set()
    for row in sales_with_gaps(connection, keys):
        for gap in row.gaps:
            kind: GoodsClass = gap["kind"]
            # nobody ships such a sale in the ERP: its goods leave another house
            never = kind == "invoiced-not-shipped" and row.batched and row.site in elsewhere
            if never or (row.key, kind) in seen:
                continue
            seen.add((row.key, kind))  # of a sale that is there twice the first one tells
            amount = Decimal(gap["amount"])
            told = {"amount": figure(amount, row.currency), "sale": row.number}
            found = Break(
                row.key,
                f"{row.created_at:%Y-%m-%d}",
                kind,
                SENTENCES[kind].format(**told),
                amount,
                row.currency,
                leg="goods",
            )
            due = datetime.fromisoformat(gap["since"]) + grace(model, kind)
            yield row.key, standing(found, due, at)
