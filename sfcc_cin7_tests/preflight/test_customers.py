"""Before anything starts: has the ERP the customers that the operating model names?"""

from typing import Any

from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.preflight.customers import customer_problems
from sfcc_cin7.systems.cin7.documents import Customer
from sfcc_cin7_tests.orders.merchants import site


class Erp:
    """Cin7's customer book."""

    def __init__(self, **currencies: str) -> None:
        self._currencies = currencies

    def customers(self, name: str, *, include_deprecated: bool) -> list[Customer]:
        currency = self._currencies.get(name.replace(" ", "_"))
        if currency is None:
            return []
        row = {"ID": "1", "Name": name, "Status": "Active", "Currency": currency}
        return [Customer.model_validate(row)]


def problems(erp: Erp) -> list[str]:
    euros: Any = {"EUR": {"customer": "Shop Web EUR", "currency_rate": "0.9"}}
    model = OperatingModel(brand="brand", base_currency="USD", sites=[site(currencies=euros)])
    book: Any = erp
    return list(customer_problems(book, model))


def test_each_currency_of_a_site_needs_its_customer() -> None:
    assert problems(Erp(Shop_Web="USD", Shop_Web_EUR="EUR")) == []
    assert problems(Erp(Shop_Web="USD")) == [
        "site shop: Cin7 has no customer 'Shop Web EUR': create it."
    ]


def test_the_customer_of_a_currency_has_that_currency() -> None:
    [problem] = problems(Erp(Shop_Web="USD", Shop_Web_EUR="USD"))

    assert "has currency USD, but the site sells in EUR" in problem
