"""CAMT.053, the bank's statement in XML (ISO 20022, BankToCustomerStatement, any version).

https://www.iso20022.org/iso-20022-message-definitions?business-domain=1: `Stmt` holds an account's
balances (`Bal`: OPBD or PRCD before, CLBD after) and its entries (`Ntry`). `CdtDbtInd` says which
way the entry itself goes, also where it reverses another (`RvslInd`); an entry that is not BOOK
(PDNG, INFO) is not booked yet. One entry may hold several transactions (`TxDtls`): they are lines
of their own where each states its amount and all come to the entry.

Read by element name, whatever the namespace. A document type is refused, so that no entity can name
a file or grow; nothing is fetched.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal, InvalidOperation

from lxml import etree

from sfcc_cin7.ledger.bank.statements.statement import BankLine, Statement, checked
from sfcc_cin7.ledger.payouts.reports.lines import UnusableReport
from sfcc_cin7.values.money import ZERO

OPENING, CLOSING = ("OPBD", "PRCD"), ("CLBD",)
OTHERS = {
    "BkToCstmrAcctRpt": "This is an account report of the day (camt.052)",
    "BkToCstmrDbtCdtNtfctn": "This is a notification of entries (camt.054)",
}
BOOKED = "BOOK"


def read(content: bytes) -> list[Statement]:
    """The statements of a file.

    Raises:
        UnusableReport: it is no CAMT.053, was cut, or does not add up.
    """
    root = _root(content)
    for name, told in OTHERS.items():
        if _first(root, name) is not None:
            raise UnusableReport(f"{told}: ask the bank for statements (camt.053).")
    message = _first(root, "BkToCstmrStmt")
    if message is None:
        raise UnusableReport("There is no BkToCstmrStmt: this is no bank statement (camt.053).")
    found = [_statement(each) for each in message if _name(each) == "Stmt"]
    if not found:
        raise UnusableReport("It holds no statement (Stmt): was it cut?")
    return found


def _root(content: bytes) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    if b"<!DOCTYPE" in content[:4096] or b"<!ENTITY" in content[:4096]:
        raise UnusableReport("It has a document type, which no bank statement has.")
    try:
        root = etree.fromstring(content.strip(), parser)
    except (etree.XMLSyntaxError, ValueError):
        raise UnusableReport("It is no well-formed XML: was it cut?") from None
    doctype: str = root.getroottree().docinfo.doctype  # type: ignore[union-attr]
    if doctype:
        raise UnusableReport("It has a document type, which no bank statement has.")
    return root


def _statement(stmt: etree._Element) -> Statement:
    number = _text(stmt, "Id") or _text(stmt, "ElctrncSeqNb")
    account = _text(stmt, "Acct", "Id", "IBAN") or _text(stmt, "Acct", "Id", "Othr", "Id")
    if not account:
        raise UnusableReport(f"Statement {number}: it does not name its account.")
    money = _text(stmt, "Acct", "Ccy")
    lines, references = [], []
    for position, entry in enumerate(_all(stmt, "Ntry"), start=1):
        where = f"Statement {number}, entry {position}"
        status = _text(entry, "Sts", "Cd") or _text(entry, "Sts") or BOOKED
        if status.upper() != BOOKED:
            continue
        stated_in = _currency(entry)
        money = money or stated_in
        if stated_in != money:
            raise UnusableReport(f"{where}: it is in {stated_in}, its account in {money}.")
        own = _text(entry, "AcctSvcrRef") or _text(entry, "NtryRef")
        for line in _lines(entry, where):
            lines.append(line)
            references.append(own)
    opening, first = _balance(stmt, OPENING, number)
    closing, last = _balance(stmt, CLOSING, number)
    if opening is None or closing is None:
        raise UnusableReport(f"Statement {number}: it lacks its opening or closing balance.")
    days = [line.day for line in lines]
    money = money or _currency(next(iter(_all(stmt, "Bal"))))
    statement = Statement(
        account=account.replace(" ", ""),
        currency=money,
        number=number,
        lines=lines,
        opening=opening,
        closing=closing,
        first_day=min([*days, first or last or date.max]),
        last_day=last or max([*days, first or date.min]),
    )
    return checked(statement, references)


def _lines(entry: etree._Element, where: str) -> Iterator[BankLine]:
    amount, day = _signed(entry, where), _day(entry, where)
    details = [each for group in _all(entry, "NtryDtls") for each in _all(group, "TxDtls")]
    told = _text(entry, "AddtlNtryInf")
    parts = [_part(each, entry, where) for each in details]
    if len(parts) > 1 and None not in parts and sum(filter(None, parts), ZERO) == amount:
        for each, part in zip(details, parts, strict=True):
            yield BankLine(part or ZERO, day, _reference([each], told), _party(each, part or ZERO))
        return
    first = details[0] if details else entry
    yield BankLine(amount, day, _reference(details, told), _party(first, amount))


def _part(details: etree._Element, entry: etree._Element, where: str) -> Decimal | None:
    """What one of several transactions moved, in the entry's currency."""
    for path in (("Amt",), ("AmtDtls", "TxAmt", "Amt")):
        found = _first(details, *path)
        if found is not None and found.get("Ccy") == _currency(entry):
            side = _text(details, "CdtDbtInd") or _text(entry, "CdtDbtInd")
            return _number(found, where) * (-1 if side == "DBIT" else 1)
    return None


