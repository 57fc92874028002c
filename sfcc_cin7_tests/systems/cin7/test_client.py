"""What the ERP client sends, and what it makes of the answers."""

from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from urllib.parse import parse_qsl

import httpx
import pytest

from sfcc_cin7.systems.cin7 import Cin7Client, Cin7Connection
from sfcc_cin7.systems.cin7.availability import SCALE
from sfcc_cin7.systems.cin7.kinds import SALE
from sfcc_cin7.systems.http.errors import Ambiguous, Refused, Throttled, Unavailable
from sfcc_cin7.values import decimal_json

CONNECTION = Cin7Connection.model_validate(
    {
        "url": "https://erp.example/ExternalApi/v2/",
        "account_id": "11111111-2222-3333-4444-555555555555",
        "application_key": "everyday-key",
        "orders_application_key": "orders-key",
    }
)


class OpenBudget:
    """Lets every call out and remembers who asked."""

    def __init__(self):
        self.asked = []

    @contextmanager
    def call(self, budget, lane):
        self.asked.append((budget, lane))
        yield


class Erp:
    """Answers by path, in turn; remembers the requests."""

    def __init__(self, clock, lane="orders", connection=CONNECTION):
        self.requests = []
        self.answers = []
        self.budget = OpenBudget()
        transport = httpx.MockTransport(self._answer)
        self.client = Cin7Client(connection, self.budget, lane, clock, transport)

    def will_say(self, body, status=200, headers=None):
        text = body if isinstance(body, str) else decimal_json.dumps(body)
        self.answers.append((status, text, headers))
        return self

    def _answer(self, request):
        self.requests.append(request)
        status, text, headers = self.answers.pop(0)
        return httpx.Response(status, content=text, headers=headers)

    def asked(self):
        return [dict(parse_qsl(request.url.query.decode())) for request in self.requests]


@pytest.fixture
def erp(clock):
    return Erp(clock)


def rows(*external_ids, first=1):
    return [
        {"SaleID": f"SALE-{first + i}", "OrderNumber": f"SO-{first + i}", "ExternalID": external}
        for i, external in enumerate(external_ids)
    ]


@pytest.mark.parametrize(("lane", "key"), [("orders", "orders-key"), ("stock", "everyday-key")])
def test_orders_use_their_own_application_where_there_is_one(clock, lane, key):
    erp = Erp(clock, lane).will_say({"Currency": "GBP"})
    assert erp.client.me().currency == "GBP"
    sent = erp.requests[0].headers
    assert sent["api-auth-applicationkey"] == key
    assert sent["api-auth-accountid"] == CONNECTION.account_id
    assert erp.budget.asked == [(CONNECTION.budget(lane, "account"), lane)]


def test_secrets_do_not_show():
    assert "key" not in repr(CONNECTION).replace("application_key", "")


def test_a_sale_takes_two_calls_and_numbers_stay_exact(erp):
    erp.will_say({"ID": "ABC-1", "Status": "ESTIMATED", "Order": {"Status": "NOT AVAILABLE"}})
    erp.will_say(
        '{"SaleID": "abc-1", "SaleOrderNumber": "SO-1", "Status": "AUTHORISED", "Lines":'
        ' [{"SKU": "TENT", "Quantity": 3, "Price": 15.8833, "Tax": 3.93, "Total": 47.65,'
        ' "BackorderQuantity": 1}], "AdditionalCharges": null,'
        ' "TotalBeforeTax": 47.65, "Tax": 3.93, "Total": 51.58}'
    )
    sale = erp.client.create_sale({"ExternalID": "b:s:1", "CurrencyRate": Decimal("0.78650")})
    order = erp.client.save_order({"SaleID": sale.id, "Lines": []})
    assert sale.id == "abc-1"
    assert [request.url.path for request in erp.requests] == [
        "/ExternalApi/v2/sale",
        "/ExternalApi/v2/sale/order",
    ]
    assert b'"CurrencyRate": 0.78650' in erp.requests[0].content
    assert order.lines[0].price == Decimal("15.8833")
    assert order.lines[0].backorder_quantity == 1
    assert order.total == Decimal("51.58")
    assert order.model_dump(by_alias=True)["Lines"][0]["SKU"] == "TENT"


def test_a_time_without_a_zone_is_utc(erp):
    erp.will_say({"ID": "1", "LastModifiedOn": "2017-11-22T10:10:49.75"})
    erp.will_say({"ID": "1", "LastModifiedOn": ""})
    at = datetime(2017, 11, 22, 10, 10, 49, 750000, tzinfo=UTC)
    assert erp.client.sale("1").last_modified_on == at
    assert erp.client.sale("1").last_modified_on is None


def test_voiding_says_so_because_a_plain_delete_would_reopen_the_sale(erp):
    erp.will_say({"ID": "1", "Status": "VOIDED"}).client.void_sale("1")
    assert erp.requests[0].method == "DELETE"
    assert erp.asked() == [{"ID": "1", "Void": "true"}]


