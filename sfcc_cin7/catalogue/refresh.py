"""Read both catalogues, keep them side by side, and say what disagrees."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from sqlalchemy import Connection, Engine

from sfcc_cin7.catalogue.match import (
    GOODS,
    NOT_OURS,
    RENAMED,
    SERVICE,
    SKU_CODES,
    Divergence,
    ErpSku,
    ShopSku,
    SkuMatch,
    divergences,
    match,
)
from sfcc_cin7.db.cursors import move_cursor
from sfcc_cin7.db.looks import CATALOGUES, CATALOGUES_LASTED, save_look
from sfcc_cin7.db.sku_map import (
    erp_ids,
    is_filled,
    open_codes,
    open_findings,
    replace_sku_map,
    replace_tax_rules,
)
from sfcc_cin7.inbox.inbox import Finding, close_items, open_items
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.merchant.stock import NotOursPolicy, is_named
from sfcc_cin7.systems.cin7.client import Cin7Client
from sfcc_cin7.systems.cin7.documents import ErpProduct, TaxRule
from sfcc_cin7.systems.sfcc.client import SfccClient
from sfcc_cin7.values.clock import Clock

TAX_RULE_UNKNOWN = "tax-rule-unknown"
UNITS = Decimal("0.0001")
OWN_CODES = {*SKU_CODES, TAX_RULE_UNKNOWN}


class EmptyCatalogue(Exception):
    """A system showed no product at all, which is no catalogue to go by."""


@dataclass(frozen=True)
class Catalogue:
    """What was read and found. `tax_rules` are all of the ERP's, also those not in use."""

    matches: Sequence[SkuMatch]
    divergences: Sequence[Divergence]
    tax_rules: Sequence[TaxRule]
    unknown_tax_rules: Sequence[str]

    @property
    def by_code(self) -> Counter[str]:
        return Counter(divergence.code for divergence in self.divergences)


def refresh(
    engine: Engine, shop: SfccClient, erp: Cin7Client, model: OperatingModel, clock: Clock
) -> Catalogue:
    """Replace the SKU map and the tax rules, and open or close what people must mend.

    Raises:
        ApiError: a system does not answer; nothing is replaced.
        EmptyCatalogue, UnusableCatalogue: nothing is replaced; the message says what to check.
    """
    from sfcc_cin7.catalogue.frames import sku_frame

    began = clock.now()
    rules = erp.tax_rules()
    matches = match(_offered(shop), _stocked(erp, model.stock.not_ours))
    if not any(row.in_erp for row in matches):
        raise EmptyCatalogue(
            "The ERP lists no product: check that the application key belongs to your company."
        )
    if not any(row.in_shop for row in matches):
        raise EmptyCatalogue(
            "The storefront's product search finds nothing: check that the API client has the scope"
            " sfcc.products and that the search index is built."
        )
    sku_frame(matches)
    usable = {rule.name for rule in rules if rule.active and rule.for_sale}
    sites = [each for site in model.sites for each in site.in_each_currency]
    wanted = {mapping.rule for site in sites for mapping in site.tax_rules}
    with engine.begin() as connection:
        renamed = _renamed(connection, matches)
        catalogue = Catalogue(
            matches, tuple(divergences(matches, renamed)), rules, tuple(sorted(wanted - usable))
        )
        replace_sku_map(connection, [_row(row) for row in matches], clock.now())
        replace_tax_rules(
            connection,
            [
                {"name": rule.name, "percent": rule.percent, "active": rule.name in usable}
                for rule in {rule.name: rule for rule in rules}.values()
            ],
            clock.now(),
        )
        _report(connection, list(_findings(catalogue, model)), clock)
        save_look(connection, CATALOGUES, began)
        move_cursor(connection, CATALOGUES_LASTED, f"{(clock.now() - began).total_seconds():.0f}")
    return catalogue


