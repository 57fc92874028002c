"""What the storefront sells as a product and the ERP keeps as a service: gift cards, warranties,
donations, delivery upgrades.

Cin7 takes a Service product on no line of a sale, only as an additional charge under its Name
(Cin7 API reference, Sale Order). Which products are services the ERP says itself, by their type.
"""

from collections import defaultdict
from collections.abc import Sequence

from sfcc_cin7.orders.translation.draft import Draft
from sfcc_cin7.orders.translation.goods import COMMENT_LENGTH, Piece
from sfcc_cin7.orders.translation.sale import SaleCharge
from sfcc_cin7.orders.translation.text import listed
from sfcc_cin7.values.money import ZERO


def goods_and_services(
    draft: Draft, pieces: Sequence[Piece]
) -> tuple[list[Piece], list[SaleCharge]]:
    """The pieces for the sale's lines, and a charge for each service and tax rule.

    A charge holds the whole amount and tax of its pieces, as options do, so it is always exact; its
    comment says how many of which SKU. Pieces without money, which choose no rule, join the others.
    """
    goods = [piece for piece in pieces if piece.sku not in draft.services]
    services = [piece for piece in pieces if piece.sku in draft.services]
    rules = [draft.rule(*piece.bearers) for piece in services]
    of_sku = {piece.sku: rule for piece, rule in zip(services, rules, strict=True) if rule}
    sold: dict[tuple[str, str], list[Piece]] = defaultdict(list)
    for piece, rule in zip(services, rules, strict=True):
        sold[piece.sku, rule or of_sku.get(piece.sku, "")].append(piece)
    return goods, [_charge(draft, sku, rule, same) for (sku, rule), same in sold.items()]


def _charge(draft: Draft, sku: str, rule: str, same: Sequence[Piece]) -> SaleCharge:
    quantity = sum((each.quantity for each in same), ZERO)
    remarks = dict.fromkeys(remark for each in same for remark in each.remarks)
    return SaleCharge(
        description=draft.services[sku],
        amount=sum((each.amount for each in same), ZERO),
        tax=sum((each.tax for each in same), ZERO),
        tax_rule=rule,
        comment=listed([f"{quantity.normalize():f} x {sku}", *remarks], COMMENT_LENGTH, "; "),
    )
