"""What a file of a gateway says, before anything of it is kept."""

from collections import Counter
from collections.abc import Mapping

from sfcc_cin7.ledger.payouts.reports import READERS
from sfcc_cin7.ledger.payouts.reports.lines import AnotherKind, Layout, Report, UnusableReport
from sfcc_cin7.ledger.payouts.unpacking import Member, members
from sfcc_cin7.merchant.ledger import GatewayPolicy

LONGEST_NAME = 500
"""Characters of a reference; gateways give theirs fewer than a hundred."""
PASSED_OVER = "This sheet has none of the columns of the report, and is passed over."


def understood_each(content: bytes, policy: GatewayPolicy) -> Mapping[str, Report | UnusableReport]:
    """What each report in a file says, or why it cannot be read: by its place in an archive or
    spreadsheet, which is "" where there is nothing beside it.

    A sheet beside the report (a cover, a summary) is a report without lines; a file beside it in an
    archive is not, because it may be a report of another kind.

    Raises:
        UnusableReport: the file cannot be unpacked.
    """
    held = members(content)
    found = {one.name: _of_member(one, policy) for one in held}
    sheets = [one.name for one in held if one.sheet]
    if any(isinstance(found[name], Report) for name in sheets):
        for name in sheets:
            if isinstance(found[name], AnotherKind):
                found[name] = Report([], [], note=PASSED_OVER)
    return found


def understood(content: bytes, policy: GatewayPolicy) -> Report:
    """What a file of one report says.

    Raises:
        UnusableReport: it cannot be read; the message says where and why.
    """
    found = understood_each(content, policy)
    if len(found) > 1:
        raise UnusableReport(f"It holds {len(found)} reports.")
    [report] = found.values()
    if isinstance(report, UnusableReport):
        raise report
    return report


def _of_member(one: Member, policy: GatewayPolicy) -> Report | UnusableReport:
    try:
        return _checked(READERS[policy.report](one.text, _layout(policy)))
    except UnusableReport as error:
        return error


def _layout(policy: GatewayPolicy) -> Layout:
    return Layout(
        order_columns=policy.order_columns,
        order_pattern=policy.order_pattern,
        reference_columns=policy.reference_columns,
        time_zone=policy.time_zone,
        dates=policy.dates,
        signs=policy.signs,
        columns={str(field): header for field, header in policy.columns.items()},
        kinds={value: str(kind) for value, kind in policy.kinds.items()},
        ignored=policy.ignored,
    )


def _checked(report: Report) -> Report:
    """Raises UnusableReport: two rows have one name, or a name is longer than any is."""
    for rows in (report.lines, report.transfers):
        keys = Counter(one.key for one in rows)
        twice = next((key for key, times in keys.items() if times > 1), None)
        if twice is not None:
            raise UnusableReport(f"{keys[twice]} rows have the name {twice}: are two files in one?")
    for line in report.lines:
        names = (line.key, line.payment_reference, line.merchant_reference, line.payout_id)
        if max(map(len, (*names, *line.other_references))) > LONGEST_NAME:
            raise UnusableReport(
                f"A reference has more than {LONGEST_NAME} characters: is a column mapped wrongly,"
                " or a quotation mark missing?"
            )
    return report
