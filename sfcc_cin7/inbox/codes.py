"""What is known of a review code before anybody looks: whose it is, and where its advice is."""

from sfcc_cin7.merchant.operating_model import Owners

PAGE = "sfcc_cin7/runbooks/review-codes.md"
_PREFIXES = (
    ("sku-unknown", "catalogue"),
    ("sku-deprecated", "catalogue"),
    ("sku-case", "catalogue"),
    ("ean-", "catalogue"),
    ("option-unmapped", "catalogue"),
    ("stock-", "stock"),
    ("tax-rule", "finance"),
    ("taxation-", "finance"),
    ("currency-", "finance"),
    ("payment-", "finance"),
    ("payout-", "finance"),
    ("price-inexact", "finance"),
)


def owner_of(code: str, owners: Owners) -> str:
    """Who is asked first about a code; what is nobody else's is the order desk's."""
    for prefix, room in _PREFIXES:
        if code.startswith(prefix):
            return str(getattr(owners, room))
    return owners.orders


def runbook(code: str) -> str:
    """Page and anchor of a code's advice, as a path of the project."""
    return f"{PAGE}#{code}"
