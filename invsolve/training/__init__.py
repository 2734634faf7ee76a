"""The abstract `Task` of `invsolve train`, and the randomness of its batches."""

from invsolve.training.randomness import generator as generator
from invsolve.training.randomness import numbers as numbers
from invsolve.training.shard import Shard as Shard
from invsolve.training.task import Task as Task
from invsolve.training.task import device_of_network as device_of_network
