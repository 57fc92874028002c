"""Bank statements, restated small."""

from collections.abc import Sequence
from decimal import Decimal

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
ACCOUNT = "GB29NWBK60161331926819"


def camt_entry(
    amount: str,
    day: str,
    *,
    text: str = "",
    party: str = "",
    own: str = "",
    status: str = "<Sts><Cd>BOOK</Cd></Sts>",
    reversal: bool = False,
    details: str | None = None,
    currency: str = "GBP",
) -> str:
    """`amount` is negative where it goes out."""
    value = Decimal(amount)
    side, other = ("CRDT", "Dbtr") if value >= 0 else ("DBIT", "Cdtr")
    inner = details or (
        f"<TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs>"
        f"<RltdPties><{other}><Pty><Nm>{party}</Nm></Pty></{other}></RltdPties>"
        f"<RmtInf><Ustrd>{text}</Ustrd></RmtInf></TxDtls>"
    )
    return (
        f'<Ntry><Amt Ccy="{currency}">{abs(value)}</Amt><CdtDbtInd>{side}</CdtDbtInd>'
        f"{'<RvslInd>true</RvslInd>' if reversal else ''}{status}"
        f"<BookgDt><Dt>{day}</Dt></BookgDt><AcctSvcrRef>{own}</AcctSvcrRef>"
        f"<NtryDtls>{inner}</NtryDtls></Ntry>"
    )


def camt_balance(kind: str, amount: str, day: str, currency: str = "GBP") -> str:
    value = Decimal(amount)
    side = "CRDT" if value >= 0 else "DBIT"
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp>"
        f'<Amt Ccy="{currency}">{abs(value)}</Amt><CdtDbtInd>{side}</CdtDbtInd>'
        f"<Dt><Dt>{day}</Dt></Dt></Bal>"
    )


def camt(
    *entries: str,
    opening: str = "0.00",
    closing: str = "0.00",
    first: str = "2026-02-02",
    last: str = "2026-02-28",
    number: str = "S1",
    head: str = '<?xml version="1.0" encoding="UTF-8"?>',
    account: str = ACCOUNT,
    currency: str = "GBP",
) -> str:
    return (
        f'{head}<Document xmlns="{NAMESPACE}"><BkToCstmrStmt><GrpHdr><MsgId>M</MsgId></GrpHdr>'
        f"<Stmt><Id>{number}</Id><Acct><Id><IBAN>{account}</IBAN></Id>"
        f"<Ccy>{currency}</Ccy></Acct>{camt_balance('OPBD', opening, first, currency)}"
        f"{camt_balance('CLBD', closing, last, currency)}"
        f"{''.join(entries)}</Stmt></BkToCstmrStmt></Document>"
    )


def mt940(
    lines: Sequence[str],
    *,
    opening: str = "C260201GBP0,00",
    closing: str = "C260228GBP0,00",
    number: str = "00001/001",
) -> str:
    """`lines` are :61: and :86: lines, without what stands before and after them."""
    body = "".join(f"{line}\n" for line in lines)
    return f":20:STMT\n:25:{ACCOUNT}\n:28C:{number}\n:60F:{opening}\n{body}:62F:{closing}\n-\n"
