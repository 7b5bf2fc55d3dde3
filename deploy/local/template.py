"""Templates: ${UPPER_CASE} is filled in, all else stays as it is."""

import re
from collections.abc import Mapping
from pathlib import Path

# The same words the nginx image's own envsubst fills in, so one file serves every mode.
WORD = re.compile(r"\$\{([A-Z][A-Z0-9_]*)\}")


def fill(template: Path, words: Mapping[str, str | int]) -> str:
    return WORD.sub(lambda found: str(words[found[1]]), template.read_text())
