"""The header of a sale: what POST /sale takes, drops, fills in and refuses."""

from decimal import Decimal

from sfcc_cin7.conformance.cin7.access import CLIENTS, said
from sfcc_cin7.conformance.cin7.erp import Erp
from sfcc_cin7.conformance.probe import CIN7, CannotProbe

SALE = "Cin7 API reference, Sale"
ONE_SALE = "A marked sale without lines"
IF_ACCEPTED = "A marked sale without lines, should it be accepted"
VOIDED = "The sale is voided."


@CIN7.probe(
    "sale.lines-dropped",
    claim="Lines that are sent with the header are dropped without a word.",
    source=CLIENTS,
    certainty="observed",
    expected="dropped",
    calls=3,
    writes=ONE_SALE,
    cleans=VOIDED,
    changes="A sale could be made in one call instead of two, which would double the pace.",
)
def lines_dropped(erp: Erp) -> str:
    line = erp.line()
    sale = erp.sale(Lines=[line], Order={"Status": "DRAFT", "Lines": [line]})
    return "kept" if sale["Order"]["Lines"] else "dropped"


@CIN7.probe(
    "sale.skip-quote",
    claim="With SkipQuote a new sale is ESTIMATED, and lines may follow at once.",
    source=f"{SALE}, status values",
    certainty="documented",
    expected="ESTIMATED",
    calls=2,
    writes=ONE_SALE,
    cleans=VOIDED,
    changes="Nothing, as long as lines are accepted: see cin7.order.accepted.",
)
def skip_quote(erp: Erp) -> str:
    return str(erp.scratch["Status"])


@CIN7.probe(
    "sale.without-skip-quote",
    claim="Without SkipQuote, lines are refused until the quote is authorised.",
    source=f"{SALE} Order",
    certainty="documented",
    expected="refused",
    calls=4,
    writes=ONE_SALE,
    cleans=VOIDED,
    changes="Nothing: the product always skips the quote.",
)
def without_skip_quote(erp: Erp) -> str:
    return said(erp.save_order(erp.sale(SkipQuote=False), [erp.line()]))


@CIN7.probe(
    "sale.location",
    claim="A sale needs a Location.",
    source=f"{SALE}, attributes; a client project that posts without it",
    certainty="assumed",
    expected="required",
    calls=3,
    writes=IF_ACCEPTED,
    cleans=VOIDED,
    changes="Nothing: the product always names the location of the operating model.",
)
def location(erp: Erp) -> str:
    answer = erp.post_sale(erp.header(Location=None))
    return "optional" if answer.ok else "required"


@CIN7.probe(
    "sale.default-type",
    claim="A sale that states no type is a Simple Sale.",
    source=f"{SALE}; an account setting can change it",
    certainty="assumed",
    expected="Simple Sale",
    calls=3,
    writes=ONE_SALE,
    cleans=VOIDED,
    changes="Nothing: the product states the type; sales entered by hand may be of the other.",
)
def default_type(erp: Erp) -> str:
    return str(erp.sale(SaleType=None)["Type"])


@CIN7.probe(
    "sale.stated-type",
    claim="SaleType Simple makes a Simple Sale whatever the account's default is.",
    source=SALE,
    certainty="documented",
    expected="Simple Sale",
    calls=1,
    writes=ONE_SALE,
    cleans=VOIDED,
    changes="Payments could not be booked, because TaskID is the sale's id for Simple sales only.",
    unworkable={"Advanced Sale": "Reading the task ids of a sale before a payment is booked."},
)
def stated_type(erp: Erp) -> str:
    return str(erp.scratch["Type"])


@CIN7.probe(
    "sale.tax-inclusive",
    claim="TaxInclusive is shown as TaxCalculation Inclusive.",
    source=SALE,
    certainty="documented",
    expected="Inclusive",
    calls=1,
    writes=ONE_SALE,
    cleans=VOIDED,
    changes="Gross prices would be booked as net ones; every such sale fails its proof and waits.",
    unworkable={"Exclusive": "Sending net prices for gross storefronts."},
)
def tax_inclusive(erp: Erp) -> str:
    return str(erp.scratch["TaxCalculation"])


