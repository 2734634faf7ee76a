"""Hypothesis strategies that draw small printable cases, never tensors."""

import os
from typing import Final

from hypothesis import HealthCheck, Phase, Verbosity, settings
from hypothesis import strategies as st

from invsolve.testing.sizes import Sizes, Wanted
from invsolve.video.space import VideoSpace

PROFILE: Final = "INVSOLVE_CHECKS"
"""Environment variable that chooses how many cases each law is tried on: `ci` (few) or `thorough`."""


EXAMPLES: Final = {"ci": (5, 2), "thorough": (100, 25)}  # of most laws, of heavy ones

SETTINGS: Final = settings(
    deadline=None,
    derandomize=True,
    database=None,
    print_blob=False,
    verbosity=Verbosity.quiet,  # a broken law prints its case itself, in one line
    phases=(Phase.explicit, Phase.generate, Phase.shrink),
    suppress_health_check=[
        HealthCheck.differing_executors,
        HealthCheck.too_slow,
        HealthCheck.filter_too_much,
        HealthCheck.function_scoped_fixture,
    ],
)
"""Hypothesis settings of the kit: reproducible, without deadlines, without a database on disk."""


def examples(heavy: bool = False) -> int:
    """The number of cases for each law, from the environment variable INVSOLVE_CHECKS."""
    name = os.environ.get(PROFILE, "ci")
    if name not in EXAMPLES:
        raise ValueError(f"{PROFILE} must be one of {', '.join(EXAMPLES)}, got {name!r}.")
    return EXAMPLES[name][heavy]


def wanted(sizes: Sizes, dtypes: tuple[str, ...] = ("float64", "float32")) -> st.SearchStrategy[Wanted]:
    """Cases for an operator: observations of the given sizes, batches of one and two, dtypes, seeds."""
    observed = st.builds(
        VideoSpace,
        channels=st.sampled_from(sizes.channels),
        frames=st.sampled_from(sizes.frames),
        height=st.sampled_from(sizes.height),
        width=st.sampled_from(sizes.width),
    )
    return st.builds(
        Wanted,
        observed,
        b=st.integers(1, 2),
        dtype=st.sampled_from(dtypes),
        seed=st.integers(0, 99),
        slack=st.sampled_from(sizes.slack),
    )
