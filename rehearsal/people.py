"""Made-up tenants, customers and sentences; every number is one reserved for fiction."""

import itertools
import random
from collections.abc import Iterator
from typing import Final

TENANTS: Final = ("Tenant A", "Tenant B", "Tenant C")
SHARES: Final = (5, 3, 2)
"""How much of the traffic each tenant has."""
_FIRST: Final = ("Ada", "Ben", "Cleo", "Dev", "Esme", "Finn", "Gia", "Hugo", "Iris", "Jon")
_LAST: Final = ("Ash", "Birch", "Cedar", "Elm", "Fir", "Hazel", "Larch", "Maple", "Oak", "Rowan")
QUESTIONS: Final = (
    "Hi",
    "Hello, is the two bedroom flat still free?",
    "Your site shows error 500 when I open the brochure",
    "Can I visit on Thursday at 5?",
    "ok thanks",
    "How much is the service charge?\nAnd is parking included?",
    "I paid 500 as a deposit, please confirm",
    "Please send the floor plan again, the file gives an error",
    "Is there a view of the park?",
    "We are a family of five 🙂",
    "My budget is about 1 500 000",
    "Who do I talk to about the failed payment?",
    "Call me after six please",
    "Good morning",
)
"""What customers write; some of it looks like trouble to a careless search."""
REPLIES: Final = (
    "Of course, let me check that for you.",
    "Yes, Thursday at 5 works. See you there!",
    "Sorry about the error, here is the brochure as a file.",
    "The service charge is 14 per square foot and parking is included.",
    "I have sent you the location.",
    "Could you tell me your move-in date?",
)


def business_number(tenant: int) -> str:
    """The number that customers of the n-th tenant write to."""
    return f"+1555010{tenant}"


def fictional_phones() -> Iterator[str]:
    """Customers' numbers, each once: 555-0100 to 555-0199 of one area after the other."""
    for area, line in itertools.product(range(201, 990), range(100)):
        yield f"+1{area}55501{line:02d}"


def full_name(chance: random.Random) -> str:
    """The name of a customer."""
    return f"{chance.choice(_FIRST)} {chance.choice(_LAST)}"
