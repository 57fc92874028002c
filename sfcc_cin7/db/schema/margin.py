"""What was sold at what cost, by order and summed by day."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    Identity,
    Index,
    Integer,
    Numeric,
    Table,
    Text,
    text,
)

from sfcc_cin7.db.schema.base import Amount, metadata

UnitCost = Numeric(20, 8)  # base currency for one unit

erp_sale_lines = Table(  # what a sale tells of costs and credits, as it was last read
    "erp_sale_lines",
    metadata,
    Column("sale_id", Text, primary_key=True),
    Column("sku", Text, primary_key=True),
    Column("units", Amount, nullable=False),
    Column("shipped_cost", UnitCost),  # of what left the shelf; none before all has
    Column("average_cost", UnitCost),  # of the product when the sale was read
    Column("credited_units", Amount, nullable=False),
    Column("credited", Amount, nullable=False),  # the sale's currency, without tax
    Column("restocked_units", Amount, nullable=False),
)

margin_changes = Table(  # orders whose margin has to be worked out anew
    "margin_changes",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("order_key", Text, nullable=False),
)

sold_orders = Table(  # which document the lines of an order are from
    "sold_orders",
    metadata,
    Column("order_key", Text, primary_key=True),
    Column("document_hash", Text, nullable=False),  # then "+" and its latest correction, if any
    Column("problem", Text),  # why its lines tell no exact revenue
    Column("rate", UnitCost),  # base currency for one unit of its own, by the operating model
)

Index(
    "ix_sold_orders_problem", sold_orders.c.order_key, postgresql_where=text("problem is not null")
)

sold_lines = Table(  # what the storefront sold, from the order's document
    "sold_lines",
    metadata,
    Column("order_key", Text, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("sku", Text, nullable=False),
    Column("price_book", Text, nullable=False),
    Column("units", Amount, nullable=False),
    Column("revenue", Amount, nullable=False),  # without tax, after all discounts
    Column("part_skus", ARRAY(Text), nullable=False),  # of the ERP, which bear its cost
    Column("part_units", ARRAY(Amount), nullable=False),
)

MARGIN_SUMS = ("lines", "units", "revenue", "cost", "base_cost", "unknown")

order_margins = Table(  # the same lines with what was given back, and their cost
    "order_margins",
    metadata,
    Column("order_key", Text, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("day", Text, nullable=False),
    Column("site", Text, nullable=False),
    Column("price_book", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("sku", Text, nullable=False),
    Column("units", Amount, nullable=False),
    Column("revenue", Amount, nullable=False),
    Column("cost", Amount),  # in the order's currency; none where it is not known
    Column("base_cost", Amount),
    Column("basis", Text, nullable=False),
)

margin_days = Table(  # sums of `order_margins`, carried along; revenue and cost of known cost only
    "margin_days",
    metadata,
    Column("day", Text, primary_key=True),
    Column("site", Text, primary_key=True),
    Column("price_book", Text, primary_key=True),
    Column("currency", Text, primary_key=True),
    Column("sku", Text, primary_key=True),
    Column("basis", Text, primary_key=True),
    Column("lines", BigInteger, nullable=False),
    *(Column(name, Amount, nullable=False) for name in MARGIN_SUMS[1:]),
)
