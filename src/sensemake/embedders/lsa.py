"""Vectors of texts by the words they share, for languages that the embedding model does not speak.

Latent semantic analysis (Deerwester et al. 1990): TF-IDF of stems, brought down to a few directions. Such vectors can
be compared with each other only, and only those of one call.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sensemake.rules import analysis, grouping

DIMENSIONS = 100
"""Directions at most (Bradford 2008 finds 300 to 500 for millions of texts, and fewer for fewer)."""
SHARE = 0.5
"""What is said in more of the texts says nothing."""


def vectors(texts: Sequence[tuple[str, str | None]]) -> NDArray[np.float32]:
    """Unit vectors of (text, language), shape (texts, at most DIMENSIONS); a text that shares no word is all zeros."""
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer

    said = [[token.term for token in analysis.tokens(text, language)] for text, language in texts]
    counter = TfidfVectorizer(analyzer=list, min_df=2, max_df=SHARE, sublinear_tf=True)
    try:
        weights = counter.fit_transform(said)
    except ValueError:  # no word is in two texts
        return np.zeros((len(texts), 1), np.float32)
    directions = min(DIMENSIONS, weights.shape[1], len(texts) - 1)
    if directions < 2:
        return np.zeros((len(texts), 1), np.float32)
    found = TruncatedSVD(directions, random_state=42).fit_transform(weights)
    return grouping.unit(np.asarray(found, np.float64)).astype(np.float32)
