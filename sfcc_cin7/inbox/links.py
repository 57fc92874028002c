"""The pages in which a person opens what an item is about: the order, its sale, the product."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, func, select, union

from sfcc_cin7.db.schema import erp_sales, order_batches, orders, sku_map
from sfcc_cin7.merchant.links import filled
from sfcc_cin7.merchant.operating_model import OperatingModel


@dataclass(frozen=True)
class Link:
    """A page; `what` is what it shows, as `the order in Business Manager`."""

    subject: str
    what: str
    address: str


def links_of(
    connection: Connection, model: OperatingModel, subjects: Collection[str]
) -> list[Link]:
    """The pages of these subjects that the merchant's instances have, in the order of subjects."""
    wanted = list(dict.fromkeys(subjects))
    pages: dict[str, dict[str, str | None]] = {subject: {} for subject in wanted}
    about_orders = select(orders.c.order_key, orders.c.site, orders.c.order_no)
    for order in connection.execute(about_orders.where(orders.c.order_key == func.any(wanted))):
        page = filled(model.links.order, site=order.site, number=order.order_no)
        pages[order.order_key]["the order in Business Manager"] = page
    sales = union(
        *(
            select(about.label("subject"), its_id.label("sale_id"), number.label("number"))
            for about, its_id, number in (
                (orders.c.order_key, orders.c.sale_id, orders.c.sale_number),
                (order_batches.c.batch_key, order_batches.c.sale_id, order_batches.c.sale_number),
                (erp_sales.c.external_id, erp_sales.c.sale_id, erp_sales.c.order_number),
            )
        )
    ).subquery()
    of_them = select(sales).where(sales.c.subject == func.any(wanted)).order_by(sales.c.sale_id)
    for sale in connection.execute(of_them):
        name = f"the sale {sale.number or ''} in Cin7".replace("  ", " ")
        pages[sale.subject][name] = filled(model.links.sale, id=sale.sale_id)
    skus = {_sku(subject): subject for subject in wanted if _sku(subject)}
    products = select(sku_map.c.sku, sku_map.c.erp_id)
    for product in connection.execute(products.where(sku_map.c.sku == func.any(list(skus)))):
        page = filled(model.links.product, id=product.erp_id)
        pages[skus[product.sku]]["the product in Cin7"] = page
    return [
        Link(subject, what, address)
        for subject, named in pages.items()
        for what, address in named.items()
        if address
    ]


def _sku(subject: str) -> str:
    """The SKU that a subject is about; empty where it is about none."""
    kind, _, rest = subject.partition(":")
    return rest if kind == "sku" else rest.partition("/")[2] if kind == "stock" else ""
