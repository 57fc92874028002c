"""Settlement files of three gateways, restated small: rows as their reports have them."""

ADYEN_COLUMNS = (
    "Company Account,Merchant Account,Psp Reference,Merchant Reference,Payment Method,"
    "Creation Date,TimeZone,Type,Modification Reference,Gross Currency,Gross Debit (GC),"
    "Gross Credit (GC),Exchange Rate,Net Currency,Net Debit (NC),Net Credit (NC),Commission (NC),"
    "Markup (NC),Scheme Fees (NC),Interchange (NC),Batch Number,Metadata"
)
STRIPE_COLUMNS = (
    "automatic_payout_id,automatic_payout_effective_at_utc,balance_transaction_id,created_utc,"
    "currency,gross,fee,net,reporting_category,source_id,payment_intent_id,charge_id,"
    "payment_metadata[order_no]"
)
PAYPAL_COLUMNS = (
    '"Transaction ID","Invoice ID","PayPal Reference ID","PayPal Reference ID Type",'
    '"Transaction Event Code","Transaction Initiation Date","Transaction Completion Date",'
    '"Transaction Debit or Credit","Gross Transaction Amount","Gross Transaction Currency",'
    '"Fee Debit or Credit","Fee Amount","Fee Currency"'
)
WHEN = "2025/12/05 08:57:17 -0800"


def adyen_row(
    kind: str = "Settled",
    credit: str = "",
    debit: str = "",
    *,
    fee: str = "",
    order: str = "00000001",
    psp: str = "PSP1",
    own: str = "M1",
    batch: str = "30",
    zone: str = "CET",
    net: tuple[str, str] | None = None,
    metadata: str = "",
) -> str:
    """`credit` and `debit` are what the shopper paid or got; `net` is (debit, credit)."""
    gross = "GBP" if psp else ""
    net_debit, net_credit = net or (debit, credit)
    figures = (
        f"{gross},{debit if psp else ''},{credit if psp else ''},1,GBP,{net_debit},{net_credit}"
    )
    return (
        f"Co,CoWEB,{psp},{order if psp else ''},visa,2025-12-05 08:00:00,{zone},{kind},{own},"
        f"{figures},{fee},,,,{batch},{metadata}"
    )


def adyen_payout(amount: str, batch: str = "30") -> str:
    return adyen_row("MerchantPayout", debit=amount, psp="", own="TX1", batch=batch)


def adyen(*rows: str) -> str:
    return "\n".join((ADYEN_COLUMNS, *rows)) + "\n"


def stripe_row(
    key: str,
    category: str,
    net: str,
    *,
    gross: str | None = None,
    fee: str = "0",
    payout: str = "po_1",
    order: str = "",
    references: tuple[str, str, str] = ("", "pi_1", "ch_1"),
) -> str:
    """`references` are source, payment intent and charge."""
    day = "2025-12-05 09:00:00"
    money = f"gbp,{net if gross is None else gross},{fee},{net}"
    return f"{payout},{day},{key},{day},{money},{category},{','.join(references)},{order}"


def stripe_payout(
    net: str, category: str = "payout", key: str = "txn_p", payout: str = "po_1"
) -> str:
    return stripe_row(key, category, net, payout=payout, references=("po_1", "", ""))


def stripe(*rows: str) -> str:
    return "\n".join((STRIPE_COLUMNS, *rows)) + "\n"


def paypal_row(
    key: str,
    code: str,
    amount: int,
    *,
    fee: int = 0,
    order: str = "00000001",
    refers_to: str = "",
    money: str = "GBP",
) -> str:
    """`amount` in hundredths, negative where it goes out; `fee` likewise, positive."""
    kind = "TXN" if refers_to else ""
    side = "CR" if amount >= 0 else "DR"
    costs = f'"DR","{fee}","{money}"' if fee else '"","",""'
    return (
        f'"SB","{key}","{order}","{refers_to}","{kind}","{code}","{WHEN}","{WHEN}",'
        f'"{side}","{abs(amount)}","{money}",{costs}'
    )


def paypal(*rows: str, count: int | None = None, footer: str = "") -> str:
    """A report of one section of 5 December; its footer is of the same currency where given."""
    stated = len(rows) if count is None else count
    head = (
        '"RH","2025/12/06 02:21:10 -0800","A","ACCT",009\n"FH",01\n'
        '"SH","2025/12/05 00:00:00 -0800","2025/12/05 23:59:59 -0800","ACCT",""\n'
        f'"CH",{PAYPAL_COLUMNS}\n'
    )
    end = f'{footer}"SC",{stated}\n"RC",{stated}\n"FF",{stated}\n'
    return head + "".join(f"{row}\n" for row in rows) + end
