"""What a bank statement says, in sentences; nothing is booked."""

from collections.abc import Iterator

from sfcc_cin7.ledger.bank.deciding.matching import gateways_in
from sfcc_cin7.ledger.bank.reading import statements_of
from sfcc_cin7.ledger.payouts.reports.lines import UnusableReport
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.values.money import ZERO, figure
from sfcc_cin7.values.problems import ConfigurationError
from sfcc_cin7.values.wording import counted


def bank_summary(content: bytes, model: OperatingModel) -> list[str]:
    """Accounts, balances, sums, and what is of gateways.

    Raises:
        ConfigurationError: it cannot be read; the sentence says where and why.
    """
    try:
        return list(_sentences(content, model))
    except UnusableReport as error:
        raise ConfigurationError(f"It cannot be read as a bank statement: {error}") from None


def _sentences(content: bytes, model: OperatingModel) -> Iterator[str]:
    names = {name: [*gateway.bank_names, name] for name, gateway in model.ledger.gateways.items()}
    for each in statements_of(content, model.ledger.bank):
        total = sum((line.amount for line in each.lines), ZERO)
        yield (
            f"{each.account} {each.number}: {counted(len(each.lines), 'line')},"
            f" {figure(total, each.currency)} in all"
        )
        if each.opening is not None and each.closing is not None:
            yield (
                f"from {figure(each.opening, each.currency)} to"
                f" {figure(each.closing, each.currency)}"
            )
        for line in each.lines:
            said = gateways_in(f"{line.reference} {line.party}", names)
            if said:
                named = " or ".join(sorted(said))
                yield f"{line.day}: {figure(line.amount, each.currency)} of {named}"
