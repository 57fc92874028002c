"""Typed calls to Cin7 Core (Cin7 API reference, version 2)."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from sfcc_cin7.systems.cin7.availability import AvailabilityPage, page_of
from sfcc_cin7.systems.cin7.documents import (
    Account,
    AvailabilityOfOne,
    AvailabilityRow,
    Company,
    CreatedCustomer,
    Customer,
    Document,
    ErpProduct,
    Location,
    OrderDocument,
    Payment,
    PaymentTerm,
    PriceTier,
    SaleDocument,
    SaleRow,
    SavedWebhook,
    TaxRule,
    Webhook,
)
from sfcc_cin7.systems.cin7.kinds import DocumentKind, Listed
from sfcc_cin7.systems.cin7.parameters import instant, mentions, without_none
from sfcc_cin7.systems.cin7.product_records import ProductRecord, SavedProduct
from sfcc_cin7.systems.cin7.wire import PAGE_SIZE, Cin7Wire
from sfcc_cin7.systems.http.answers import parse_list, parse_row
from sfcc_cin7.systems.http.outcomes import Call, unreadable


class Cin7Client(Cin7Wire):
    """The ERP as one purpose sees it. Use it as a context manager; it may be shared by threads.

    Every method raises `ApiError` (see `systems.http.errors` for its kinds). A read is tried up
    to `attempts` times: a purpose that has other work to do meanwhile asks for one. `limit_scope`
    is what Cin7's call limit holds for.
    """

    # Sales

    def create_sale(
        self, header: Mapping[str, Any], fence: Callable[[], None] = lambda: None
    ) -> SaleDocument:
        """POST /sale: the header alone; Cin7 drops lines that are sent with it.

        `fence` is called when the call has its slot, immediately before it is sent; what it raises
        keeps the call from being sent.
        """
        return self._write("POST", "sale", SaleDocument, body=header, fence=fence)

    def save_order(
        self, body: Mapping[str, Any], fence: Callable[[], None] = lambda: None
    ) -> OrderDocument:
        """POST /sale/order: replaces lines and charges, and authorises where the Status says so.

        `fence`: see `create_sale`.
        """
        return self._write("POST", "sale/order", OrderDocument, body=body, fence=fence)

    def sale(self, sale_id: str) -> SaleDocument:
        """GET /sale. Raises NotFound (or Refused) where there is no such sale."""
        return self._read("sale", SaleDocument, {"ID": sale_id})

    def void_sale(self, sale_id: str, fence: Callable[[], None] = lambda: None) -> None:
        """DELETE /sale with Void=true. Without that flag Cin7 would reopen the sale instead.

        `fence`: see `create_sale`.
        """
        params = {"ID": sale_id, "Void": "true"}
        self._write("DELETE", "sale", Document, params=params, fence=fence)

    def sales(
        self, *, external_id: str | None = None, search: str | None = None
    ) -> Iterator[SaleRow]:
        """GET /saleList: every page, each sale once, ascending by order number.

        Cin7 ignores a filter that it does not understand, so each row is held against the filters
        again. `search` is a contains match. A new sale may be listed late: an absence proves
        nothing by itself. What was touched lately is asked by `systems.cin7.changes` alone.
        """
        params = without_none({"ExternalID": external_id, "Search": search})
        for row in self._rows("saleList", "SaleList", SaleRow, lambda row: row.sale_id, params):
            if external_id is not None and row.external_id != external_id:
                continue
            if search is not None and not mentions(row, search):
                continue
            yield row

    def add_payment(
        self, body: Mapping[str, Any], fence: Callable[[], None] = lambda: None
    ) -> Payment:
        """POST /sale/payment. `fence`: see `create_sale`."""
        return self._write("POST", "sale/payment", Payment, body=body, fence=fence)

    def payments(self, sale_id: str) -> list[Payment]:
        """GET /sale/payment: payments, prepayments and refunds of one sale."""
        return self._read_list("sale/payment", None, Payment, {"SaleID": sale_id})

    # Documents of any kind

    def touched(self, kind: DocumentKind, since: datetime) -> Iterator[Listed]:
        """GET the kind's list with UpdatedSince: every page, each document once.

        The filter may be ignored, so each row's own stamp is held against it; a row without one is
        given.
        """
        params = {"UpdatedSince": instant(since) or ""}
        rows = self._rows(
            kind.list_path,
            kind.rows_keys,
            kind.row,
            lambda row: kind.listed(row).id,
            params,
            parse_row,
        )
        for row in map(kind.listed, rows):
            if row.updated is None or row.updated >= since:
                yield row

    def listed_page(
        self, kind: DocumentKind, page: int, limit: int, status: str | None = None
    ) -> tuple[int, list[Listed]]:
        """GET one page of the kind's list, from 1, of one status or of all: how many documents
        there are, and its rows. The filter may be ignored, so each row is held against it."""
        paging = {"Page": str(page), "Limit": str(limit)}
        answer, call = self._get(kind.list_path, paging | without_none({"Status": status}))
        rows = parse_list(call, kind.row, answer, kind.rows_keys, parse_row)
        if not isinstance(total := answer.get("Total"), int):
            raise unreadable(call, "no Total")
        listed = map(kind.listed, rows)
        return total, [row for row in listed if status in (None, row.status)]

    def document(self, kind: DocumentKind, document_id: str) -> Document:
        """GET one document of a kind. Raises NotFound (or Refused) where there is none."""
        return self._read(kind.detail_path, kind.document, {kind.detail_key: document_id})

    # Products and stock

    def products(
        self, *, modified_since: datetime | None = None, include_deprecated: bool = False
    ) -> Iterator[ErpProduct]:
        """GET /product: every page, each product once, with its bill of materials.

        Without `include_deprecated` a product that becomes deprecated simply vanishes.
        """
        params = without_none(
            {
                "ModifiedSince": instant(modified_since),
                "IncludeDeprecated": "true" if include_deprecated else None,
                "IncludeBOM": "true",
            }
        )
        return self._rows("product", "Products", ErpProduct, lambda row: row.id, params)

    def product_records(
        self, *, modified_since: datetime | None = None, product_id: str | None = None
    ) -> Iterator[ProductRecord]:
        """GET /product: every page, each product once, deprecated ones too, without its bill of
        materials; those modified at that instant or later, or the one with this id."""
        params = without_none(
            {
                "ModifiedSince": instant(modified_since),
                "ID": product_id,
                "IncludeDeprecated": "true",
            }
        )
        rows = self._rows("product", "Products", ProductRecord, lambda row: row.id, params)
        return (row for row in rows if product_id in (None, row.id))

    def save_product(self, body: Mapping[str, Any]) -> ProductRecord:
        """PUT /product by its ID; what is left out stays. The product as it is then."""
        return self._write("PUT", "product", SavedProduct, body=body).rows[0]

    def availability_page(self, page: int, limit: int = PAGE_SIZE) -> AvailabilityPage:
        """GET /ref/productavailability: one page, from 1. There is no modified-since."""
        answer, call = self._get(
            "ref/productavailability", {"Page": str(page), "Limit": str(limit)}
        )
        try:
            return page_of(answer)
        except ValueError as error:
            raise unreadable(call, str(error)) from None

    def availability_of(self, sku: str, product_id: str | None = None) -> list[AvailabilityRow]:
        """GET /ref/productavailability: the rows of one SKU, none where it is not listed.

        Whether the filter Sku is exact is not documented, so the product's ID is better where it is
        known, and rows of other SKUs are left out.

        Raises:
            Unavailable: the list was not filtered.
        """
        wanted = {"Sku": sku} if product_id is None else {"ID": product_id}
        call = Call("cin7", "GET /ref/productavailability", "read")
        params = wanted | {"Page": "1", "Limit": str(PAGE_SIZE)}
        page = self._read("ref/productavailability", AvailabilityOfOne, params)
        if page.total > len(page.rows):
            raise unreadable(call, f"{page.total} rows of one product")
        return [row for row in page.rows if row.sku == sku]

    # Webhooks

    def webhooks(self) -> list[Webhook]:
        """GET /webhooks: all of them, also those that are switched off."""
        return self._read_list("webhooks", "Webhooks", Webhook, {})

    def save_webhook(self, body: Mapping[str, Any]) -> Webhook:
        """POST /webhooks, or PUT of the whole webhook where the body has an ID."""
        method = "PUT" if "ID" in body else "POST"
        return self._write(method, "webhooks", SavedWebhook, body=body).rows[0]

    # Reference books

    def tax_rules(self) -> list[TaxRule]:
        """GET /ref/tax."""
        return list(self._rows("ref/tax", "TaxRuleList", TaxRule, lambda row: row.id, {}))

    def locations(self) -> list[Location]:
        """GET /ref/location: warehouses and bins."""
        return list(self._rows("ref/location", "LocationList", Location, lambda row: row.id, {}))

    def price_tiers(self) -> list[PriceTier]:
        """GET /ref/priceTier."""
        return self._read_list("ref/priceTier", "PriceTiers", PriceTier, {})

    def payment_terms(self) -> list[PaymentTerm]:
        """GET /ref/paymentterm: inactive ones too."""
        return list(
            self._rows("ref/paymentterm", "PaymentTermList", PaymentTerm, lambda row: row.id, {})
        )

    def accounts(self) -> list[Account]:
        """GET /ref/account: the whole chart of accounts."""
        return list(self._rows("ref/account", "AccountsList", Account, lambda row: row.code, {}))

    # Customers

    def customers(self, name: str, *, include_deprecated: bool = False) -> list[Customer]:
        """GET /customer: those named exactly so (names ignore case); Cin7's filter is a prefix.

        Without `include_deprecated` a deprecated card is not listed, though its name is taken.
        """
        params = without_none(
            {"Name": name, "IncludeDeprecated": "true" if include_deprecated else None}
        )
        rows = self._rows("customer", "CustomerList", Customer, lambda row: row.id, params)
        return [row for row in rows if row.name.casefold() == name.casefold()]

    def create_customer(self, body: Mapping[str, Any]) -> Customer:
        """POST /customer. A Name that is taken, by a deprecated card too, is refused."""
        return self._write("POST", "customer", CreatedCustomer, body=body).rows[0]

    # The company

    def me(self) -> Company:
        """GET /me: the account's settings, and the cheapest proof that the credentials work."""
        return self._read("me", Company, {})

    def is_up(self) -> bool:
        """GET /saleList, one row: True, or an error.

        Sales can be down where the account's settings are still served.
        """
        self._get("saleList", {"Page": "1", "Limit": "1"})
        return True
