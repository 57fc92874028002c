"""The joined catalogue as a frame, with what must hold for it.

Imports pandas: import it inside functions only, so that the order lane starts without.
"""

from collections.abc import Sequence

import pandas as pd
import pandera.pandas as pa

from sfcc_cin7.catalogue.match import SkuMatch

SKU_MAP = pa.DataFrameSchema(
    {
        "sku": pa.Column(object, pa.Check.str_length(1, 100), unique=True),
        "in_shop": pa.Column(bool),
        "in_erp": pa.Column(bool),
        "erp_id": pa.Column(object, nullable=True),
        "erp_kind": pa.Column(object, nullable=True),
    },
    checks=[
        pa.Check(lambda frame: frame["in_shop"] | frame["in_erp"], name="known to a system"),
        pa.Check(lambda frame: frame["in_erp"] == frame["erp_id"].notna(), name="ERP id is there"),
    ],
)


class UnusableCatalogue(Exception):
    """The joined catalogue breaks its own rules; the message names the first rows that do."""


def sku_frame(matches: Sequence[SkuMatch]) -> pd.DataFrame:
    """One row for each SKU; columns as the fields of `SkuMatch`.

    Raises:
        UnusableCatalogue: a row is not what a catalogue row must be.
    """
    frame = pd.DataFrame([vars(row) for row in matches], dtype=object)
    frame = frame.astype({"in_shop": bool, "in_erp": bool, "online": bool})
    try:
        return SKU_MAP.validate(frame, lazy=True)
    except pa.errors.SchemaErrors as error:
        cases = error.failure_cases
        skus = [frame["sku"][row] for row in cases["index"].dropna().unique()[:5]]
        raise UnusableCatalogue(
            f"{len(cases)} rows of the joined catalogue cannot be used"
            f" ({', '.join(cases['check'].astype(str).unique()[:3])}); the first: {skus}."
        ) from None
