"""Invented shoppers: names and addresses in the scripts people really write them in."""

import random
from dataclasses import dataclass

from sfcc_cin7_sandbox.shoppers.basket import Address

FIRST_NAMES = {
    "GB": ("Ada", "Rhys", "Siân", "Oluwaseun", "Zoë", "Małgorzata", "Priya", "Fergus", "Aoife"),
    "US": ("José", "Renée", "DeShawn", "Mei-Ling", "Søren", "Nguyễn", "Xiomara", "Bob", "Chloé"),
    "JP": ("さくら", "健一", "Emi", "翔太", "ゆい", "大輔"),
}
LAST_NAMES = {
    "GB": ("O'Neill", "Llewellyn", "Żółkowska", "Adébáyọ̀", "Patel", "Smith-Jones", "Mac an tSaoir"),
    "US": ("Muñoz", "Kealoha", "St. John", "Thị Ánh", "D'Angelo", "Lee", "Øvergård"),
    "JP": ("田中", "佐藤", "髙橋", "Nakamura", "渡邊"),
}
CITIES = {
    ("GB", None): (
        ("Leeds", "LS1 4AP"),
        ("Llanfairpwllgwyngyll", "LL61 5UJ"),
        ("Stromness", "KW16 3AA"),
        ("London", "N1 9GU"),
        ("Newcastle upon Tyne", "NE1 4ST"),
    ),
    ("US", "CA"): (("San José", "95113"), ("Truckee", "96161-0042")),
    ("US", "NY"): (("New York", "10012"), ("Lake Placid", "12946")),
    ("US", "TX"): (("Austin", "78701"), ("El Paso", "79901")),
    ("US", "OR"): (("Portland", "97205"), ("Bend", "97701")),
    ("JP", None): (("大阪市北区", "530-0001"), ("松本市", "390-0874"), ("Sapporo", "060-0042")),
}
STREETS = {
    "GB": ("{} High Street", "Flat {}, Pen-y-Bryn", "{} Königin Terrace", "{}b Rue Road"),
    "US": ("{} Main St", "{} Peña Blvd #204", "{} W 14th Ave, Apt 3½"),
    "JP": ("梅田{}丁目3-1", "{}-2-8 Chuo"),
}
LOCALES = {"GB": "en_GB", "US": "en_US", "JP": "ja_JP"}


REGULARS = 60
"""Registered customers of each site; they come again and again."""
REGISTERED_SHARE = 0.4
KNOWN_GUESTS = 0.25
"""Share of guests to whom the platform gives a customer number all the same."""


@dataclass(frozen=True)
class Customer:
    """Who buys. A guest has no `id` of their own, and a name only on the address."""

    email: str
    number: str | None = None
    id: str | None = None
    name: tuple[str, str] | None = None


def some_customer(dice: random.Random, site: str, country: str) -> Customer:
    """A guest, or one of the site's registered customers, the same person each time."""
    if dice.random() >= REGISTERED_SHARE:
        number = dice.randint(1, 99_999)
        known = f"{number:08d}" if dice.random() < KNOWN_GUESTS else None
        return Customer(f"shopper{number}@example.com", known)
    member = dice.randint(1, REGULARS)
    who = random.Random(f"{site}/{member}")  # noqa: S311 - an invented person, not a secret
    name = who.choice(FIRST_NAMES[country]), who.choice(LAST_NAMES[country])
    return Customer(
        email=f"member{member}@{site}.example.com",
        number=f"M{member:07d}",
        id=f"{who.getrandbits(104):026x}",
        name=name,
    )


def somebody(dice: random.Random, country: str, state: str | None) -> Address:
    """A person at home in the country, and in the state where taxes differ by state."""
    city, postal_code = dice.choice(CITIES[country, state])
    return Address(
        first_name=dice.choice(FIRST_NAMES[country]),
        last_name=dice.choice(LAST_NAMES[country]),
        address1=dice.choice(STREETS[country]).format(dice.randint(1, 240)),
        address2="c/o the lodge — leave with “Åse”" if dice.random() < 0.1 else None,
        company="Fjällräv & Söhne Ltd" if dice.random() < 0.08 else None,
        city=city,
        postal_code=postal_code,
        country_code=country,
        state_code=state,
        phone=f"+44 7700 900{dice.randint(0, 999):03d}" if dice.random() < 0.7 else None,
    )
