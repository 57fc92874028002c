"""Decimal money: how small a currency's smallest amount is, and sharing amounts out exactly.

An amount is a plain `Decimal`; its currency travels beside it on the order or sale.
"""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from math import floor

ZERO = Decimal(0)
"""No money, or no units; `sum` starts from it, because its own zero is not a Decimal."""

_DIGITS = {
    **dict.fromkeys(("CLP", "DJF", "GNF", "HUF", "JPY", "KMF", "TWD", "VUV", "XOF"), 0),
    **dict.fromkeys(("MGA", "VND"), 1),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}
"""Decimal places that are not two, as the storefront counts them.

ISO 4217 except where Commerce Cloud differs (Salesforce Help, "Currency Precision for Non-Standard
Currencies"): TWD and HUF have none, VND and MGA one, and KRW, ISK, UGX, RWF, XAF, XPF, PYG and BIF
two.
"""

_WHOLE = frozenset(("BIF", "ISK", "KRW", "PYG", "RWF", "UGX", "VND", "XAF", "XPF"))
"""Currencies that have no decimals in ISO 4217, though the storefront counts some."""

_ISO_4217 = (
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN "
    "BWP BYN BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD "
    "FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY "
    "KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP "
    "MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR "
    "RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT "
    "TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR "
    "ZMW ZWG"
)
"""Currencies that shoppers pay in (ISO 4217, without funds, metals and test codes)."""
_CODES = frozenset(_ISO_4217.split())


def is_known(currency: str) -> bool:
    """Whether a code is a currency's, so that how fine it is counted is no guess."""
    return currency in _CODES


def digits(currency: str) -> int:
    """Decimal places of a currency (ISO 4217 code) on the storefront."""
    return _DIGITS.get(currency, 2)


def quantum(currency: str) -> Decimal:
    """The smallest amount of a currency: 0.01 for USD, 1 for JPY, 0.001 for KWD."""
    return Decimal(1).scaleb(-digits(currency))


def tax_step(currency: str) -> Decimal:
    """What a tax in a currency is rounded to: a tax service knows ISO 4217, not the storefront."""
    return Decimal(1) if currency in _WHOLE else quantum(currency)


def round_half_up(amount: Decimal, step: Decimal) -> Decimal:
    """The multiple of `step` (1, 0.1, 0.01 ...) nearest to `amount`, halves away from zero."""
    return amount.quantize(step, ROUND_HALF_UP)


def minor_units(amount: Decimal, currency: str) -> int:
    """An amount as a whole number of its currency's smallest unit: 12.30 USD is 1230.

    Raises:
        ValueError: the amount has more decimals than the currency.
    """
    units = amount.scaleb(digits(currency))
    if units != units.to_integral_value():
        raise ValueError(f"{amount} {currency} has more decimals than the currency")
    return int(units)


def share_out(total: Decimal, weights: Sequence[Decimal], step: Decimal) -> list[Decimal]:
    """Shares of `total` in proportion to `weights`, each a multiple of `step`, adding up exactly.

    What rounding leaves over goes to the largest remainders, the earlier share first when two are
    equal, so the same order is always shared out the same way. Weights that are all zero count as
    equal.

    Raises:
        ValueError: no weights, a negative weight, or a total that is not a multiple of `step`.
    """
    if not weights or min(weights) < 0:
        raise ValueError("sharing out needs weights, none of them negative")
    units = total / step
    if units != units.to_integral_value():
        raise ValueError(f"{total} is not a multiple of {step}")
    parts = [Fraction(weight) for weight in weights]
    if not any(parts):
        parts = [Fraction(1)] * len(weights)
    whole = sum(parts)
    exact = [int(units) * part / whole for part in parts]
    shares = [floor(share) for share in exact]
    left_over = int(units) - sum(shares)
    by_remainder = sorted(range(len(exact)), key=lambda at: (shares[at] - exact[at], at))
    for at in by_remainder[:left_over]:
        shares[at] += 1
    return [share * step for share in shares]


def figure(amount: Decimal, currency: str) -> str:
    """An amount in the currency's own decimals, or all of its own where those are more."""
    in_currency = amount.quantize(quantum(currency))
    return f"{in_currency if in_currency == amount else amount.normalize():,f} {currency}"