def _renamed(connection: Connection, matches: Sequence[SkuMatch]) -> dict[str, str]:
    """SKUs that the ERP had, and what the same product, by its id, is called now; one that was told
    of is remembered for as long as the new name is there."""
    names = {row.erp_id: row.sku for row in matches if row.erp_id}
    unsold = {row.sku for row in matches if row.in_erp and not row.in_shop}
    told = open_findings(connection, [RENAMED])
    now = {row.subject.removeprefix("sku:"): row.actual for row in told}
    now |= {sku: names.get(erp_id) for sku, erp_id in erp_ids(connection).items()}
    return {sku: name for sku, name in now.items() if name and name in unsold - {sku}}


def was_read(engine: Engine) -> bool:
    """Whether both catalogues have ever been read."""
    with engine.connect() as connection:
        return is_filled(connection)


def _offered(shop: SfccClient) -> Iterator[ShopSku]:
    for product in shop.products():
        yield ShopSku(product.id, product.name, product.ean or product.upc, product.online)


def _stocked(erp: Cin7Client, not_ours: NotOursPolicy) -> Iterator[ErpSku]:
    products = [*erp.products(include_deprecated=True)]
    skus = {product.id: product.sku for product in products}
    for product in products:
        yield ErpSku(
            product.sku,
            product.name,
            product.id,
            kind_of(product, not_ours),
            product.status,
            product.barcode,
            product.category,
            product.average_cost,
            _components(product, skus),
            product.auto_assembly,
        )


def kind_of(product: ErpProduct, not_ours: NotOursPolicy) -> str:
    """Its type in the ERP; of goods that no stock of ours is sold of, why that is so."""
    if product.type == SERVICE:  # whose name orders are booked by
        return SERVICE
    if is_named(product.sku, not_ours.skus) or is_named(product.category, not_ours.categories):
        return NOT_OURS
    if product.type == GOODS and product.drop_ship_mode == "Always Drop Ship":
        return product.drop_ship_mode
    if product.type == GOODS and product.bom_type == "Make to Order":
        return product.bom_type
    return product.type


def _components(product: ErpProduct, skus: Mapping[str, str]) -> dict[str, str] | None:
    """Units by SKU that make one, what is wasted included; None where orders neither make it nor
    take it apart."""
    if not (product.auto_assembly or product.auto_disassembly):
        return None
    makes = product.quantity_to_produce if product.quantity_to_produce > 0 else Decimal(1)
    needed: dict[str, Decimal] = {}
    for part in product.bill_of_materials_products:
        units = part.quantity * (1 + part.wastage_percent / 100) + part.wastage_quantity
        sku = skus.get(part.product_id, part.sku)
        if units > 0 and sku and sku != product.sku:
            needed[sku] = needed.get(sku, Decimal(0)) + units / makes
    kept = {sku: units.quantize(UNITS, ROUND_CEILING) for sku, units in needed.items()}
    return {sku: f"{units.normalize():f}" for sku, units in sorted(kept.items())} or None


def _row(row: SkuMatch) -> dict[str, object]:
    return {key: value for key, value in vars(row).items() if key != "online"}


def _findings(catalogue: Catalogue, model: OperatingModel) -> Iterator[Finding]:
    for found in catalogue.divergences:
        yield Finding(
            subject=f"sku:{found.sku}",
            code=found.code,
            sentence=found.sentence,
            owner=model.owners.catalogue,
            expected=found.shop,
            actual=found.erp,
        )
    for name in catalogue.unknown_tax_rules:
        yield Finding(
            subject=f"tax-rule:{name}",
            code=TAX_RULE_UNKNOWN,
            sentence=(
                f"The operating model books to the tax rule {name!r}, which the ERP does not have"
                " for sales: create it there under exactly this name, or map the rate to another."
            ),
            owner=model.owners.finance,
            expected=name,
        )


def _report(connection: Connection, findings: Sequence[Finding], clock: Clock) -> None:
    """Open what was found; close what is open of ours and was not found any more."""
    found = {(finding.subject, finding.code) for finding in findings}
    for subject, codes in open_codes(connection, ("sku:", "tax-rule:")).items():
        mended = {code for code in codes & OWN_CODES if (subject, code) not in found}
        if mended:
            close_items(connection, subject, clock.now(), "mended", keep=codes - mended)
    open_items(connection, findings, clock.now())
