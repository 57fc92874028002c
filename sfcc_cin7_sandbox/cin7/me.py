"""The company itself (Cin7 API reference, Me)."""

from sfcc_cin7_sandbox.cin7.books import Books
from sfcc_cin7_sandbox.cin7.settings import Cin7Settings
from sfcc_cin7_sandbox.shelf import Document


def me(settings: Cin7Settings, base_currency: str, books: Books) -> Document:
    """GET /me."""
    rule, lock_date = books.default_tax_rule(), settings.lock_date
    return {
        "Company": settings.company,
        "Currency": base_currency,
        "TimeZone": "Europe/London",
        "DefaultWeightUnits": "g",
        "DefaultDimensionsUnits": "cm",
        "LockDate": f"{lock_date:%Y-%m-%d}T00:00:00" if lock_date else None,
        "OpeningBalanceDate": None,
        "TaxCalculationMethod": settings.tax_calculation_method,
        "DefaultSaleTaxRuleId": rule["ID"],
        "DefaultSaleTaxRuleName": rule["Name"],
        "MaximumDecimalPlacesInQuantity": "N4",
        "ApplyCustomerDiscountsAfterOtherDiscounts": True,
        "DiscountRule": "Discount",
        "AutomaticallyApplyDiscounts": False,
        "RoundingTable": [],
    }
