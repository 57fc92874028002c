"""A deviation of the emulated ERP for every probe of it."""

from datetime import date
from decimal import Decimal
from typing import Any

from sfcc_cin7_sandbox.cin7 import lines, webhooks
from sfcc_cin7_sandbox.cin7.availability import Availability
from sfcc_cin7_sandbox.cin7.orders import Orders
from sfcc_cin7_sandbox.cin7.sales import Sales
from sfcc_cin7_sandbox.cin7.stock import Stock
from sfcc_cin7_tests.conformance.cin7_rules import (
    GOODS,
    NO_ROWS,
    ONE_SALE,
    ORDER,
    PAYMENT,
    PRODUCT,
    SALE,
    SALES,
    STOCK,
    VAT,
    a_reference_once_only,
    a_refusal_that_lasts,
    before_tax_of_gross,
    before_tax_of_net,
    charge_of,
    contains_external_id,
    drafts_allocate,
    first,
    half_even,
    line_with,
    missing_is_400,
    no_shortage_of_two,
    on_lines,
    one_more_available,
    only_first_bin,
    other_words,
    plain_line,
    rows,
    set_in,
    stock_that_stands_still,
    total_without_charges,
    void_again,
    void_that_keeps,
    voided_sales_take_lines,
    with_deprecated,
    without_allocation,
    wrong_account,
    wrong_key,
)
from sfcc_cin7_tests.conformance.deviations import (
    Deviation,
    also,
    answers,
    around,
    asks,
    erp,
    instead,
    queries,
    refused,
    statuses,
)

