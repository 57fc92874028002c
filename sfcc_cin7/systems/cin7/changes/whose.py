"""Whose documents the reader keeps, and since when there are any."""

from datetime import UTC, datetime

from sfcc_cin7.merchant.operating_model import OperatingModel


def ours(model: OperatingModel) -> tuple[str, datetime]:
    """What the ExternalID of our sales begins with, and since when there are any."""
    return f"{model.brand}:", datetime.fromisoformat(model.first_day).replace(tzinfo=UTC)
