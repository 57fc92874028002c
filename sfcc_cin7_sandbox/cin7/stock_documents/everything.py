"""All kinds of stock documents together: what people do with them, and their addresses."""

from collections.abc import Callable
from typing import Any

from sfcc_cin7_sandbox.cin7.pages import Call
from sfcc_cin7_sandbox.cin7.stock_documents.assemblies import Assemblies
from sfcc_cin7_sandbox.cin7.stock_documents.book import Office
from sfcc_cin7_sandbox.cin7.stock_documents.counts import Counts
from sfcc_cin7_sandbox.cin7.stock_documents.purchases import Purchases
from sfcc_cin7_sandbox.cin7.stock_documents.transfers import Transfers


class StockDocuments:
    """Purchases, transfers, counts and assemblies of one company. People write them; over HTTP they
    are read alone."""

    def __init__(self, office: Office) -> None:
        self.purchases = Purchases(office)
        self.transfers = Transfers(office)
        self.counts = Counts(office)
        self.assemblies = Assemblies(office)

    def handlers(self) -> dict[str, dict[str, Callable[[Call], Any]]]:
        """What answers GET, by path."""
        reading: dict[str, Callable[[Call], Any]] = {
            "purchaselist": self.purchases.listing,
            "purchase": self.purchases.get,
            "advanced-purchase": self.purchases.get_advanced,
            "stocktransferlist": self.transfers.listing,
            "stocktransfer": self.transfers.get,
            "stockadjustmentlist": self.counts.list_adjustments,
            "stockadjustment": self.counts.get_adjustment,
            "stocktakelist": self.counts.list_takes,
            "stocktake": self.counts.get_take,
            "inventorywriteofflist": self.counts.list_write_offs,
            "inventorywriteoff": self.counts.get_write_off,
            "finishedgoodslist": self.assemblies.listing,
            "finishedgoods": self.assemblies.get,
        }
        return {path: {"GET": handler} for path, handler in reading.items()}
