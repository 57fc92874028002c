"""Whether the sale that the ERP holds goes to where the order now goes."""

from collections.abc import Mapping

from sfcc_cin7.orders.translation.sale import Sale
from sfcc_cin7.orders.translation.sale_documents import header


def misdirected(sale: Sale, shown: Mapping[str, object]) -> bool:
    """Whether `shown`, the ShippingAddress that Cin7 answers, names another place or person.

    Case and spacing do not count: Cin7 may tidy them.
    """
    wanted = header(sale)["ShippingAddress"]
    if not isinstance(wanted, Mapping):
        return False
    texts = {name: text for name, text in wanted.items() if isinstance(text, str)}
    return any(_tidy(text) != _tidy(shown.get(name)) for name, text in texts.items())


def _tidy(text: object) -> str:
    return " ".join(str(text or "").split()).casefold()
