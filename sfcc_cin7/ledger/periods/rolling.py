"""The roll-forward of a month, from what is posted and what reports and the bank state."""

from decimal import Decimal

from sqlalchemy import Connection

from sfcc_cin7.ledger.periods.roll_forward import Booked, RollForward, Stated, roll_forward
from sfcc_cin7.ledger.records import month_end
from sfcc_cin7.values.money import ZERO


def rolled_forward(connection: Connection, month: str, zone: str) -> list[RollForward]:
    """Each gateway and currency in a month (`2026-01`) of a zone."""
    parts = month_end.rounded_away(connection, month)
    booked = [
        Booked(
            gateway=row.gateway,
            currency=row.currency,
            opening=row.opening or ZERO,
            lines=row.lines or ZERO,
            sent=row.sent or ZERO,
            corrected=row.corrected or ZERO,
            closing=row.closing or ZERO,
            corrected_until=row.corrected_until or ZERO,
            late=row.late or ZERO,
            in_parts=-parts.get((row.gateway, row.currency), ZERO),
        )
        for row in month_end.booked(connection, month)
    ]
    at_bank = {
        (row.gateway, row.currency): (row.transfers, row.arrived, Decimal(row.on_the_way))
        for row in month_end.at_the_bank(connection, month, zone)
    }
    stated = []
    for row in month_end.stated(connection, month, zone):
        transfers, arrived, on_the_way = at_bank.get((row.gateway, row.currency), (0, 0, ZERO))
        stated.append(
            Stated(
                gateway=row.gateway,
                currency=row.currency,
                lines=row.lines or ZERO,
                sent=row.sent or ZERO,
                closing=row.closing or ZERO,
                transfers=transfers,
                arrived=arrived,
                on_the_way=on_the_way,
            )
        )
    return roll_forward(month, booked, stated)
