"""Which cost counts, what a sale tells of it, and which margins cannot be right."""

from decimal import Decimal
from typing import Any

import pytest

from sfcc_cin7.ledger.margins.margin import (
    Group,
    KnownCosts,
    Margin,
    implausible,
    line_cost,
    mostly_unknown,
    rate,
    unit_cost,
)
from sfcc_cin7.ledger.margins.sold import GIVEN
from sfcc_cin7.ledger.passes.sale_costs import rate_of, sale_lines
from sfcc_cin7.merchant.ledger import MarginPolicy
from sfcc_cin7.systems.cin7.documents import SaleDocument

PRODUCT, PICK, NOTE = (f"00000000-0000-0000-0000-00000000000{n}" for n in (1, 2, 3))
POLICY = MarginPolicy()


def d(amount: str | int) -> Decimal:
    return Decimal(amount)


# Costs


def test_what_shipped_counts_before_what_was_booked_before_the_catalogue():
    assert unit_cost(KnownCosts(d(3), d(4), d(5))) == (d(3), "shipped")
    assert unit_cost(KnownCosts(None, d(4), d(5))) == (d(4), "booked")
    assert unit_cost(KnownCosts(None, d(0), d(5))) == (d(5), "catalogue")
    assert unit_cost(KnownCosts(service=True)) == (d(0), "service")
    assert unit_cost(KnownCosts(d(0), d(0), d(0))) == (None, "no cost")


def test_the_sales_own_rate_counts_before_the_operating_models_and_none_is_unknown():
    assert rate("GBP", "GBP", d("0.5"), d("0.7")) == 1
    assert rate("USD", "GBP", d("0.5"), d("0.7")) == d("0.5")
    assert rate("USD", "GBP", None, d("0.7")) == d("0.7")
    assert rate("USD", "GBP", None, None) is None


def test_a_line_is_as_certain_as_its_least_certain_part():
    shipped, average = KnownCosts(shipped=d(2)), KnownCosts(catalogue=d(3))
    assert line_cost([(d(2), shipped), (d(1), average)], d("0.5")) == (d(14), "catalogue")
    assert line_cost([(d(2), shipped), (d(1), KnownCosts())], d(1)) == (None, "no cost")
    assert line_cost([(d(2), shipped)], None) == (None, "no rate")
    assert line_cost([], None) == (d(0), "service")


# What a sale tells


def sale(**changes: Any) -> SaleDocument:
    document = {
        "ID": PRODUCT,
        "CustomerCurrency": "GBP",
        "BaseCurrency": "GBP",
        "TaxCalculation": "Inclusive",
        "CombinedShippingStatus": "SHIPPED",
        "COGSAmount": d(12),
        "Order": {
            "Status": "AUTHORISED",
            "Lines": [
                {"ProductID": PRODUCT, "SKU": "TENT", "Quantity": d(4), "AverageCost": d("2.5")}
            ],
        },
        "InventoryMovements": [{"TaskID": PICK, "ProductID": PRODUCT, "COGS": d(12)}],
    }
    return SaleDocument.model_validate(document | changes)


def credited(status: str = "AUTHORISED") -> dict[str, Any]:
    line = {"ProductID": PRODUCT, "SKU": "TENT", "Quantity": d(1), "Price": d(12), "Tax": d(2)}
    restock = [{"SKU": "TENT", "Quantity": d(1)}]
    return {"TaskID": NOTE, "Status": status, "Lines": [line], "Restock": restock}


def test_the_cost_of_a_unit_is_that_of_the_movements_once_all_has_shipped():
    [line] = sale_lines(sale())
    assert (line.shipped_cost, line.average_cost) == (d(3), d("2.5"))
    [line] = sale_lines(sale(CombinedShippingStatus="PARTIALLY SHIPPED"))
    assert (line.shipped_cost, line.average_cost) == (None, d("2.5"))


def test_movements_that_do_not_come_to_the_sales_own_cost_are_not_believed():
    [line] = sale_lines(sale(COGSAmount=d(20)))
    assert line.shipped_cost is None
    [line] = sale_lines(sale(COGSAmount=d(0), InventoryMovements=[]))
    assert line.shipped_cost is None


