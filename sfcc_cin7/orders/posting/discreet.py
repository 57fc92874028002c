"""What the ERP quotes of an order in its errors loses what is personal before anybody keeps it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from sfcc_cin7.order_document.model import Order
from sfcc_cin7.order_document.reason import NeedsPerson, Reason
from sfcc_cin7.orders.translation.personal import without_personal
from sfcc_cin7.systems.http.errors import ApiError


@contextmanager
def about(order: Order) -> Iterator[None]:
    """Errors that leave this block name nothing personal of the order."""
    try:
        yield
    except ApiError as error:
        error.message = without_personal(error.message, order)
        error.args = (error.system, error.operation, error.status, error.message)
        raise
    except NeedsPerson as stop:
        raise NeedsPerson([_discreet(reason, order) for reason in stop.reasons]) from None


def _discreet(reason: Reason, order: Order) -> Reason:
    def told(text: str | None) -> str | None:
        return None if text is None else without_personal(text, order)

    return replace(
        reason,
        sentence=without_personal(reason.sentence, order),
        expected=told(reason.expected),
        actual=told(reason.actual),
    )
