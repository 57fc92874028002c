"""Looks again at orders in review, with what the store knows: no call to either system.

Most reasons are found before anything is sent, so whether they are gone can be seen from the stored
document, the catalogue and the operating model alone. An order whose reasons are gone is due again;
posting reads it anew, and proves it like any other. What only the ERP can tell is not asked again
and again: such an order is due once for each time that one of its SKUs changed in the ERP.
"""

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, func, select, update

from sfcc_cin7.db.corrections import keep_corrections
from sfcc_cin7.db.schema import order_events, orders, review_items
from sfcc_cin7.db.sku_map import changed_in_erp, tax_rule_percent
from sfcc_cin7.inbox.action import ActionRefused, Author
from sfcc_cin7.inbox.inbox import close_items, open_items, record
from sfcc_cin7.merchant.operating_model import OperatingModel, SitePolicy
from sfcc_cin7.order_document.fields import MalformedOrder
from sfcc_cin7.order_document.parsing import parse_order
from sfcc_cin7.order_document.reason import NeedsPerson, Reason
from sfcc_cin7.orders.intake.acceptance import Acceptance
from sfcc_cin7.orders.posting.findings import findings
from sfcc_cin7.orders.translation.corrections import PAYMENTS, Correction, misfit, tax_of
from sfcc_cin7.orders.translation.translate import Accepted
from sfcc_cin7.values import decimal_json
from sfcc_cin7.values.clock import Clock
from sfcc_cin7.values.examples import Examples
from sfcc_cin7.values.money import ZERO
from sfcc_cin7.values.problems import ConfigurationError
from sfcc_cin7.values.states import OrderState

SEEN_FROM_HERE = frozenset(
    {
        *PAYMENTS,
        "address-missing",
        "currency-rate-missing",
        "currency-rate-stale",
        "currency-unmapped",
        "option-unmapped",
        "price-inexact",
        "several-shipments",
        "site-unknown",
        "sku-unknown",
        "tax-not-attributable",
        "tax-rule-unknown",
        "tax-rule-unmapped",
        "tax-rules-differ",
        "taxation-mismatch",
    }
)
"""Reasons whose end shows in the catalogue, the operating model or the file of rates."""
ERP_ONLY = frozenset({"erp-refused"})
"""Reasons that only the ERP can tell of, about goods that may have been mended there."""
MOST = 5000
"""Orders that are looked at in one pass, those that have waited longest first."""
SYSTEM = "sfcc-cin7"
GONE = "its cause is gone"
log = logging.getLogger(__name__)


