"""Sales of the ERP as the warehouse leaves them, and any of them."""

from decimal import Decimal

from hypothesis import strategies as st

from sfcc_cin7.fulfilment.deciding.dispatch import Fulfilment, Packed, SaleRead, ShipLine

ONE = Decimal(1)


def units(**skus: int) -> dict[str, Decimal]:
    return {sku: Decimal(quantity) for sku, quantity in skus.items()}


def packed(box: str = "Box 1", **skus: int) -> tuple[Packed, ...]:
    return tuple(Packed(sku, Decimal(quantity), box) for sku, quantity in skus.items())


def line(number: str = "T-1", boxes: str = "Box 1", id: str = "", **more) -> ShipLine:
    return ShipLine(id or f"line-{number or boxes}", boxes, number=number, is_shipped=True, **more)


def task(number: int = 1, *lines: ShipLine, status: str = "AUTHORISED", parts=(), **more):
    return Fulfilment(
        f"task-{number}",
        number,
        packed=tuple(parts),
        ship_status=status,
        ship_lines=lines,
        **more,
    )


def sale(*tasks: Fulfilment, combined: str = "SHIPPED", voided: bool = False, **ordered: int):
    return SaleRead("sale", voided, combined, units(**ordered), tasks)


SKUS = ("A", "B", "C")
quantities = st.integers(1, 5).map(Decimal)
boxes = st.sampled_from(["Box 1", "Box 2"])
numbers = st.sampled_from(["", "T-1", "T-2", "T-3"])


@st.composite
def tasks(draw, number: int) -> Fulfilment:
    parts = draw(
        st.lists(
            st.builds(Packed, st.sampled_from(SKUS), quantities, boxes), min_size=0, max_size=4
        )
    )
    names = sorted({part.box for part in parts}) or ["Box 1"]
    lines = tuple(
        ShipLine(f"{number}-{box}", box, number=draw(numbers), is_shipped=draw(st.booleans()))
        for box in names
    )
    return Fulfilment(
        f"task-{number}",
        number,
        status=draw(st.sampled_from(["", "VOIDED"])),
        packed=tuple(parts),
        ship_status=draw(st.sampled_from(["DRAFT", "PARTIALLY AUTHORISED", "AUTHORISED"])),
        ship_lines=lines,
    )


@st.composite
def sales(draw) -> SaleRead:
    """A sale in any state that the warehouse may leave it in."""
    return SaleRead(
        "sale",
        draw(st.booleans()) and draw(st.booleans()),
        draw(st.sampled_from(["NOT SHIPPED", "PARTIALLY SHIPPED", "SHIPPED"])),
        draw(st.dictionaries(st.sampled_from(SKUS), quantities)),
        tuple(draw(tasks(number)) for number in range(1, draw(st.integers(0, 3)) + 1)),
    )
