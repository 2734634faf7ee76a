"""The abstract `Task` of `invsolve train`, and the randomness of its batches."""

from invsolve.training.bfloat16 import is_quick_in_bfloat16 as is_quick_in_bfloat16
from invsolve.training.randomness import generator as generator
from invsolve.training.randomness import numbers as numbers
from invsolve.training.shard import Shard as Shard
from invsolve.training.task import Task as Task
from invsolve.training.task import device_of_network as device_of_network
