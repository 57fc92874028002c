"""What becomes of an order's lines: one for each SKU, at a price that hits what was paid."""

from decimal import Decimal as D

import pytest

from sfcc_cin7.orders.translation.goods import unit_price
from sfcc_cin7_tests.orders.merchants import accept, accepted, site
from sfcc_cin7_tests.orders.storefront import Basket, Item, order
from sfcc_cin7_tests.orders.translating import TEXAS, basket, refused, sale, wrapped

# Goods


def test_the_sale_is_named_after_brand_site_and_order_number() -> None:
    booked = sale()

    assert (booked.external_id, booked.reference) == ("brand:shop:00000410", "00000410")


def test_lines_of_one_sku_become_one_line() -> None:
    twice = sale(Item("MUG", D(2), D("10.00"), TEXAS), Item("MUG", D(1), D("7.00"), TEXAS))

    [line] = twice.lines
    assert (line.quantity, line.price, line.amount, line.tax) == (
        D(3),
        D("9.00"),
        D("27.00"),
        D("2.23"),
    )


def test_one_sku_at_two_rates_needs_a_person() -> None:
    items = (Item("MUG", D(1), D("10.00"), TEXAS), Item("MUG", D(1), D("10.00"), D(0)))

    assert refused(basket(*items)) == ["tax-rules-differ"]


def test_a_bonus_product_stays_on_the_sale_at_no_price() -> None:
    free = Item("SOCKS", D(1), D("25.00"), TEXAS, discount=D("25.00"), bonus=True)
    _, socks = sale(Item("TENT", D(1), D("99.00"), TEXAS), free).lines

    assert (socks.quantity, socks.price, socks.amount, socks.tax) == (D(1), D(0), D(0), D(0))
    assert socks.comment == "Includes a bonus product"


def test_a_bundle_is_sold_as_its_parent() -> None:
    bundle = Item("CAMP-KIT", D(1), D("199.00"), TEXAS, components=(("TENT", D(1)), ("MUG", D(2))))
    [line] = sale(bundle).lines

    assert (line.sku, line.amount) == ("CAMP-KIT", D("199.00"))
    assert line.comment == "Bundle of 1 x TENT, 2 x MUG"


def test_what_no_unit_price_hits_is_an_untaxed_rounding_charge() -> None:
    items = (Item("PEG", D(1000), D("0.35"), TEXAS, discount=D("0.03")),)
    [line] = sale(*items).lines
    [rounding] = sale(*items).charges

    assert (line.price, line.amount, line.tax) == (D("0.3499"), D("349.90"), D("28.88"))
    assert (rounding.description, rounding.amount, rounding.tax) == ("Rounding", D("0.07"), D(0))
    assert rounding.tax_rule == line.tax_rule


def test_yen_are_booked_in_whole_yen() -> None:
    items = (Item("ROPE", D(3), D("350"), D("0.1"), discount=D("50")),)
    [line] = accept(Basket("JPY", "gross", items)).sale.lines

    assert (line.price, line.amount, line.tax) == (D("333.3333"), D("1000"), D("90"))


@pytest.mark.parametrize(
    ("amount", "quantity", "step", "price", "extension"),
    [
        ("47.65", "3", "0.01", "15.8833", "47.65"),
        ("10.00", "4", "0.01", "2.50", "10.00"),
        ("349.97", "1000", "0.01", "0.3499", "349.90"),
        ("41", "124", "1", "0.3226", "40"),
        ("47.655", "3", "0.001", "15.885", "47.655"),
        ("0.00", "2", "0.01", "0.00", "0.00"),
    ],
)
def test_a_unit_price_hits_the_amount_or_the_nearest_below(
    amount: str, quantity: str, step: str, price: str, extension: str
) -> None:
    found = unit_price(D(amount), D(quantity), D(step))

    assert found == (D(price), D(extension))


def test_so_many_units_that_no_price_comes_near_need_a_person() -> None:
    items = (Item("SCREW", D(9_000_000), D("0.01"), TEXAS, discount=D("89949.99")),)

    assert refused(basket(*items)) == ["price-inexact"]


# Options


def test_an_option_is_the_service_that_it_is_mapped_to() -> None:
    booked = accept(wrapped("4.00")).sale

    [wrap] = booked.charges
    assert (wrap.description, wrap.amount, wrap.tax) == ("Gift Wrap", D("8.00"), D("0.66"))
    assert wrap.comment == "2 x for TENT"
    assert booked.lines[0].comment == "With option wrap gift"


def test_an_option_can_be_mapped_by_its_product() -> None:
    [wrap] = accept(wrapped("4.00"), options={"wrap-gift": "Wrapping"}).sale.charges

    assert wrap.description == "Wrapping"


@pytest.mark.parametrize("shared", [True, False])
def test_an_order_discount_may_or_may_not_fall_on_options(shared: bool) -> None:
    of = wrapped("4.00", order_discount=D("20.60"), discount_options=shared)
    booked = accept(of).sale

    [wrap] = booked.charges
    assert wrap.amount == (D("7.20") if shared else D("8.00"))
    assert booked.total == order(of)["orderTotal"]


def test_an_option_nobody_mapped_needs_a_person() -> None:
    assert refused(wrapped("4.00", value="deluxe")) == ["option-unmapped"]


def test_an_unmapped_option_that_costs_nothing_is_a_remark() -> None:
    booked = accept(wrapped("0.00", value="none")).sale

    assert booked.charges == ()
    assert booked.lines[0].comment == "With option wrap none"


def test_an_option_taxed_unlike_its_product_is_charged_under_its_own_tax_rule() -> None:
    changed = order(wrapped("50.00"))
    [option] = changed["productItems"][0]["optionItems"]
    untaxed = option["tax"]
    option.update(tax=D(0), grossPrice=option["netPrice"])
    for name in ("adjustedMerchandizeTotalTax", "taxTotal", "orderTotal"):
        changed[name] -= untaxed
    changed["shipments"][0]["taxTotal"] -= untaxed

    booked = accepted(changed, site()).sale

    assert [(each.tax_rule, each.tax) for each in booked.charges] == [("Rule 0", D(0))]
    assert [line.tax_rule for line in booked.lines] == ["Rule 0.0825"]
