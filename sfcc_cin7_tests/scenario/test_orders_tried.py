"""The asset of tried orders shows what to add before anything is posted."""

from typing import Any

import dagster as dg

from sfcc_cin7.orders.intake.acceptance import Acceptance
from sfcc_cin7.orders.trial_assets import TryOrders, orders_tried
from sfcc_cin7_tests.scenario.review_desk import Desk, known_sku, unknown_sku


class Shop:
    """The storefront as a run is given it."""

    def __init__(self, desk: Desk) -> None:
        self.client = desk.lane.storefront


def tried(desk: Desk, **config: Any) -> dict[str, Any]:
    with dg.build_asset_context() as context:
        result: Any = orders_tried(
            context, TryOrders(**config), merchant=desk, store=desk, storefront=Shop(desk)
        )
    return dict(result.metadata)


def rows(table: dg.TableMetadataValue) -> list[list[Any]]:
    return [list(record.data.values()) for record in table.records]


def test_orders_are_tried_as_they_are_posted_corrections_included(desk: Desk) -> None:
    desk.lane.order()
    key, sku = unknown_sku(desk)
    number = "/".join(key.split(":")[1:])
    desk.lane.order("alpenglow-jp", "missing-tax-rule")

    shown = tried(desk, days=1)

    assert (shown["tried"], shown["would be posted"], shown["would wait"]) == (3, 1, 2)
    added = rows(shown["what to add first"])
    assert [f"The ERP has no product {sku}: create it there.", 1, 1, number] in added
    assert {row[0] for row in rows(shown["why they would wait"])} == {
        "sku-unknown",
        "tax-rule-unknown",
    }

    desk.ask("correct", order=key, skus={sku: known_sku(desk, key)})
    assert tried(desk, days=1, site="alpenglow-uk")["would be posted"] == 2
    assert tried(desk, days=1, site="alpenglow-us")["tried"] == 0


def test_an_order_that_nobody_can_handle_hides_no_other(desk: Desk, monkeypatch) -> None:
    desk.lane.order()
    key = desk.lane.order()
    judge = Acceptance.of

    def broken(self: Acceptance, document: Any, *more: Any) -> Any:
        if key.endswith(document["orderNo"]):
            raise ZeroDivisionError
        return judge(self, document, *more)

    monkeypatch.setattr(Acceptance, "of", broken)
    shown = tried(desk, days=1)

    assert (shown["would be posted"], shown["would wait"]) == (1, 1)
    assert rows(shown["why they would wait"])[0][:2] == ["internal-error", 1]
