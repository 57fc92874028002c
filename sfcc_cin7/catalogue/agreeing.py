"""One pass over both systems' products: read, compare, put right what may be, tell of the rest."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, Engine

from sfcc_cin7.catalogue.deciding.fields import Difference, differences
from sfcc_cin7.catalogue.mending import Mended, Mender
from sfcc_cin7.catalogue.reading import Read, read_products
from sfcc_cin7.catalogue.records.products import differing
from sfcc_cin7.db.sku_map import open_codes
from sfcc_cin7.inbox.inbox import Finding, close_items, open_items
from sfcc_cin7.merchant.catalogue import Side
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.systems.cin7.client import Cin7Client
from sfcc_cin7.systems.sfcc.client import SfccClient
from sfcc_cin7.values.clock import Clock

FIELD_DIFFERS = "field-differs"


@dataclass(frozen=True)
class Agreement:
    """What a pass read, found and put right."""

    read: dict[Side, Read]
    found: Counter[str]
    """Differences by field."""
    mended: Mended


def compare_products(
    engine: Engine, shop: SfccClient, erp: Cin7Client, model: OperatingModel, clock: Clock
) -> Agreement:
    """The pass. The SKU map has to be there: a SKU that only one system has is its business.

    Raises:
        ApiError: a system does not answer; the next pass goes on where this one ended.
    """
    policies = model.catalogue.fields
    read = read_products(engine, shop, erp, policies, clock)
    found: Counter[str] = Counter()

    def each(connection: Connection) -> Iterator[Difference]:
        for sku, ours, theirs in differing(connection):
            for difference in differences(sku, policies, ours, theirs):
                found[difference.field.name] += 1
                yield difference

    with engine.connect() as connection:
        mended = Mender(engine, shop, erp, policies, clock).mend(each(connection))
    with engine.begin() as connection:
        _report(connection, mended, model, clock)
    return Agreement(read, found, mended)


def _report(connection: Connection, mended: Mended, model: OperatingModel, clock: Clock) -> None:
    for subject, codes in open_codes(connection, ("product:",)).items():
        if FIELD_DIFFERS in codes and subject not in mended.subjects:
            close_items(connection, subject, clock.now(), "mended", only={FIELD_DIFFERS})
    findings = [
        Finding(
            subject=difference.subject,
            code=FIELD_DIFFERS,
            sentence=difference.sentence,
            owner=model.owners.catalogue,
            expected=difference.wanted,
            actual=difference.storefront if difference.follower == "storefront" else difference.erp,
        )
        for difference in mended.left
        if not _is_told_by_the_sku_map(difference)
    ]
    open_items(connection, findings, clock.now())


def _is_told_by_the_sku_map(difference: Difference) -> bool:
    """Two EANs of one SKU are one trouble, which `sku_divergence` tells of already."""
    field = difference.field
    is_ean = (field.erp, field.storefront) == ("Barcode", "ean")
    return is_ean and bool(difference.erp and difference.storefront)
