"""All studies, by name."""

from typing import Final

from tests.reliability.command_lines import CommandLines
from tests.reliability.damaged_files import DamagedFiles
from tests.reliability.full_disks import FullDisks
from tests.reliability.kills import Kills
from tests.reliability.plugins import Plugins
from tests.reliability.power_loss import PowerLoss
from tests.reliability.recipes import Recipes
from tests.reliability.solves import Solves
from tests.reliability.study import Study

STUDIES: Final[dict[str, type[Study]]] = {
    study.name: study for study in (Recipes, CommandLines, DamagedFiles, Plugins, Kills, FullDisks, PowerLoss, Solves)
}
