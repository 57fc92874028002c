"""The parts of an order document that need no arithmetic: names, addresses, references."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from sfcc_cin7_sandbox.shoppers.basket import (
    Address,
    Basket,
    Delivery,
    Item,
    Option,
    Payment,
    Promotion,
)

Document = dict[str, Any]
NewId = Callable[[], str]


def head(basket: Basket) -> Document:
    """Who orders, where and in which money."""
    name = f"{basket.billing.first_name} {basket.billing.last_name}"
    customer = {
        "customerId": basket.customer_id or f"c{basket.token}",
        "customerName": name,
        "customerNo": basket.customer_no,
        "email": basket.email,
        "guest": basket.customer_id is None,
    }
    return {
        "siteId": basket.site_id,
        "currency": basket.currency,
        "taxation": basket.taxation,
        "paymentStatus": "paid",
        "channelType": "storefront",
        "businessType": "b2c",
        "createdBy": "Customer" if basket.customer_id else "Guest",
        "customerLocale": basket.locale,
        "customerInfo": _present(customer),
        "billingAddress": address(basket.billing),
        "remoteHost": "192.0.2.1",
    }


def address(where: Address) -> Document:
    """An address; lines that are not filled in are absent."""
    return _present(
        {
            "firstName": where.first_name,
            "lastName": where.last_name,
            "fullName": f"{where.first_name} {where.last_name}",
            "companyName": where.company,
            "address1": where.address1,
            "address2": where.address2,
            "city": where.city,
            "stateCode": where.state_code,
            "postalCode": where.postal_code,
            "countryCode": where.country_code,
            "phone": where.phone,
        }
    )


def product_facts(item: Item, new_id: NewId) -> Document:
    """What a product item says besides money. A bundle's components carry none."""
    facts = {
        "itemId": new_id(),
        "productId": item.product_id,
        "productName": item.name,
        "itemText": item.name,
        "brand": "Alpenglow",
        "quantity": item.quantity,
        "minOrderQuantity": Decimal(1),
        "stepQuantity": Decimal(1),
        "bonusProductLineItem": item.bonus,
        "gift": item.gift_message is not None,
        "giftMessage": item.gift_message,
        "bundledProductItems": [
            {
                "itemId": new_id(),
                "productId": product_id,
                "productName": name,
                "itemText": name,
                "quantity": quantity,
                "shipmentId": item.shipment,
                "taxRate": item.rate,
            }
            for product_id, name, quantity in item.bundled
        ],
    }
    return _present(facts)


def option_facts(option: Option) -> Document:
    """What an option item says besides money."""
    return {
        "optionId": option.option_id,
        "optionValueId": option.value_id,
        "productId": option.product_id,
        "itemText": option.name,
        "gift": False,
    }


def adjustment_facts(promotion: Promotion, new_id: NewId) -> Document:
    """Which promotion an adjustment comes from."""
    discount = {
        "type": promotion.kind,
        "amount": promotion.amount if promotion.kind == "amount" else None,
        "percentage": promotion.percentage,
    }
    facts = {
        "priceAdjustmentId": new_id(),
        "promotionId": promotion.id,
        "campaignId": "season",
        "couponCode": promotion.coupon,
        "itemText": promotion.id.replace("-", " ").capitalize(),
        "appliedDiscount": _present(discount),
        "custom": False,
        "manual": False,
        "createdBy": "System",
    }
    return _present(facts)


def certificate_items(basket: Basket, new_id: NewId) -> list[Document]:
    """Gift certificates bought: outside the product total and without tax."""
    sender = f"{basket.billing.first_name} {basket.billing.last_name}"
    return [
        {
            "giftCertificateItemId": new_id(),
            "itemText": "Gift certificate",
            "basePrice": certificate.amount,
            "grossPrice": certificate.amount,
            "netPrice": certificate.amount,
            "tax": Decimal(0),
            "taxBasis": certificate.amount,
            "recipientName": certificate.recipient_name,
            "recipientEmail": certificate.recipient_email,
            "senderName": sender,
            "message": certificate.message,
            "shipmentId": certificate.shipment,
        }
        for certificate in basket.certificates
    ]


def coupon_items(basket: Basket, new_id: NewId) -> list[Document]:
    """The codes the shopper typed in."""
    promotions = [*basket.order_discounts]
    for item in basket.items:
        promotions += item.discounts
    codes = dict.fromkeys(promotion.coupon for promotion in promotions if promotion.coupon)
    return [
        {"couponItemId": new_id(), "code": code, "statusCode": "applied", "valid": True}
        for code in codes
    ]


def shipment_facts(delivery: Delivery) -> Document:
    """Where a shipment goes; its number comes with placing."""
    return {
        "shipmentId": delivery.id,
        "gift": False,
        "shippingAddress": address(delivery.address),
        "shippingMethod": {"id": delivery.method},
        "shippingStatus": "not_shipped",
    }


def payment_instruments(basket: Basket, total: Decimal, new_id: NewId) -> list[Document]:
    """Instruments in the order given, each paying what it can; one with nothing to pay is left out.

    Raises:
        ValueError: together they pay less than `total`.
    """
    left, instruments = total, []
    for payment in basket.payments:
        amount = left if payment.limit is None else min(left, payment.limit)
        if amount or not total:
            instruments.append(_instrument(basket, payment, amount, new_id))
        left -= amount
    if left:
        raise ValueError(f"The payments leave {left} {basket.currency} unpaid.")
    return instruments


def _instrument(basket: Basket, payment: Payment, amount: Decimal, new_id: NewId) -> Document:
    identity = new_id()
    document: Document = {
        "paymentInstrumentId": identity,
        "paymentMethodId": payment.method,
        "paymentTransaction": {
            "amount": amount if payment.told == "amount" else Decimal(0),
            "transactionId": f"txn-{identity}",
            "authorizationStatus": {"status": 0, "code": "OK", "message": "Authorised"},
        },
    }
    if payment.told == "nothing":
        del document["paymentTransaction"]["amount"]
    if payment.card:
        document["paymentCard"] = {
            "cardType": payment.card,
            "holder": f"{basket.billing.first_name} {basket.billing.last_name}",
            "maskedNumber": "************1111",
            "numberLastDigits": "1111",
            "expirationMonth": 11,
            "expirationYear": 2031,
            "creditCardExpired": False,
        }
    if payment.certificate_code:
        document["maskedGiftCertificateCode"] = f"******{payment.certificate_code[-4:]}"
    return document


def _present(fields: Document) -> Document:
    return {name: value for name, value in fields.items() if value is not None}
