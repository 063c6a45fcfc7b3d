"""Makes the samples importable wherever the tests run from."""

import sys
from pathlib import Path

_ROOT = str(Path(__file__).parents[2])
if _ROOT not in sys.path:
    # Last, so that an installed wheel is tested and not the checkout.
    sys.path.append(_ROOT)
