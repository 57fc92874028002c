"""What an outdoor outfitter sells: names, sizes, colours and list prices in pounds."""

from dataclasses import dataclass

SERVICES = ("Shipping", "Shipping Surcharge", "Gift Certificate", "Rounding")

OPTIONS = (
    ("OPT-GIFTWRAP", "Gift wrapping", "4.95"),
    ("OPT-MONOGRAM", "Monogram", "7.50"),
    ("OPT-MONOGRAM-GOLD", "Monogram in gold thread", "11.25"),
    ("OPT-NAMETAPE", "Woven name tape", "3.00"),
    ("OPT-REPROOF", "Reproofing on arrival", "8.99"),
    ("OPT-WAX", "Hand waxing", "6.45"),
    ("OPT-WARRANTY-3Y", "Warranty, 3 years", "12.00"),
    ("OPT-WARRANTY-5Y", "Warranty, 5 years", "19.00"),
    ("OPT-ENGRAVING", "Engraving", "5.55"),
    ("OPT-ASSEMBLY", "Assembly before dispatch", "9.90"),
)

HARDWARE = (
    ("LAMP-FIREFLY", "Firefly Headlamp 200 lm", "24.99"),
    ("LAMP-BEACON", "Beacon Headlamp 450 lm", "49.95"),
    ("LAMP-HEARTH", "Hearth Camp Lantern", "39.00"),
    ("STOVE-EMBER", "Ember Gas Stove", "44.95"),
    ("STOVE-GALE", "Gale Windproof Stove", "109.00"),
    ("GAS-230", "Gas Cartridge 230 g", "6.99"),
    ("POT-09", "Titanium Pot 0.9 l", "42.50"),
    ("POT-13", "Titanium Pot 1.3 l", "54.50"),
    ("SPORK-TI", "Titanium Spork", "9.99"),
    ("MUG-45", "Enamel Mug 450 ml", "11.50"),
    ("BOTTLE-07", "Steel Bottle 0.7 l", "21.95"),
    ("BOTTLE-10", "Steel Bottle 1.0 l", "26.95"),
    ("FILTER-STREAM", "Stream Water Filter", "36.99"),
    ("POLES-RIDGE", "Ridge Trekking Poles, pair", "69.95"),
    ("POLES-AIR", "Air Carbon Trekking Poles, pair", "129.00"),
    ("MAT-FOAM", "Closed-cell Sleeping Mat", "29.95"),
    ("MAT-DOWNY", "Downy Inflatable Mat", "119.00"),
    ("PILLOW-NAP", "Nap Inflatable Pillow", "17.49"),
    ("TENT-SOLO", "Bothy Tent, 1 person", "229.00"),
    ("TENT-DUO", "Bothy Tent, 2 persons", "299.00"),
    ("TENT-TRIO", "Bothy Tent, 3 persons", "379.00"),
    ("PEGS-10", "Alloy Pegs, set of 10", "13.33"),
    ("ROPE-30", "Scramble Rope 8 mm, 30 m", "64.99"),
    ("ROPE-60", "Alpine Rope 9.2 mm, 60 m", "159.00"),
    ("HARNESS-CRAG", "Crag Harness", "54.95"),
    ("CARABINER-HMS", "HMS Screwgate Carabiner", "12.99"),
    ("CRAMPON-12", "Twelve-point Crampons", "134.95"),
    ("AXE-55", "Walking Axe 55 cm", "74.95"),
    ("COMPASS-BASE", "Baseplate Compass", "18.99"),
    ("FIRSTAID-M", "First Aid Kit, medium", "22.22"),
)

