"""Schedules: the noise levels that a prior was made for."""

from invsolve.schedule.discrete import DiscreteSchedule as DiscreteSchedule
from invsolve.schedule.edm import EDMSchedule as EDMSchedule
from invsolve.schedule.rectified_flow import FlowSchedule as FlowSchedule
from invsolve.schedule.schedule import CLEAN as CLEAN
from invsolve.schedule.schedule import NoiseLevel as NoiseLevel
from invsolve.schedule.schedule import Schedule as Schedule
from invsolve.schedule.schedule import Spacing as Spacing
from invsolve.schedule.spacing import karras_sigmas as karras_sigmas
from invsolve.schedule.vp import VPSchedule as VPSchedule
