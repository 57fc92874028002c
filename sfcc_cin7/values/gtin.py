"""Trade item numbers (GTIN): the code under a barcode.

A UPC of twelve digits is the EAN of thirteen with a zero before it, and both are a GTIN-14 with
more of them: GS1 General Specifications, section 1.4. A barcode is a text, never a number.
"""

LENGTHS = (8, 12, 13, 14)


def gtin(code: str) -> str:
    """What two spellings of one code have in common; other texts but for their blanks."""
    bare = "".join(code.split()).replace("-", "")
    if not (bare.isascii() and bare.isdigit()):
        return code.strip()
    return bare.lstrip("0") or bare


def is_gtin(code: str) -> bool:
    """Whether it is as long as a trade item number, and its check digit is right."""
    bare = "".join(code.split()).replace("-", "")
    if not (bare.isascii() and bare.isdigit()) or len(bare) not in LENGTHS:
        return False
    *body, check = (int(digit) for digit in bare)
    weighted = sum(digit * (1 if place % 2 else 3) for place, digit in enumerate(reversed(body)))
    return -weighted % 10 == check