class Recheck:
    """Judges stored orders as posting would."""

    def __init__(self, engine: Engine, model: OperatingModel, clock: Clock) -> None:
        self._engine = engine
        self._model = model
        self._clock = clock
        self._acceptance = Acceptance(engine, model.brand)

    # When causes go away by themselves

    def resume(self) -> list[str]:
        """Make orders due again whose causes are gone; their keys. Others get the words of now."""
        resumed = []
        unable, last = Examples(), None
        for row in self._waiting():
            try:
                if self._look_again(row):
                    resumed.append(row.order_key)
            except Exception as error:  # one order that we cannot handle must not stop the others
                unable.add(row.order_key)
                last = error
        if unable:
            log.error("orders could not be looked at again, %s", unable, exc_info=last)
        return resumed

    def _waiting(self) -> list[Row[Any]]:
        """Orders without a sale, all of whose reasons may be gone without anybody telling us."""
        codes = func.array_agg(review_items.c.code)
        open_or_waived = (review_items.c.closed_at.is_(None)) | (
            review_items.c.waived_until.is_not(None)
        )
        query = (
            select(
                orders.c.order_key,
                orders.c.site,
                orders.c.document,
                orders.c.document_hash,
                codes.label("codes"),
            )
            .join(review_items, review_items.c.subject == orders.c.order_key)
            .where(
                orders.c.state == OrderState.IN_REVIEW,
                orders.c.sale_id.is_(None),
                orders.c.batch_key.is_(None),
                open_or_waived,
            )
            .group_by(orders.c.order_key)
            .having(func.bool_and(review_items.c.code.in_(SEEN_FROM_HERE | ERP_ONLY)))
            .order_by(func.min(review_items.c.opened_at))
            .limit(MOST)
        )
        with self._engine.connect() as connection:
            return list(connection.execute(query))

    def _look_again(self, row: Row[Any]) -> bool:
        site = _site(self._model, row.site)
        if site is None:
            return False
        found = self._judge(row.document, site)
        now = self._clock.now()
        with self._engine.begin() as connection:
            if not _still_waits(connection, row):
                return False
            if isinstance(found, Accepted):
                if ERP_ONLY & set(row.codes) and not self._mended(connection, row, found):
                    return False
                _due_again(connection, row.order_key, now)
                record(connection, [row.order_key], "resumed", now, SYSTEM, GONE)
                close_items(connection, row.order_key, now, GONE, keep=ERP_ONLY)
                return True
            kept = {reason.code for reason in found} | ERP_ONLY
            waits = findings(row.order_key, row.site, found, self._model.owners)
            close_items(connection, row.order_key, now, GONE, keep=kept)
            open_items(connection, waits, now)
        return False

    def _mended(self, connection: Connection, row: Row[Any], accepted: Accepted) -> bool:
        """Whether the ERP shows one of the order's goods otherwise than when it refused it."""
        refused_at = connection.scalar(
            select(func.max(order_events.c.at)).where(
                order_events.c.order_key == row.order_key,
                order_events.c.kind == OrderState.IN_REVIEW,
            )
        )
        names = {line.sku for line in accepted.sale.lines}
        names |= {charge.description for charge in accepted.sale.charges}
        return refused_at is not None and changed_in_erp(connection, names, refused_at)

    # When a person says what to book instead

    def correct(
        self, order_key: str, corrections: Sequence[Correction], author: Author
    ) -> tuple[Reason, ...]:
        """Keep corrections of an order in review, if the order is the better for them; the reasons
        that are left. Without any it is due at once.

        Raises:
            ActionRefused: they do not fit the order, bring new reasons or mend none, or the order
                is not one that can be corrected here; nothing was kept.
        """
        row = self._order(order_key)
        site = _site(self._model, row.site)
        if site is None:
            raise ActionRefused(f"The operating model has no site {row.site}: put it back first.")
        if not corrections:
            raise ActionRefused(
                "Say what to correct: a SKU, an option, a payment account, a tax rule, the country,"
                " the address, the rounding that is accepted, or a finding that may pass."
            )
        self._check_fit(row.document, corrections)
        before = self._judge(row.document, site)
        after = self._judge(row.document, site, corrections)
        self._check_better(before, after, corrections)
        left = () if isinstance(after, Accepted) else after
        now = self._clock.now()
        with self._engine.begin() as connection:
            if not _still_waits(connection, row):
                raise ActionRefused(f"{order_key} has just moved on: look at it again.")
            keep_corrections(
                connection,
                order_key,
                [(each.kind, each.name, each.value) for each in corrections],
                now,
                by=author.by,
                because=author.because,
            )
            words = [each.words for each in corrections]
            record(
                connection,
                [order_key],
                "corrected",
                now,
                author.by,
                author.because,
                corrections=words,
            )
            close_items(
                connection,
                order_key,
                now,
                f"corrected by {author.by}",
                keep={reason.code for reason in left},
            )
            open_items(connection, findings(order_key, row.site, left, self._model.owners), now)
            if not left:
                _due_again(connection, order_key, now)
        return left

    def preview(
        self, order_key: str, corrections: Sequence[Correction] = ()
    ) -> Accepted | tuple[Reason, ...]:
        """What would be sent of an order in review with these corrections, and what Cin7 would have
        to answer; or the reasons against it. Nothing is kept.

        Raises:
            ActionRefused: they do not fit the order, or the order is not in review without a sale.
        """
        row = self._order(order_key)
        site = _site(self._model, row.site)
        if site is None:
            raise ActionRefused(f"The operating model has no site {row.site}: put it back first.")
        self._check_fit(row.document, corrections)
        return self._judge(row.document, site, corrections)

    def _order(self, order_key: str) -> Any:
        query = select(
            orders.c.order_key,
            orders.c.site,
            orders.c.state,
            orders.c.sale_id,
            orders.c.sale_number,
            orders.c.batch_key,
            orders.c.document,
            orders.c.document_hash,
        ).where(orders.c.order_key == order_key)
        with self._engine.connect() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            raise ActionRefused(f"There is no order {order_key}: write it as brand:site:number.")
        if row.state != OrderState.IN_REVIEW:
            raise ActionRefused(f"{order_key} is {row.state}: only what is in review is corrected.")
        if row.sale_id or row.batch_key:
            sale = row.sale_number or "a sale"
            raise ActionRefused(
                f"{order_key} is booked as {sale} already: correct that in the ERP, then retry."
            )
        return row

    def _check_fit(self, text: str, tried: Sequence[Correction]) -> None:
        try:
            order = parse_order(decimal_json.loads(text))
        except MalformedOrder as error:
            raise ActionRefused(
                f"The order cannot be read ({error.reason.sentence}): correct it in the storefront."
            ) from None
        for correction in tried:
            wrong = misfit(order, correction)
            if wrong is not None:
                raise ActionRefused(wrong)
            about = tax_of(correction.name) if correction.kind == "tax-rule" else None
            if about is None or about.kind == "carrier":
                continue
            with self._engine.connect() as connection:
                percent = tax_rule_percent(connection, correction.value)
            wanted = (about.rate or ZERO) * 100
            if percent is not None and percent != wanted:
                raise ActionRefused(
                    f"The tax rule {correction.value!r} is {percent.normalize():f} %, but the"
                    f" storefront charged {wanted.normalize():f} %: take one of that."
                )

    def _check_better(
        self,
        before: Accepted | tuple[Reason, ...],
        after: Accepted | tuple[Reason, ...],
        tried: Sequence[Correction],
    ) -> None:
        words = "; ".join(each.words for each in tried)
        known = () if isinstance(before, Accepted) else before
        left = () if isinstance(after, Accepted) else after
        new = [each for each in left if each not in known]
        mended = [each for each in known if each not in left]
        # What comes to light because something else was mended is not the correction's fault.
        wrong = [each for each in new if not mended or _names(each, tried)]
        if wrong:
            said = " ".join(f"{each.sentence} ({each.code})" for each in wrong)
            raise ActionRefused(
                f"With this correction ({words}) the order cannot be booked: {said}"
            )
        same_sale = (
            isinstance(before, Accepted)
            and isinstance(after, Accepted)
            and before.sale == after.sale
        )
        if same_sale or (known and not mended):
            raise ActionRefused(f"This correction ({words}) changes nothing about the order.")

    def _judge(
        self, text: str, site: SitePolicy, tried: Sequence[Correction] = ()
    ) -> Accepted | tuple[Reason, ...]:
        try:
            return self._acceptance.of(decimal_json.loads(text), site, tried)
        except NeedsPerson as stop:
            return stop.reasons


def _site(model: OperatingModel, site: str) -> SitePolicy | None:
    try:
        return model.site(site)
    except ConfigurationError:
        return None


def _names(reason: Reason, tried: Sequence[Correction]) -> bool:
    """Whether a reason is about what a correction put in."""
    said = f"{reason.sentence} {reason.expected} {reason.actual}"
    return any(each.value in said for each in tried)


def _still_waits(connection: Connection, judged: Row[Any]) -> bool:
    """Hold the order; whether it still waits for a person as it was judged, without a sale."""
    query = (
        select(orders.c.order_key)
        .where(
            orders.c.order_key == judged.order_key,
            orders.c.state == OrderState.IN_REVIEW,
            orders.c.document_hash == judged.document_hash,
            orders.c.sale_id.is_(None),
            orders.c.batch_key.is_(None),
        )
        .with_for_update(of=orders)
    )
    return connection.scalar(query) is not None


def _due_again(connection: Connection, order_key: str, at: datetime) -> None:
    due = {"state": OrderState.RECEIVED, "next_attempt_at": at, "attempts": 0, "unavailable": 0}
    connection.execute(update(orders).where(orders.c.order_key == order_key).values(due))