def _reference(details: list[etree._Element], told: str) -> str:
    words = [told]
    for each in details:
        references = _first(each, "Refs")
        if references is not None:
            words += [(one.text or "").strip() for one in references]
        remittance = _first(each, "RmtInf")
        if remittance is not None:
            words += [(one.text or "").strip() for one in remittance.iter() if one.text]
        words.append(_text(each, "AddtlTxInf"))
    return " ".join(dict.fromkeys(word for word in words if word and word != "NOTPROVIDED"))


def _party(details: etree._Element, amount: Decimal) -> str:
    side = "Dbtr" if amount > 0 else "Cdtr"
    return _text(details, "RltdPties", side, "Nm") or _text(details, "RltdPties", side, "Pty", "Nm")


def _balance(
    stmt: etree._Element, kinds: tuple[str, ...], number: str
) -> tuple[Decimal | None, date | None]:
    for kind in kinds:
        for balance in _all(stmt, "Bal"):
            if _text(balance, "Tp", "CdOrPrtry", "Cd") == kind:
                where = f"Statement {number}, balance {kind}"
                return _signed(balance, where), _date(_first(balance, "Dt"), where)
    return None, None


def _signed(element: etree._Element, where: str) -> Decimal:
    side = _text(element, "CdtDbtInd")
    amount = _first(element, "Amt")
    if amount is None or side not in ("CRDT", "DBIT"):
        raise UnusableReport(f"{where}: its amount, or which way it goes, is missing.")
    return _number(amount, where) * (-1 if side == "DBIT" else 1)


def _number(amount: etree._Element, where: str) -> Decimal:
    try:
        found = Decimal((amount.text or "").strip())
    except InvalidOperation:
        raise UnusableReport(f"{where}: its amount is no number.") from None
    if not found.is_finite():
        raise UnusableReport(f"{where}: its amount is no number.")
    return found


def _currency(element: etree._Element) -> str:
    amount = _first(element, "Amt")
    return (amount.get("Ccy") or "").upper() if amount is not None else ""


def _day(entry: etree._Element, where: str) -> date:
    found = _date(_first(entry, "BookgDt"), where) or _date(_first(entry, "ValDt"), where)
    if found is None:
        raise UnusableReport(f"{where}: it has no booking date.")
    return found


def _date(element: etree._Element | None, where: str) -> date | None:
    text = "" if element is None else _text(element, "Dt") or _text(element, "DtTm")
    if not text:
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise UnusableReport(f"{where}: its date is none.") from None


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname


def _all(element: etree._Element, name: str) -> Iterator[etree._Element]:
    return (each for each in element if _name(each) == name)


def _first(element: etree._Element, *path: str) -> etree._Element | None:
    found: etree._Element | None = element
    for name in path:
        found = None if found is None else next(_all(found, name), None)
    return found


def _text(element: etree._Element, *path: str) -> str:
    found = _first(element, *path)
    return (found.text or "").strip() if found is not None else ""
