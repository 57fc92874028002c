"""Strings for those who administer either system, and for what others trip over afterwards."""

from collections.abc import Callable

from starlette.routing import BaseRoute

from sfcc_cin7_sandbox.control.assembly import Sandbox
from sfcc_cin7_sandbox.control.requests import Body, Nonsense, number_of, only, route, text_of


class AdministratorControl:
    """Handlers that rename, withdraw and revoke; each answers with what it was asked for."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._erp = sandbox.cin7.administrator

    @property
    def routes(self) -> list[BaseRoute]:
        handlers: dict[str, Callable[[Body], None]] = {
            "products/rename": self.rename_product,
            "products/status": self.product_status,
            "products/price": self.product_price,
            "tax-rules/use": self.use_tax_rule,
            "locations/rename": self.rename_location,
            "keys": self.keys,
            "storefront-products": self.storefront_product,
            "storefront-products/withdraw": self.withdraw_product,
            "storefront-stock/replace": self.replace_list,
            "storefront-prices": self.storefront_price,
            "storefront-password": self.storefront_password,
        }
        return [route("POST", name, self._told(handle)) for name, handle in handlers.items()]

    def rename_product(self, body: Body) -> None:
        """`{"sku", "to"}`: a product of the ERP gets another SKU."""
        only(body, "sku", "to")
        self._erp.rename_product(text_of(body, "sku"), text_of(body, "to"))

    def product_status(self, body: Body) -> None:
        """`{"sku", "status"}`: a product of the ERP is Deprecated, or Active again."""
        only(body, "sku", "status")
        status = text_of(body, "status")
        if status not in ("Active", "Deprecated"):
            raise Nonsense("status must be Active or Deprecated.")
        self._sandbox.cin7.set_product_status(text_of(body, "sku"), status)

    def product_price(self, body: Body) -> None:
        """`{"sku", "tier", "price"}`: a product of the ERP costs this in a tier (1-10)."""
        only(body, "sku", "tier", "price")
        tier = int(number_of(body, "tier", most=10))
        if tier < 1:
            raise Nonsense("tier is 1 to 10.")
        self._sandbox.cin7.set_product_price(text_of(body, "sku"), tier, number_of(body, "price"))

    def storefront_price(self, body: Body) -> None:
        """`{"book", "sku", "price"}`: somebody types it into an editable price book."""
        only(body, "book", "sku", "price")
        book, sku = text_of(body, "book"), text_of(body, "sku")
        try:
            self._sandbox.sfcc.price_books.edit(book, sku, number_of(body, "price"))
        except ValueError as refused:
            raise Nonsense(str(refused)) from None

    def use_tax_rule(self, body: Body) -> None:
        """`{"rule", "in_use"}`: a tax rule of the ERP is taken out of use, or put back."""
        only(body, "rule", "in_use")
        self._erp.use_tax_rule(text_of(body, "rule"), _truth(body, "in_use"))

    def rename_location(self, body: Body) -> None:
        """`{"location", "to"}`: a warehouse of the ERP gets another name."""
        only(body, "location", "to")
        self._erp.rename_location(text_of(body, "location"), text_of(body, "to"))

    def keys(self, body: Body) -> None:
        """`{"key", "revoked"}`: an application key of the ERP is refused, or taken again."""
        only(body, "key", "revoked")
        key = text_of(body, "key")
        if key not in self._sandbox.cin7.settings.application_keys:
            raise Nonsense("The ERP has no such application key.")
        change = self._erp.revoked.add if _truth(body, "revoked") else self._erp.revoked.discard
        change(key)

    def storefront_product(self, body: Body) -> None:
        """`{"sku", "name"}`: the storefront sells it from now on; the ERP does not know it."""
        only(body, "sku", "name")
        self._sandbox.sfcc.catalogue.add(text_of(body, "sku"), text_of(body, "name"))

    def withdraw_product(self, body: Body) -> None:
        """`{"sku"}`: the storefront does not sell it any more."""
        only(body, "sku")
        self._sandbox.sfcc.catalogue.withdraw(text_of(body, "sku"))

    def replace_list(self, body: Body) -> None:
        """`{"list", "allocation"}`: another job's import gives every record this allocation."""
        only(body, "list", "allocation")
        self._sandbox.sfcc.replace_list(text_of(body, "list"), number_of(body, "allocation"))

    def storefront_password(self, body: Body) -> None:
        """`{"revoked"}`: the API client of the storefront is refused, or let in again."""
        only(body, "revoked")
        self._sandbox.sfcc.accounts.revoked = _truth(body, "revoked")

    def _told(self, handle: Callable[[Body], None]) -> Callable[[Body], Body]:
        def tell(body: Body) -> Body:
            try:
                handle(body)
            except KeyError as unknown:
                raise Nonsense(f"There is no {unknown}.") from None
            return body

        return tell


def _truth(body: Body, name: str) -> bool:
    value = body.get(name)
    if not isinstance(value, bool):
        raise Nonsense(f"{name} must be true or false.")
    return value
