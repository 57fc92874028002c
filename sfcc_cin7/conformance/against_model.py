"""Where the merchant's decisions contradict what the accounts were seen to do."""

from sfcc_cin7.conformance.registry import BY_ID
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.merchant.profile import TAX_HANDLING, Profile


def contradictions(model: OperatingModel, profile: Profile) -> list[str]:
    """One sentence for each decision of the operating model that the profile contradicts."""
    found = []
    for site in model.sites:
        for key, wanted in profile.site_decisions().items():
            if key == "prepayment" and not site.payment_accounts:
                continue
            if getattr(site, key) != wanted:
                found.append(
                    f"site {site.id}: {key} is {getattr(site, key)}, but the profile saw that"
                    f" it must be {wanted}"
                )
    if profile.value(TAX_HANDLING) == "recomputed":
        found += dict.fromkeys(
            f"site {site.id}: tax rule {mapping.rule} is a carrier, but the profile saw that Cin7"
            " computes tax from the rule, so that it cannot hold any other: map rules that explain"
            " the tax"
            for site in model.sites
            for policy in site.in_each_currency
            for mapping in policy.tax_rules
            if mapping.kind == "carrier"
        )
    settle = profile.settle_seconds()
    if settle is not None and model.stock.settle_seconds < settle:
        found.append(
            f"stock.settle_seconds is {model.stock.settle_seconds}, but the profile saw that order"
            f" lists lag: at least {settle}"
        )
    age = profile.availability_age()
    if age is not None and model.stock.availability_age < age:
        found.append(
            f"stock.availability_age is {model.stock.availability_age}, but the profile saw that"
            f" availability shows an order late: at least {age}"
        )
    if model.stock.trail and profile.trail() is False:
        found.append(
            "stock.trail is on, but the profile saw that a list of stock documents does not tell of"
            " them as expected: it must be off"
        )
    if model.stock.order_scope == "all" and profile.order_scope() == "location":
        found.append(
            "stock.order_scope is all, but the profile saw that a sale takes stock of its own"
            " location alone: it must be location"
        )
    if model.calls.limit_scope == "key" and profile.limit_scope() == "account":
        found.append(
            "calls.limit_scope is key, but the profile saw that all application keys of the account"
            " share one limit: it must be account"
        )
    return found


def unworkable(profile: Profile) -> list[str]:
    """One sentence for each behaviour of the profile that the product cannot live with."""
    found = []
    for behaviour, seen in profile.behaviours.items():
        probe = BY_ID.get(behaviour)
        takes = probe.takes(seen.value) if probe else None
        if takes is not None:
            found.append(f"{behaviour} is {seen.value}; it would take: {takes}")
    return found