FOOD = (
    ("MEAL-CHILLI", "Expedition Meal: Chilli", "7.95"),
    ("MEAL-DAL", "Expedition Meal: Lentil Dal", "7.45"),
    ("MEAL-RAMEN", "Expedition Meal: Miso Ramen", "8.25"),
    ("MEAL-PASTA", "Expedition Meal: Pasta al Ragù", "7.95"),
    ("MEAL-PORRIDGE", "Expedition Meal: Porridge", "4.99"),
    ("MEAL-CURRY", "Expedition Meal: Thai Green Curry", "8.45"),
    ("BAR-OAT", "Oat & Honey Bar", "1.89"),
    ("BAR-DATE", "Date & Cocoa Bar", "2.15"),
    ("BAR-NUT", "Salted Nut Bar", "2.15"),
    ("BAR-YUZU", "Yuzu Energy Bar", "2.35"),
    ("BAR-BOX12", "Energy Bars, box of 12", "21.60"),
    ("JERKY-BEEF", "Beef Jerky 80 g", "5.75"),
    ("JERKY-MUSHROOM", "Mushroom Jerky 80 g", "5.25"),
    ("TEA-PINE", "Pine Needle Tea 50 g", "6.40"),
    ("COFFEE-DRIP", "Drip Coffee Sachets, 10", "9.90"),
)

GUIDES = (
    ("MAP-CAIRNGORMS", "Walker's Map: Cairngorms 1:25 000", "10.99"),
    ("MAP-LAKES", "Walker's Map: Lake District 1:25 000", "10.99"),
    ("MAP-SKYE", "Walker's Map: Skye 1:25 000", "10.99"),
    ("MAP-SIERRA", "Walker's Map: High Sierra 1:40 000", "12.49"),
    ("MAP-CASCADES", "Walker's Map: Cascades 1:40 000", "12.49"),
    ("MAP-HOTAKA", "Walker's Map: Hotaka (穂高) 1:25 000", "12.99"),
    ("MAP-YAKUSHIMA", "Walker's Map: Yakushima (屋久島) 1:25 000", "12.99"),
    ("BOOK-KNOTS", "Forty Knots and When to Tie Them", "14.99"),
    ("BOOK-CLOUDS", "The Hillwalker's Book of Clouds", "16.50"),
    ("BOOK-ARE", "Winter Tours around Åre", "18.00"),
    ("BOOK-HUTS", "Hut to Hut", "15.75"),
    ("BOOK-SCRAMBLES", "Classic Scrambles", "17.95"),
)

BUNDLES: tuple[tuple[str, str, tuple[tuple[str, int], ...]], ...] = (
    ("KIT-KITCHEN", "Camp Kitchen", (("STOVE-EMBER", 1), ("POT-09", 1), ("SPORK-TI", 2))),
    ("KIT-KITCHEN-XL", "Base Camp Kitchen", (("STOVE-GALE", 1), ("POT-13", 1), ("MUG-45", 4))),
    ("KIT-BREW", "Brew Kit", (("STOVE-EMBER", 1), ("GAS-230", 1), ("MUG-45", 2))),
    ("KIT-GAS-4", "Gas Cartridges, four", (("GAS-230", 4),)),
    ("KIT-SOLO", "Solo Overnight Kit", (("TENT-SOLO", 1), ("MAT-FOAM", 1), ("LAMP-FIREFLY", 1))),
    ("KIT-DUO", "Weekend for Two", (("TENT-DUO", 1), ("MAT-DOWNY", 2), ("LAMP-HEARTH", 1))),
    ("KIT-TRIO", "Family Camp", (("TENT-TRIO", 1), ("MAT-FOAM", 3), ("LAMP-HEARTH", 1))),
    ("KIT-SLEEP", "Good Night Kit", (("MAT-DOWNY", 1), ("PILLOW-NAP", 1))),
    ("KIT-PITCH", "Spare Pegs and Light", (("PEGS-10", 2), ("LAMP-FIREFLY", 1))),
    ("KIT-WATER", "Clean Water Kit", (("BOTTLE-10", 2), ("FILTER-STREAM", 1))),
    ("KIT-BOTTLES", "Bottle Pair", (("BOTTLE-07", 1), ("BOTTLE-10", 1))),
    ("KIT-NAV", "Navigation Set", (("COMPASS-BASE", 1), ("LAMP-BEACON", 1))),
    ("KIT-SAFE", "Safety Set", (("FIRSTAID-M", 1), ("COMPASS-BASE", 1), ("LAMP-FIREFLY", 1))),
    ("KIT-CRAG", "First Crag Kit", (("HARNESS-CRAG", 1), ("CARABINER-HMS", 2))),
    ("KIT-CRAG-ROPE", "Crag Kit with Rope", (("HARNESS-CRAG", 2), ("ROPE-60", 1))),
    ("KIT-SCRAMBLE", "Scrambler's Kit", (("ROPE-30", 1), ("CARABINER-HMS", 3))),
    ("KIT-WINTER", "Winter Walking Kit", (("CRAMPON-12", 1), ("AXE-55", 1))),
    ("KIT-TREK", "Trekker's Set", (("POLES-RIDGE", 1), ("BOTTLE-07", 1))),
    ("KIT-TREK-AIR", "Fast Trekker's Set", (("POLES-AIR", 1), ("BOTTLE-07", 1))),
    ("KIT-TABLE", "Table for Four", (("SPORK-TI", 4), ("MUG-45", 4))),
)