@CIN7.probe(
    "sale.card-defaults",
    claim="Terms, tax rule and price tier that are left out come from the customer's card.",
    source=SALE,
    certainty="documented",
    expected="from-card",
    calls=3,
    writes=ONE_SALE,
    cleans=VOIDED,
    changes="Terms of web orders would have to be stated in the operating model.",
)
def card_defaults(erp: Erp) -> str:
    card = erp.customer
    sale = erp.sale(TaxRule=None)
    pairs = (("PaymentTerm", "Terms"), ("TaxRule", "TaxRule"), ("PriceTier", "PriceTier"))
    taken = all(card.get(own) in (None, "", sale[theirs]) for own, theirs in pairs)
    return "from-card" if taken else "other"


@CIN7.probe(
    "sale.currency-rate",
    claim="A sale in another currency than the base needs a CurrencyRate.",
    source=CLIENTS,
    certainty="observed",
    expected="required",
    calls=3,
    writes=IF_ACCEPTED,
    cleans=VOIDED,
    changes="Nothing: the product states the operating model's rate.",
)
def currency_rate(erp: Erp) -> str:
    foreign = [row for row in erp.customers if row["Currency"] != erp.me["Currency"]]
    if not foreign:
        raise CannotProbe("the account has no customer in another currency")
    header = erp.header(Customer=foreign[0]["Name"], CurrencyRate=None, TaxRule=None)
    return "required" if said(erp.post_sale(header)) == "refused" else "optional"


@CIN7.probe(
    "sale.currency-from-customer",
    claim="A sale takes the currency of its customer.",
    source=SALE,
    certainty="documented",
    expected="customer",
    calls=1,
    writes=ONE_SALE,
    cleans=VOIDED,
    changes="Sales would be booked in the wrong currency; the product voids them and says so.",
    unworkable={"*": "A customer per currency no longer decides the currency of a sale."},
)
def currency_from_customer(erp: Erp) -> str:
    currency = erp.scratch["CustomerCurrency"]
    return "customer" if currency == erp.customer["Currency"] else "other"


@CIN7.probe(
    "sale.country",
    claim="An address without a country is refused.",
    source=CLIENTS,
    certainty="observed",
    expected="refused",
    calls=1,
    writes=IF_ACCEPTED,
    cleans=VOIDED,
    changes="Nothing: storefront addresses have a country, and the site's stands in for it.",
)
def country(erp: Erp) -> str:
    address = {"Line1": erp.marker, "ShipToOther": True}
    return said(erp.post_sale(erp.header(ShippingAddress=address)))


@CIN7.probe(
    "sale.unknown-customer",
    claim="A customer that does not exist is refused; none is created.",
    source="Cin7 API reference, Sale: reference books are not extended",
    certainty="documented",
    expected="refused",
    calls=1,
    writes=IF_ACCEPTED,
    cleans=VOIDED,
    changes="A slip of the pen in the operating model would make a new customer.",
    unworkable={"accepted": "Looking the customer up before every sale."},
)
def unknown_customer(erp: Erp) -> str:
    return said(erp.post_sale(erp.header(Customer=f"{erp.marker} nobody")))


@CIN7.probe(
    "sale.reference-length",
    claim="A CustomerReference of more than 256 characters is refused, not cut.",
    source=f"{SALE}, attributes",
    certainty="documented",
    expected="refused",
    calls=1,
    writes=IF_ACCEPTED,
    cleans=VOIDED,
    changes="Nothing: order numbers have 50 characters at most.",
)
def reference_length(erp: Erp) -> str:
    answer = erp.post_sale(erp.header(CustomerReference=f"{erp.marker:~<257}"))
    if not answer.ok:
        return "refused"
    kept = str(answer.document("POST /sale").get("CustomerReference"))
    return "cut" if len(kept) <= 256 else "accepted"


