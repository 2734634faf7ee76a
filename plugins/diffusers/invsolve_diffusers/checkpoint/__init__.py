"""Checkpoints: folders in diffusers' layout, from the hub or from disk."""

from invsolve_diffusers.checkpoint.checkpoint import DECODER_FOLDER as DECODER_FOLDER
from invsolve_diffusers.checkpoint.checkpoint import IMAGE_BRANCH as IMAGE_BRANCH
from invsolve_diffusers.checkpoint.checkpoint import SCHEDULER_FOLDER as SCHEDULER_FOLDER
from invsolve_diffusers.checkpoint.checkpoint import Checkpoint as Checkpoint
from invsolve_diffusers.checkpoint.checkpoint import Module as Module
