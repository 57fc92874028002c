"""The bodies that book a sale in Cin7 (Cin7 API reference: Sale, Sale Order, Sale Payments)."""

from datetime import UTC, datetime
from decimal import Decimal

from sfcc_cin7.order_document.model import Address
from sfcc_cin7.orders.translation.sale import Sale, SaleCharge, SaleLine, SalePayment
from sfcc_cin7.values.money import round_half_up

Document = dict[str, object]
PAYMENT_RATE_STEP = Decimal("0.0001")


def header(sale: Sale) -> Document:
    """The body of POST /sale.

    The quote is skipped so that lines can follow at once, the type is stated because an account
    setting may make Advanced the default, and the address belongs to this sale alone: with
    ShipToOther false Cin7 would add it to the customer's card.
    """
    return {
        "Customer": sale.customer,
        "Location": sale.location,
        "Contact": sale.contact,
        "Phone": sale.phone,
        "Email": sale.email,
        "SkipQuote": True,
        "SaleType": "Simple",
        "BillingAddress": _address(sale.billing),
        "ShippingAddress": {
            **_address(sale.shipping),
            "Company": sale.shipping.company,
            "Contact": sale.shipping.name,
            "ShipToOther": True,
        },
        "ShippingNotes": sale.shipping_notes,
        "TaxInclusive": sale.tax_inclusive,
        "SaleOrderDate": _instant(sale.order_date),
        "Note": sale.note,
        "CustomerReference": sale.reference,
        "CurrencyRate": sale.currency_rate,
        "ExternalID": sale.external_id,
    }


def order(sale: Sale, sale_id: str) -> Document:
    """The body of POST /sale/order that authorises the lines and charges of a sale."""
    return {
        "SaleID": sale_id,
        "Status": "AUTHORISED",
        "Memo": sale.note,
        "CombineAdditionalCharges": False,
        "AutoPickPackShipMode": "NOPICK",
        "Lines": [_line(sale, line) for line in sale.lines],
        "AdditionalCharges": [_charge(sale, charge) for charge in sale.charges],
        "TotalBeforeTax": sale.total_before_tax,
        "Tax": sale.tax,
        "Total": sale.total,
    }


def payment(sale: Sale, booked: SalePayment, task_id: str, paid_at: datetime) -> Document:
    """The body of POST /sale/payment for one payment taken before there is an invoice.

    `task_id` is the sale's own id for a Simple sale; `paid_at` is an aware time. A payment's
    currency rate has four decimals, one less than a sale's.
    """
    return {
        "TaskID": task_id,
        "Type": "Prepayment",
        "Reference": booked.reference,
        "Amount": booked.amount,
        "DatePaid": _instant(paid_at),
        "Account": booked.account,
        "CurrencyRate": round_half_up(sale.currency_rate, PAYMENT_RATE_STEP),
    }


def _line(sale: Sale, line: SaleLine) -> Document:
    return {
        "SKU": line.sku,
        "Quantity": line.quantity,
        "Price": line.price,
        "Discount": Decimal(0),
        "Tax": line.tax,
        "Total": sale.stated_total(line),
        "TaxRule": line.tax_rule,
        "Comment": line.comment,
    }


def _charge(sale: Sale, charge: SaleCharge) -> Document:
    return {
        "Description": charge.description,
        "Quantity": Decimal(1),
        "Price": charge.amount,
        "Discount": Decimal(0),
        "Tax": charge.tax,
        "Total": sale.stated_total(charge),
        "TaxRule": charge.tax_rule,
        "Comment": charge.comment,
    }


def _address(address: Address) -> Document:
    return {
        "Line1": address.line1,
        "Line2": address.line2,
        "City": address.city,
        "State": address.state,
        "Postcode": address.postcode,
        "Country": address.country,
    }


def _instant(when: datetime) -> str:
    """Cin7's form: UTC to the millisecond, without a zone."""
    return when.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds")