ADULT = ("XS", "S", "M", "L", "XL", "XXL")
SHOES = ("37", "38", "39", "40", "41", "42", "43", "44", "45", "46")


@dataclass(frozen=True)
class Garment:
    """A kind of thing that comes in colours and sizes; each series has one."""

    code: str
    name: str
    sizes: tuple[str, ...]
    pounds: tuple[str, ...]


GARMENTS = (
    Garment("SHELL", "Shell Jacket", ADULT, ("189.00", "249.95", "329.00")),
    Garment("DOWN", "Down Jacket", ADULT, ("159.00", "219.95")),
    Garment("FLEECE", "Fleece", ADULT, ("59.95", "74.99", "89.00")),
    Garment("BASE", "Merino Base Layer", ADULT, ("49.99", "64.95")),
    Garment("TEE", "T-Shirt", ADULT, ("18.99", "24.50", "29.95")),
    Garment("TROUSER", "Trekking Trousers", ADULT, ("69.95", "84.99")),
    Garment("SHORT", "Hiking Shorts", ADULT, ("39.99", "45.00")),
    Garment("BOOT", "Mountain Boots", SHOES, ("139.00", "179.95", "224.99")),
    Garment("SHOE", "Approach Shoes", SHOES, ("94.95", "119.00")),
    Garment("SOCK", "Merino Socks", ("35-38", "39-42", "43-46"), ("12.99", "15.50")),
    Garment("GLOVE", "Gloves", ("S", "M", "L", "XL"), ("22.95", "34.99", "59.00")),
    Garment("HAT", "Beanie", ("one size",), ("16.99", "19.95")),
    Garment("PACK", "Rucksack", ("22 l", "35 l", "50 l"), ("79.95", "119.99", "164.00")),
    Garment("BAG", "Sleeping Bag", ("Regular", "Long"), ("129.00", "199.00", "279.95")),
)

SERIES = (
    "Skiddaw",
    "Helvellyn",
    "Cairngorm",
    "Torridon",
    "Suilven",
    "Tryfan",
    "Slioch",
    "Quinag",
    "Eiger",
    "Dolomite",
    "Vanoise",
    "Tatra",
    "Sarek",
    "Lofoten",
    "Kebnekaise",
    "Jotun",
    "Fitzroy",
    "Cerro",
    "Huayhuash",
    "Denali",
    "Rainier",
    "Tahoma",
    "Whitney",
    "Teton",
    "Hotaka",
    "Yari",
    "Tsurugi",
    "Daisetsu",
    "Annapurna",
    "Manaslu",
    "Karakoram",
    "Ladakh",
)

COLOURS = (
    ("BLK", "Black"),
    ("SLT", "Slate"),
    ("MOS", "Moss"),
    ("RST", "Rust"),
    ("GLA", "Glacier Blue"),
    ("HEA", "Heather"),
    ("OCH", "Ochre"),
    ("SNW", "Snow"),
)