SWITCHES: dict[str, dict[str, Any]] = {
    "auth.refusal-form": {"forbidden_form": "text"},
    "limit.calls": {"calls_per_window": 50},
    "limit.form": {"throttle_form": "503"},
    "limit.scope": {"call_limit_scope": "key"},
    "me.lock-date": {"lock_date": date(2025, 12, 31)},
    "me.tax-method": {"tax_calculation_method": "Total"},
    "order.backorder-scope": {"backorder_scope": "all"},
    "order.line-total": {"line_total": "with-tax"},
    "order.min-quantity": {"min_quantity": Decimal("0.0001")},
    "order.negative-charge": {"negative_charges": False},
    "order.sku-case": {"sku_case_sensitive": False},
    "order.tax-handling": {"tax_handling": "recomputed"},
    "order.unknown-sku": {"unknown_sku_status": 404},
    "path.unknown": {"unknown_address": "redirect"},
    "payment.timing": {"prepayment": "after-authorisation"},
    "payment.void-paid": {"void_with_payments": "accepted"},
    "sale.default-type": {"default_sale_type": "Advanced"},
    "sale.external-id-put": {"external_id_put_changes": False},
    "sale.location": {"location_required": False},
    "sale-list.external-id-case": {"external_id_case_sensitive": False},
    "sale-list.external-id-unique": {"external_id_unique": True},
    "sale-list.lag": {"listing_lag": 20},
    "stock-documents.purchases-since": {"purchases_by_change": False},
    "stock-documents.transfers-order": {"transfers_listed": "oldest-first"},
    "stock.sku-filter": {"sku_filter": "exact"},
    "stock.zero-rows": {"zero_rows": "all"},
}
METHODS = {
    "webhook.most": lambda patch: patch.setattr(webhooks, "MOST_OF_ONE_TYPE", 6),
    "order.allocates": around(Stock, "allocate", without_allocation),
    "order.draft-allocates": around(Orders, "post", drafts_allocate),
    "order.price-places": around(lines, "cents", lambda _original, amount: half_even(amount)),
    "sale.void-releases": around(Orders, "void", void_that_keeps),
    "sale-list.external-id": around(Sales, "_same_external_id", contains_external_id),
    "stock.deprecated": around(Availability, "get", with_deprecated),
}
BETWEEN = {
    "stock-documents.adjustments-order": answers(
        erp("GET", "stockadjustmentlist"), lambda said: said["StockAdjustmentList"].reverse()
    ),
    "stock-documents.assemblies-order": answers(
        erp("GET", "finishedgoodslist"), lambda said: said["FinishedGoods"].reverse()
    ),
    "stock.availability-age": stock_that_stands_still,
    "webhook.put-back": asks(erp("PUT", "webhooks"), set_in("IsActive", False)),
    "webhook.secrets": answers(
        erp("GET", "webhooks"), rows("Webhooks", set_in("ExternalPassword", "***"))
    ),
    "auth.wrong-key": statuses(wrong_key, 403, 401),
    "auth.wrong-account": statuses(wrong_account, 403, 401),
    "path.case": instead(lambda r: r.url.path.endswith("/ME"), 404, text="nothing here"),
    "error.form": answers(
        erp("GET", "ref/account", Code="*"), lambda said: said[0], lambda r: r.is_error
    ),
    "error.code": answers(
        ONE_SALE, lambda said: set_in("ErrorCode", 1)(said[0]), lambda r: r.status_code == 404
    ),
    "account.unknown-code": instead(
        lambda r: r.url.params.get("Code", "").endswith("-no-code"),
        200,
        NO_ROWS | {"AccountsList": []},
    ),
    "guid.case": instead(
        lambda r: PRODUCT(r) and r.url.params.get("ID", "a") != r.url.params.get("ID", "a").lower(),
        200,
        NO_ROWS | {"Products": []},
    ),
    "content-type.required": instead(
        lambda r: r.headers.get("content-type") == "text/plain", 200, {}
    ),
    "query.unknown-key": answers(erp("GET", "ref/location", NoSuchKey="*"), set_in("Total", 0)),
    "query.key-case": queries(erp("GET", "product", limit="*"), limit=None),
    "page.default-limit": queries(erp("GET", "product", Limit=None, limit=None), Limit="50"),
    "page.largest": refused(lambda r: PRODUCT(r) and dict(r.url.params) == {"Limit": "1000"}),
    "page.above-largest": queries(erp("GET", "ref/tax", Limit="1001"), Limit="1000"),
    "page.zero": queries(erp("GET", "ref/tax", Page="0"), Page="1"),
    "page.beyond-end": queries(erp("GET", "ref/tax", Page="100"), Page="1"),
    "page.disjoint": queries(erp("GET", "product", Page="2", Limit="2"), Page="1"),
    "price-tier.unpaged": answers(erp("GET", "ref/pricetier"), set_in("Total", 10)),
    "customer.name-filter": queries(erp("GET", "customer", Name="*"), Name=None),
    "product.name-filter": queries(erp("GET", "product", Name="*"), Name=None),
    "product.modified-since": queries(erp("GET", "product", ModifiedSince="*"), ModifiedSince=None),
    "location.bins-are-rows": answers(
        erp("GET", "ref/location"),
        lambda answer: set_in(
            "LocationList", [row for row in answer["LocationList"] if not row["ParentID"]]
        )(answer),
    ),
    "sale.not-found": missing_is_400,
    "sale.lines-dropped": answers(
        also(SALE, lambda body: "Lines" in body),
        lambda sale: set_in("Lines", [{"SKU": GOODS}])(sale["Order"]),
    ),
    "sale.skip-quote": answers(SALE, set_in("Status", "DRAFT")),
    "sale.without-skip-quote": asks(
        also(SALE, lambda body: body.get("SkipQuote") is False), set_in("SkipQuote", True)
    ),
    "sale.stated-type": answers(
        also(SALE, lambda body: body.get("SaleType") == "Simple"), set_in("Type", "Advanced Sale")
    ),
    "sale.tax-inclusive": answers(
        also(SALE, lambda body: body.get("TaxInclusive")), set_in("TaxCalculation", "Exclusive")
    ),
    "sale.card-defaults": answers(
        also(SALE, lambda body: "TaxRule" not in body), set_in("Terms", "Another term")
    ),
    "sale.currency-rate": asks(
        also(SALE, lambda body: "CurrencyRate" not in body), set_in("CurrencyRate", 1)
    ),
    "sale.currency-from-customer": answers(SALE, set_in("CustomerCurrency", "CHF")),
    "sale.country": asks(SALE, lambda body: set_in("Country", "GB")(body["ShippingAddress"])),
    "sale.unknown-customer": asks(
        also(SALE, lambda body: "nobody" in body["Customer"]),
        set_in("Customer", "Alpenglow UK Web"),
    ),
    "sale.reference-length": asks(
        SALE, lambda body: set_in("CustomerReference", body["CustomerReference"][:256])(body)
    ),
    "sale.unknown-field": refused(also(SALE, lambda body: "NoSuchField" in body)),
    "sale.ship-to-other": asks(
        SALE, lambda body: set_in("ShipToOther", False)(body["ShippingAddress"])
    ),
    "sale.external-id-kept": answers(
        ONE_SALE, lambda sale: set_in("ExternalID", sale["ExternalID"].lower())(sale)
    ),
    "sale.rate-precision": answers(
        SALE, lambda sale: set_in("CurrencyRate", round(Decimal(sale["CurrencyRate"]), 2))(sale)
    ),
    "sale-list.search": instead(
        erp("GET", "salelist", Search="needle-in"), 200, NO_ROWS | {"SaleList": []}
    ),
    "sale-list.order": answers(SALES, lambda answer: answer["SaleList"].reverse()),
    "sale-list.status-filter": queries(erp("GET", "salelist", Status="*"), Status=None),
    "sale-list.updated-since": queries(erp("GET", "salelist", UpdatedSince="*"), UpdatedSince=None),
    "sale-list.updated-moves": answers(
        SALES, rows("SaleList", set_in("Updated", "2026-01-01T00:00:00.000Z"))
    ),
    "sale-list.voided-stays": answers(
        erp("GET", "salelist", ExternalID="*"), rows("SaleList", set_in("Status", "ORDERED"))
    ),
    "order.accepted": refused(also(ORDER, plain_line)),
    "order.duplicate-sku": asks(
        ORDER,
        lambda body: set_in("Lines", list({row["SKU"]: row for row in body["Lines"]}.values()))(
            body
        ),
    ),
    "order.sku-alone": answers(ORDER, rows("Lines", set_in("ProductID", None))),
    "order.unknown-tax-rule": asks(
        also(ORDER, lambda body: "no rule" in str(first(body).get("TaxRule"))),
        on_lines(TaxRule=VAT),
    ),
    "order.quantity-places": answers(
        ORDER,
        rows("Lines", lambda row: set_in("Quantity", round(Decimal(row["Quantity"]), 2))(row)),
    ),
    "order.negative-price": asks(
        also(ORDER, line_with("Price", -12)), on_lines(Price=12, Total=12, Tax=2)
    ),
    "order.charge-name": asks(
        also(ORDER, lambda body: "no service" in str(charge_of(body).get("Description"))),
        lambda body: set_in("Description", "Shipping")(charge_of(body)),
    ),
    "order.charge-accepted": refused(
        also(
            ORDER,
            lambda body: (
                charge_of(body).get("Price") == 12
                and "no service" not in charge_of(body)["Description"]
            ),
        )
    ),
    "order.service-line": asks(also(ORDER, line_with("SKU", "Shipping")), on_lines(SKU=GOODS)),
    "order.discount-range": asks(
        also(ORDER, line_with("Discount", 101)), on_lines(Discount=0, Total=12, Tax=2)
    ),
    "order.comment-length": asks(
        also(ORDER, lambda body: first(body).get("Comment")), on_lines(Comment="short")
    ),
    "order.replaces": answers(
        erp("GET", "sale/order"), lambda order: set_in("Lines", order["Lines"] * 2)(order)
    ),
    "order.total-checked": asks(
        also(ORDER, line_with("Total", 13)),
        lambda body: set_in("Total", first(body)["Price"])(first(body)),
    ),
    "order.tax-inside": answers(ORDER, before_tax_of_gross),
    "order.tax-added": answers(ORDER, before_tax_of_net),
    "order.header-totals": refused(also(ORDER, lambda body: "Total" in body)),
    "order.charge-in-total": answers(ORDER, total_without_charges),
    "order.discount": answers(also(ORDER, line_with("Discount", 25)), set_in("Total", 20)),
    "me.auto-discounts": answers(erp("GET", "me"), set_in("AutomaticallyApplyDiscounts", True)),
    "order.locked": instead(
        also(ORDER, lambda body: body["Status"] == "AUTHORISED" and first(body)["Price"] == 13),
        200,
        {},
    ),
    "order.authorised-status": answers(
        ONE_SALE,
        lambda sale: set_in("Status", "ORDERING")(sale) if sale["Status"] == "ORDERED" else None,
    ),
    "order.backorder": answers(ORDER, no_shortage_of_two),
    "order.backorder-status": answers(
        ONE_SALE,
        lambda sale: set_in("Status", "ORDERED")(sale) if sale["Status"] == "BACKORDERED" else None,
    ),
    "sale.void": answers(
        ONE_SALE,
        lambda sale: set_in("Status", "CREDITED")(sale) if sale["Status"] == "VOIDED" else None,
    ),
    "sale.undo": queries(erp("DELETE", "sale", Void=None), Void="true"),
    "sale.voided-final": voided_sales_take_lines,
    "sale.void-twice": void_again,
    "payment.places": asks(
        also(PAYMENT, lambda body: body["Amount"] == Decimal("1.005")), set_in("Amount", 1)
    ),
    "payment.account": asks(PAYMENT, set_in("Account", "1200")),
    "payment.type-case": refused(also(PAYMENT, lambda body: body["Type"] == "prepayment")),
    "payment.reference-twice": a_reference_once_only,
    "payment.list-form": answers(
        erp("GET", "sale/payment"), lambda payments: {"Payments": payments}
    ),
    "payment.deletable": instead(erp("DELETE", "sale/payment"), 200, {"Success": True}),
    "stock.available": answers(STOCK, rows("ProductAvailabilityList", one_more_available)),
    "stock.on-hand-value": answers(
        STOCK,
        rows("ProductAvailabilityList", lambda row: set_in("StockOnHand", row["OnHand"])(row)),
    ),
    "stock.rows": answers(erp("GET", "ref/productavailability", Sku=None), only_first_bin),
    "stock.services": instead(
        erp("GET", "ref/productavailability", Sku="Shipping"),
        200,
        NO_ROWS | {"ProductAvailabilityList": [{"SKU": "Shipping"}]},
    ),
    "stock.unknown-filter": instead(
        erp("GET", "ref/productavailability", ModifiedSince="*"),
        200,
        NO_ROWS | {"ProductAvailabilityList": []},
    ),
    "stock.location-filter": queries(
        erp("GET", "ref/productavailability", Location="*"), Location=None
    ),
    "product.deprecated-hidden": queries(PRODUCT, IncludeDeprecated="true"),
    "product.sku-unique": asks(
        also(erp("POST", "product"), lambda body: body["SKU"] == body["SKU"].lower()),
        lambda body: set_in("SKU", body["SKU"] + "-2")(body),
    ),
    "product.price-tier": asks(
        also(erp("POST", "product"), lambda body: "PriceTier1" not in body), set_in("PriceTier1", 1)
    ),
    "product.case-of-reference-names": refused(also(ORDER, line_with("TaxRule", VAT.swapcase()))),
    "product.inactive-on-line": asks(
        also(
            ORDER,
            lambda body: (
                body["Status"] == "DRAFT"
                and str(first(body).get("SKU")).startswith("ZZ-CONF")
                and str(first(body).get("SKU")).endswith("-P")
            ),
        ),
        on_lines(SKU=GOODS),
    ),
    "limit.words": other_words,
    "limit.clears": a_refusal_that_lasts,
}


DEVIATIONS = [
    *(Deviation(f"cin7.{name}", settings=settings) for name, settings in SWITCHES.items()),
    *(Deviation(f"cin7.{name}", plant=plant) for name, plant in METHODS.items()),
    *(Deviation(f"cin7.{name}", between) for name, between in BETWEEN.items()),
]