def test_a_sale_is_found_by_external_id_among_rows_that_ignore_the_filter(erp):
    erp.will_say({"Total": 3, "Page": 1, "SaleList": rows("b:s:1", None, "b:s:11")})
    assert [row.sale_id for row in erp.client.sales(external_id="b:s:1")] == ["sale-1"]
    assert erp.asked() == [{"ExternalID": "b:s:1", "Page": "1", "Limit": "1000"}]


def test_all_pages_are_read_and_a_row_that_shifted_is_given_once(erp):
    erp.will_say({"Total": 4, "Page": 1, "SaleList": rows("a", "b")})
    erp.will_say({"Total": 4, "Page": 2, "SaleList": rows("b", "c", first=2)})
    assert [row.external_id for row in erp.client.sales()] == ["a", "b", "c"]
    assert [query["Page"] for query in erp.asked()] == ["1", "2"]


def test_a_page_that_vanished_ends_the_list(erp):
    erp.will_say({"Total": 3, "Page": 1, "SaleList": rows("a", "b")})
    erp.will_say({"Total": 2, "Page": 2, "SaleList": []})
    assert len(list(erp.client.sales())) == 2


def test_rows_older_than_asked_for_and_rows_that_do_not_match_are_left_out(erp):
    since = datetime(2026, 1, 1, 12, tzinfo=UTC)
    old, new = rows("a", "b")
    old["Updated"], new["Updated"] = "2026-01-01T11:59:59.999Z", "2026-01-01T12:00:00Z"
    erp.will_say({"Total": 2, "Page": 1, "SaleList": [old, new]})
    assert [row.reference for row in erp.client.touched(SALE, since)] == ["b"]
    assert erp.asked()[0]["UpdatedSince"] == "2026-01-01T12:00:00.000Z"
    new["CustomerReference"] = "Web 00042"
    erp.will_say({"Total": 2, "Page": 1, "SaleList": [old, new]})
    assert [row.external_id for row in erp.client.sales(search="web 00042")] == ["b"]


def test_a_customer_is_the_one_named_exactly_so(erp):
    found = [{"ID": "1", "Name": "Web UK"}, {"ID": "2", "Name": "WEB"}]
    erp.will_say({"Total": 2, "Page": 1, "CustomerList": found})
    assert [customer.id for customer in erp.client.customers("Web")] == ["2"]


def test_reference_books_and_stock_are_read_with_their_own_keys(erp):
    erp.will_say({"Total": 1, "TaxRuleList": [{"ID": "1", "Name": "20%", "TaxPercent": 20}]})
    erp.will_say({"Total": 1, "LocationList": [{"ID": "1", "Name": "DC", "ParentID": None}]})
    erp.will_say({"PriceTiers": [{"Code": 1, "Name": "Retail"}]})
    erp.will_say([{"ID": "1", "Amount": Decimal("9.99"), "Type": "Payment"}])
    erp.will_say(
        {"Total": 1, "Products": [{"ID": "1", "SKU": "TENT", "PriceTiers": {"UK": Decimal("8.5")}}]}
    )
    row = {"ID": "1", "SKU": "TENT", "Location": "DC", "Bin": None, "Available": -2}
    erp.will_say({"Total": 1, "Page": 1, "ProductAvailabilityList": [row]})
    client = erp.client
    assert client.tax_rules()[0].percent == 20
    assert client.locations()[0].parent_id is None
    assert client.price_tiers()[0].name == "Retail"
    assert client.payments("1")[0].amount == Decimal("9.99")
    assert next(client.products(include_deprecated=True)).price_tiers["UK"] == Decimal("8.5")
    assert erp.asked()[-1]["IncludeDeprecated"] == "true"
    page = client.availability_page(3, limit=500)
    assert list(page.rows.available) == [-2 * SCALE]
    assert list(page.rows.bin) == [""]
    assert erp.asked()[-1] == {"Page": "3", "Limit": "500"}


def test_a_read_is_repeated_and_takes_a_slot_each_time(erp, clock):
    start = clock.now()
    limit = "You have reached 60 calls per 60 seconds API limit."
    erp.will_say(limit, 429, {"Retry-After": "60 Seconds"})
    erp.will_say("<html>", 502).will_say({"Currency": "GBP"})
    assert erp.client.me().currency == "GBP"
    assert len(erp.budget.asked) == 3
    assert 60 <= (clock.now() - start).total_seconds() < 70


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [(502, "<html>", Ambiguous), (429, "limit", Throttled), (200, {"No": "ID"}, Ambiguous)],
)
def test_a_write_is_never_repeated(erp, status, body, kind):
    erp.will_say(body, status)
    with pytest.raises(kind):
        erp.client.create_sale({"Customer": "Web"})
    assert len(erp.requests) == 1


def test_an_unexpected_answer_names_fields_but_no_values(erp):
    for _ in range(4):
        erp.will_say({"Total": 1, "SaleList": [{"SaleID": None, "Customer": "Jane Doe"}]})
    with pytest.raises(Unavailable, match="unexpected answer: SaleID") as caught:
        list(erp.client.sales())
    assert "Jane" not in str(caught.value)


def test_wrong_credentials_are_one_clear_refusal(erp):
    erp.will_say("Incorrect credentials!", 403)
    with pytest.raises(Refused, match=r"cin7 GET /me \(403\): Incorrect credentials!"):
        erp.client.me()
