"""What is outside, so that the lineage begins where the data does."""

import dagster as dg

from sfcc_cin7.runtime.brands import key

COMMERCE_CLOUD, CIN7_CORE, GATEWAYS = "commerce_cloud", "cin7_core", "payment_gateways"

outside = [
    dg.AssetSpec(
        key(COMMERCE_CLOUD),
        group_name="outside",
        kinds={"salesforce"},
        description="The storefront: it captures orders, and offers what it is told there is.",
        metadata={
            "API": dg.MetadataValue.url(
                "https://developer.salesforce.com/docs/commerce/commerce-api"
            )
        },
    ),
    dg.AssetSpec(
        key(CIN7_CORE),
        group_name="outside",
        kinds={"cin7"},
        description="The ERP: it knows what there is, and fulfils the sales that orders become.",
        metadata={"API": dg.MetadataValue.url("https://dearinventory.docs.apiary.io/")},
    ),
    dg.AssetSpec(
        key(GATEWAYS),
        group_name="outside",
        kinds={"csv"},
        description="The payment gateways: they settle what shoppers paid, less their fees.",
    ),
]
"""Nothing of ours makes these: they are external assets."""