@CIN7.probe(
    "sale.unknown-field",
    claim="A field that Cin7 does not know is ignored.",
    source=CLIENTS,
    certainty="observed",
    expected="ignored",
    calls=3,
    writes=ONE_SALE,
    cleans=VOIDED,
    changes="A field that this account's version lacks is refused, and orders wait with its words.",
)
def unknown_field(erp: Erp) -> str:
    answer = erp.post_sale(erp.header(NoSuchField="x"))
    return "ignored" if answer.ok else "refused"


@CIN7.probe(
    "sale.ship-to-other",
    claim="An address with ShipToOther leaves the customer's card as it is.",
    source=SALE,
    certainty="documented",
    expected="card-unchanged",
    calls=5,
    writes=ONE_SALE,
    cleans=VOIDED,
    changes="Every web order adds a shopper's address to the shared customer's card.",
    unworkable={"card-grows": "Removing addresses from the card, or a customer for each shopper."},
)
def ship_to_other(erp: Erp) -> str:
    before = _addresses(erp)
    address = {"Line1": f"{erp.marker} elsewhere", "Country": "GB", "ShipToOther": True}
    erp.sale(ShippingAddress=address)
    return "card-unchanged" if _addresses(erp) == before else "card-grows"


def _addresses(erp: Erp) -> int:
    name = str(erp.customer["Name"])
    rows = erp.rows("customer", "CustomerList", Name=name)
    return next(len(row["Addresses"] or []) for row in rows if row["Name"] == name)


@CIN7.probe(
    "sale.external-id-kept",
    claim="ExternalID is kept with the sale as it was sent.",
    source=CLIENTS,
    certainty="observed",
    expected="kept",
    calls=4,
    writes=ONE_SALE,
    cleans=VOIDED,
    changes="A sale whose answer was lost could not be found again, and might be posted twice.",
    unworkable={"*": "Another place for the order's identity, such as CustomerReference."},
)
def external_id_kept(erp: Erp) -> str:
    shown = erp.get("sale", ID=str(erp.landmark["ID"])).document("GET /sale")
    return "kept" if shown["ExternalID"] == f"{erp.marker}:Site:0007-x" else "changed"


@CIN7.probe(
    "sale.external-id-put",
    claim="PUT /sale may change the ExternalID.",
    source="not documented",
    certainty="assumed",
    expected="changes",
    calls=5,
    writes=ONE_SALE,
    cleans=VOIDED,
    changes="Nothing: the product never changes it.",
    by_value={"kept": "Nothing: the product never changes it, and nobody else can."},
)
def external_id_put(erp: Erp) -> str:
    header = erp.header()
    sale = erp.post_sale(header).document("POST /sale")
    changed = header | {"ID": sale["ID"], "ExternalID": f"{erp.marker}-changed"}
    if not erp.call("PUT", "sale", body=changed).ok:
        return "refused"
    shown = erp.get("sale", ID=str(sale["ID"])).document("GET /sale")
    return "changes" if shown["ExternalID"] == changed["ExternalID"] else "kept"


@CIN7.probe(
    "sale.rate-precision",
    claim="A CurrencyRate of five decimals is kept for a customer in another currency.",
    source=f"{SALE}, attributes",
    certainty="documented",
    expected="kept",
    calls=3,
    writes=ONE_SALE,
    cleans=VOIDED,
    changes="Sales are booked at a rate that differs a little from the operating model's.",
)
def rate_precision(erp: Erp) -> str:
    foreign = [row for row in erp.customers if row["Currency"] != erp.me["Currency"]]
    if not foreign:
        raise CannotProbe("the account has no customer in another currency")
    rate = Decimal("0.73217")
    sale = erp.sale(Customer=foreign[0]["Name"], CurrencyRate=rate, TaxRule=None)
    return "kept" if Decimal(sale["CurrencyRate"]) == rate else "rounded"
