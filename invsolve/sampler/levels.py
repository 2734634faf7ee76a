"""`levels_of`: the levels of a schedule, looked at."""

from invsolve.returned import refuse
from invsolve.schedule.schedule import NoiseLevel, Schedule, Spacing
from invsolve.validators import shown


def levels_of(schedule: Schedule, steps: int, spacing: Spacing) -> tuple[NoiseLevel, ...]:
    """``schedule.levels(steps, spacing)``, where that is ``steps + 1`` levels.

    Raises what it raises, and `BrokenPlugin` where it returned anything else.
    """
    levels: object = schedule.levels(steps, spacing)
    expected = f"a tuple of {steps + 1} noise levels"
    if not isinstance(levels, tuple):
        refuse(schedule, "levels", shown(levels), expected)
    if len(levels) != steps + 1:
        refuse(schedule, "levels", f"{len(levels)}", expected)
    for level in levels:
        if not isinstance(level, NoiseLevel):
            refuse(schedule, "levels", f"a tuple with {shown(level)} in it", expected)
    return levels
