"""What the ERP quotes of orders in its errors loses what is personal before anybody keeps it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from sfcc_cin7.order_document.model import Order
from sfcc_cin7.order_document.reason import NeedsPerson
from sfcc_cin7.orders.translation.personal import without_personal
from sfcc_cin7.systems.http.errors import ApiError


@contextmanager
def redacted(*orders: Order) -> Iterator[None]:
    """Errors that leave this block name nothing personal of the orders."""
    try:
        yield
    except ApiError as error:
        error.message = _discreet(error.message, orders)
        error.args = (error.system, error.operation, error.status, error.message)
        raise
    except NeedsPerson as stop:
        raise NeedsPerson(
            [
                replace(
                    reason,
                    sentence=_discreet(reason.sentence, orders),
                    expected=reason.expected and _discreet(reason.expected, orders),
                    actual=reason.actual and _discreet(reason.actual, orders),
                )
                for reason in stop.reasons
            ]
        ) from None


def _discreet(text: str, orders: Sequence[Order]) -> str:
    for order in orders:
        text = without_personal(text, order)
    return text
