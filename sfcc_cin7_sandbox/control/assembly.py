"""The whole sandbox put together: one merchant, both systems, and the people in between."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from sfcc_cin7_sandbox.cin7 import Cin7Emulator, Cin7Settings
from sfcc_cin7_sandbox.clock import Clock, WallClock
from sfcc_cin7_sandbox.control.aftercare import Aftercare, AftercareSettings
from sfcc_cin7_sandbox.control.calls import CallLog
from sfcc_cin7_sandbox.control.poison import UNFINISHED, as_placed, found_by, poisoned
from sfcc_cin7_sandbox.control.warehouse import Warehouse, WarehouseSettings
from sfcc_cin7_sandbox.faults import Faults
from sfcc_cin7_sandbox.gateways.gateway import Gateways
from sfcc_cin7_sandbox.merchant.catalogue import build_world
from sfcc_cin7_sandbox.merchant.world import World
from sfcc_cin7_sandbox.sfcc import SfccEmulator, SfccSettings
from sfcc_cin7_sandbox.shelf import Document, Shelf
from sfcc_cin7_sandbox.shoppers.shoppers import Shoppers


@dataclass(frozen=True)
class SandboxSettings:
    """What a sandbox is made of. `data` is a folder; without one everything is forgotten."""

    seed: int = 7
    skus: int = 5000
    data: Path | None = None
    orders_per_minute: float = 0
    speed: float = 1
    """Divides the rate-limit window and nothing else."""
    payouts: Path | None = None
    """The folder that gateways leave their reports in; without one they settle when told to."""
    payout_seconds: float = 300
    """How often they pay out; real ones do it daily."""
    warehouse: WarehouseSettings = field(default_factory=WarehouseSettings)
    aftercare: AftercareSettings = field(default_factory=AftercareSettings)
    cin7: Cin7Settings = field(default_factory=Cin7Settings)
    sfcc: SfccSettings = field(default_factory=SfccSettings)

    def __post_init__(self) -> None:
        if self.speed <= 0:
            raise ValueError("speed must be above 0.")
        if self.orders_per_minute < 0:
            raise ValueError("orders_per_minute must not be below 0.")


@dataclass(frozen=True)
class Sandbox:
    """Every part, for the control endpoints and for tests in the same process."""

    settings: SandboxSettings
    world: World
    clock: Clock
    shelf: Shelf
    faults: Faults
    calls: CallLog
    cin7: Cin7Emulator
    sfcc: SfccEmulator
    shoppers: Shoppers
    warehouse: Warehouse
    aftercare: Aftercare
    gateways: Gateways

    def plant(self, poison: str, site: str | None = None) -> Document:
        """An order that nobody should be able to book, of a kind named in `poison.POISONS`.

        Raises ValueError for an unknown poison or site.
        """
        good = self.shoppers.fill_basket(site, "plain")
        number = f"P{self.sfcc.orders_taken:07d}"
        order = poisoned(as_placed(good, number, self.clock.now()), poison)
        unfinished = poison == UNFINISHED
        return self.sfcc.place_raw(
            order, site=good["siteId"], order_no=found_by(order, number), unfinished=unfinished
        )


def assemble(settings: SandboxSettings, clock: Clock | None = None) -> Sandbox:
    """A new sandbox, or the one whose data is in the folder.

    Raises:
        ValueError: the data in the folder belongs to another seed or number of SKUs.
    """
    clock = clock or WallClock()
    shelf = Shelf(settings.data / "sandbox.sqlite" if settings.data else None)
    _same_world(shelf, settings)
    world = build_world(settings.seed, settings.skus)
    faults = Faults(seed=settings.seed)
    cin7_settings = replace(settings.cin7, speed=settings.speed)
    cin7 = Cin7Emulator(world, shelf, clock, faults, cin7_settings)
    sfcc = SfccEmulator(world, shelf, clock, faults, settings.sfcc)
    gateways = Gateways(sfcc, shelf, clock)
    orders_before = sfcc.orders_taken
    window = timedelta(seconds=cin7_settings.window_seconds / settings.speed)
    return Sandbox(
        settings=settings,
        world=world,
        clock=clock,
        shelf=shelf,
        faults=faults,
        calls=CallLog(clock, cin7_settings.application_keys, window),
        cin7=cin7,
        sfcc=sfcc,
        shoppers=Shoppers(world, sfcc, settings.orders_per_minute, orders_before),
        warehouse=Warehouse(cin7, sfcc, clock, settings.warehouse, settings.seed, world),
        aftercare=Aftercare(cin7, sfcc, gateways, clock, settings.aftercare, settings.seed),
        gateways=gateways,
    )


def _same_world(shelf: Shelf, settings: SandboxSettings) -> None:
    wanted = {"seed": settings.seed, "skus": settings.skus}
    kept = shelf.load("world").get("settings")
    if kept is None:
        shelf.put("world", "settings", wanted)
    elif kept != wanted:
        shelf.close()
        raise ValueError(
            f"The sandbox in {settings.data} was made with seed {kept['seed']} and {kept['skus']}"
            " SKUs: start it with the same, or delete the folder."
        )
