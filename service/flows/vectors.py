"""Vectors for units that the corpus lacks, whoever found that it does."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from service.domain.tokens import surface

Vector = npt.NDArray[np.float16]
Embed = Callable[[Sequence[str]], npt.NDArray[np.float16]]


def complete(texts: Mapping[str, str], vectors: Mapping[str, Vector], fresh: Sequence[str], embed: Embed) -> dict[str, Vector]:
    """Of the units `fresh`; what was held when the article was prepared may have gone since, and is embedded now."""
    found = {key: vectors[key] for key in fresh if key in vectors}
    missing = [key for key in fresh if key not in found]
    if missing:
        found.update(zip(missing, embed([surface(texts[key]) for key in missing]), strict=True))
    return found
