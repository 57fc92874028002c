"""Sees to it that what the check of the catalogues says can be read, whatever runs."""

from sfcc_cin7.catalogue.checks import sku_divergence
from sfcc_cin7.catalogue.product_checks import fields_agree, nothing_unready_on_sale
from sfcc_cin7.runtime.looking import look_regularly

watch_catalogues = look_regularly(
    "watch_catalogues",
    "Says again where both catalogues diverge, where a run hides it.",
    [],
    kept=[sku_divergence, fields_agree, nothing_unready_on_sale],
)
