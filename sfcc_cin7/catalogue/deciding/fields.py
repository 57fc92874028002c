"""One owner per field: what the follower shows otherwise, who edited it, and what puts it right.

A field goes one way. The owner's value is never changed, and never blanked on the other side: an
owner who says nothing of a field decides nothing about it (docs/decisions/60-products.md).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation

from sfcc_cin7.merchant.catalogue import FieldPolicy, Side
from sfcc_cin7.values.gtin import gtin

Values = Mapping[str, str]
"""What a system shows, by the name of the field; one that it does not have is left out."""
NAMES: Mapping[Side, str] = {"erp": "the ERP", "storefront": "the storefront"}


@dataclass(frozen=True)
class Edit:
    """A value became another between two readings of its system."""

    was: str
    after: datetime
    by: datetime


@dataclass(frozen=True)
class Shown:
    """A product as one system showed it last; `edits` are the newest of each field."""

    id: str
    values: Values
    attribute_set: str = ""
    edits: Mapping[str, Edit] = field(default_factory=dict)


@dataclass(frozen=True)
class Difference:
    """A field on which the follower is not with its owner.

    `edited_on` is the side whose edit made the two differ, None where they always did since the
    first reading; `edit` tells what it was before.
    """

    sku: str
    field: FieldPolicy
    erp: str
    storefront: str
    erp_id: str = ""
    edited_on: Side | None = None
    edit: Edit | None = None

    @property
    def follower(self) -> Side:
        return "storefront" if self.field.owner == "erp" else "erp"

    @property
    def subject(self) -> str:
        """What it is called in the inbox."""
        return f"product:{self.sku}/{self.field.name}"

    @property
    def wanted(self) -> str:
        """What the follower should show, in its own words."""
        return _said_by_follower(self.field, self.erp, self.storefront)

    @property
    def sentence(self) -> str:
        owner, follower = NAMES[self.field.owner], NAMES[self.follower]
        told = (
            f"{self.sku}: {self.field.name} is {self.storefront!r} in the storefront and"
            f" {self.erp!r} in the ERP; {owner} owns it."
        )
        if self.edit is None or self.edited_on is None:
            return f"{told} It was so when both were first read: correct {follower}."
        when = f"between {_told(self.edit.after)} and {_told(self.edit.by)}"
        edited = f"{NAMES[self.edited_on]} was edited {when}; before it said {self.edit.was!r}."
        if self.edited_on == self.field.owner:
            return f"{told} {edited[0].upper()}{edited[1:]} Carry it over to {follower}."
        return (
            f"{told} {edited[0].upper()}{edited[1:]} Put it back, or correct {owner}: whatever is"
            f" edited in {follower} alone is not kept."
        )


@dataclass(frozen=True)
class Correction:
    """What a write gives the follower: one attribute of one product, in its own words."""

    sku: str
    field: str
    system: Side
    attribute: str
    value: str


def canonical(policy: FieldPolicy, value: str, side: Side) -> str:
    """What two values have in common that mean the same; "" for none.

    A number is one of the decimal system; what cannot be read as one stays a text.
    """
    text = value.strip()
    if side == "erp":
        text = policy.words.get(text, text)
    if policy.compare == "gtin":
        return gtin(text)
    if policy.compare == "number" and _is_number(text):
        return f"{Decimal(text).normalize():f}"
    return text


def _is_number(text: str) -> bool:
    try:
        return Decimal(text).is_finite()
    except InvalidOperation:
        return False


def applies(policy: FieldPolicy, attribute_set: str) -> bool:
    """Whether the field is one of products of this attribute set."""
    return policy.attribute_set in (None, attribute_set)


def edits(
    policies: Sequence[FieldPolicy],
    side: Side,
    before: Shown,
    now: Values,
    after: datetime,
    by: datetime,
) -> dict[str, Edit]:
    """The newest edit of each field, after one more reading that ended `by` then.

    A field that was not read before has no edit: nobody knows what it was.
    """
    found = dict(before.edits)
    for policy in policies:
        if policy.name not in before.values or policy.name not in now:
            continue
        was, shown = before.values[policy.name], now[policy.name]
        if canonical(policy, was, side) != canonical(policy, shown, side):
            found[policy.name] = Edit(was, after, by)
    return found


def differences(
    sku: str, policies: Sequence[FieldPolicy], erp: Shown, storefront: Shown
) -> Iterator[Difference]:
    """Every field of a SKU that is not as its owner has it.

    What the owner leaves blank is no difference. What the follower never had is one only where the
    merchant wants it filled, else every field that is kept on one side alone would be one.
    """
    for policy in policies:
        if not applies(policy, erp.attribute_set):
            continue
        ours = erp.values.get(policy.name, "")
        theirs = storefront.values.get(policy.name, "")
        said = canonical(policy, ours, "erp"), canonical(policy, theirs, "storefront")
        owner, follower = said if policy.owner == "erp" else said[::-1]
        if owner == follower or not owner:
            continue
        follower_edits = storefront.edits if policy.owner == "erp" else erp.edits
        if not follower and not policy.mend and policy.name not in follower_edits:
            continue
        side, edit = _newest(policy.name, erp, storefront)
        yield Difference(sku, policy, ours, theirs, erp.id, side, edit)


def correction(difference: Difference) -> Correction | None:
    """What puts the follower right; None where a person does that.

    What is written is the owner's own spelling, or what the operating model calls it.
    """
    policy = difference.field
    if not policy.mend or not difference.wanted:
        return None
    owner = difference.erp if policy.owner == "erp" else difference.storefront
    known = policy.words.keys() if policy.owner == "erp" else policy.words.values()
    if policy.words and owner.strip() not in known:  # nobody said what the follower calls it
        return None
    if policy.compare == "number" and not _is_number(difference.wanted):
        return None
    attribute = policy.storefront if difference.follower == "storefront" else policy.erp
    return Correction(
        difference.sku, policy.name, difference.follower, attribute, difference.wanted
    )


def _newest(name: str, erp: Shown, storefront: Shown) -> tuple[Side | None, Edit | None]:
    """The side that was edited last; the storefront where nobody can tell which was first."""
    there, here = erp.edits.get(name), storefront.edits.get(name)
    if there is not None and (here is None or there.by > here.by):
        return "erp", there
    return ("storefront", here) if here is not None else (None, None)


def _said_by_follower(policy: FieldPolicy, erp: str, storefront: str) -> str:
    if policy.owner == "erp":
        return policy.words.get(erp.strip(), erp.strip())
    words = {theirs: ours for ours, theirs in policy.words.items()}
    return words.get(storefront.strip(), storefront.strip())


def _told(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M:%S} UTC"