@pytest.mark.parametrize("back", [d(-3), d(3), None])
def test_goods_that_came_back_do_not_change_what_a_unit_cost_whatever_sign_they_have(back):
    movements: list[Any] = [{"TaskID": PICK, "ProductID": PRODUCT, "COGS": d(12)}]
    if back is not None:
        movements.append({"TaskID": NOTE, "ProductID": PRODUCT, "COGS": back})
    total = sum(movement["COGS"] for movement in movements)
    [line] = sale_lines(
        sale(InventoryMovements=movements, COGSAmount=total, CreditNotes=[credited()])
    )
    assert line.shipped_cost == 3
    assert (line.credited_units, line.credited, line.restocked_units) == (d(1), d(10), d(1))


def test_a_second_line_of_a_sku_that_somebody_added_in_the_erp_is_the_same_goods():
    line = {"ProductID": PRODUCT, "SKU": "TENT", "Quantity": d(2), "AverageCost": d("2.5")}
    order = {"Status": "AUTHORISED", "Lines": [line, line]}
    [both] = sale_lines(sale(Order=order, CreditNotes=[credited()]))
    assert (both.units, both.shipped_cost, both.credited_units) == (d(4), d(3), d(1))


def test_a_draft_of_a_credit_note_credits_nothing():
    [line] = sale_lines(sale(CreditNotes=[credited("DRAFT")]))
    assert (line.credited_units, line.credited, line.restocked_units) == (d(0), d(0), d(0))


def test_prices_without_tax_are_credited_as_they_are():
    [line] = sale_lines(sale(TaxCalculation="Exclusive", CreditNotes=[credited()]))
    assert line.credited == 12


def test_a_rate_that_the_sale_does_not_state_is_not_taken_for_one():
    assert rate_of(sale()) is None
    assert rate_of(sale(CurrencyRate=None)) is None
    assert rate_of(sale(CurrencyRate=d("0.74"))) == d("0.74")


# Plausible margins


def margin(units: int, revenue: int, cost: int, sku: str = "TENT", **more: Any) -> Margin:
    group = Group(sku, "shop", more.pop("book", "list"), more.pop("currency", "GBP"))
    return Margin(group, d(units), d(revenue), d(cost), d(more.pop("base", cost)), **more)


def judged(recent: Margin, before: Margin | None = None) -> list[str]:
    history = {before.group: before} if before else {}
    return [one.problem for one in implausible([recent], history, POLICY)]


def test_a_loss_is_told_even_of_one_unit_without_any_history():
    [found] = implausible([margin(1, 10, 12)], {}, POLICY)
    assert (found.problem, found.at_risk) == ("negative", d(2))
    assert judged(margin(1, 12, 12)) == []


def test_a_margin_far_from_what_it_was_is_told_in_both_directions():
    before = margin(100, 1000, 600)
    assert judged(margin(10, 100, 60), before) == []
    assert judged(margin(10, 100, 80), before) == ["far from its history"]
    assert judged(margin(10, 100, 10), before) == ["far from its history"]
    assert judged(margin(10, 100, 75), before) == []  # 15 points are not far yet


def test_few_units_are_compared_with_nothing_and_neither_is_another_price_book():
    before = margin(100, 1000, 600)
    assert judged(margin(4, 40, 39), before) == []
    assert judged(margin(10, 100, 95), margin(4, 40, 20)) == []
    assert judged(margin(10, 100, 95, book="sale"), before) == []


def test_what_is_given_away_on_purpose_is_not_judged():
    assert judged(margin(10, 0, 50, book=GIVEN)) == []


def test_money_at_risk_of_several_currencies_is_ordered_in_the_base_currency():
    yen = margin(10, 1000, 3000, currency="JPY", base=15)  # 10 pounds at risk
    pounds = margin(1, 10, 30)
    found = implausible([yen, pounds], {}, POLICY)
    assert [one.base_at_risk for one in found] == [20, 10]


def test_a_currency_whose_costs_are_mostly_unknown_is_told():
    known = margin(10, 70, 30)
    assert mostly_unknown([known], POLICY) == {}
    assert mostly_unknown([known, margin(0, 0, 0, unknown=d(30))], POLICY) == {"GBP": d("0.3")}
