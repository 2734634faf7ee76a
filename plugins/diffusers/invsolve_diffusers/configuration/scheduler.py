"""`Scheduler`: a scheduler's file as diffusers' own class reads it."""

import inspect
import math
import warnings
from collections.abc import Mapping
from functools import cached_property
from typing import Any, Final, final

import attrs
import torch

from invsolve.errors import CapabilityError, ReadError, did_you_mean
from invsolve_diffusers.configuration.scheduler_classes import SCHEDULER_CLASSES, Kind
from invsolve_diffusers.configuration.scheduler_fields import SCHEDULER_FIELDS

TITLES: Final[Mapping[Kind, str]] = {
    "table": "a table of noise levels",
    "flow": "a rectified flow",
    "consistency": "a consistency model",
}


@final
@attrs.frozen(eq=False)
class Scheduler:
    """The class that a ``scheduler_config.json`` names, made of that file as diffusers makes it.

    What the file leaves out has the default of this class; what an earlier class left behind in it has no effect. Each
    field is used, refused or of a sampler only, as `SCHEDULER_FIELDS` says.

    Attributes:
        name: of the class.
        config: its fields, each with its value.
        made: the object of diffusers.
        where: the checkpoint, for messages.
    """

    name: str
    config: Mapping[str, Any]
    made: Any
    where: str

    @classmethod
    def read(cls, said: Mapping[str, Any], where: str) -> "Scheduler":
        """From what a file says.

        Raises:
            CapabilityError: for a class that is not known and for fields that make another kind of model.
            ReadError: for values that diffusers does not take.
        """
        import diffusers

        name = str(said.get("_class_name"))
        if name not in SCHEDULER_CLASSES:
            close = did_you_mean(name, SCHEDULER_CLASSES)
            raise CapabilityError(
                f"the scheduler of {where} is of the class {name!r}, which is not known here.{close} Known are: "
                f"{', '.join(SCHEDULER_CLASSES)}."
            )
        made_by: Any = getattr(diffusers, name)
        fields = SCHEDULER_CLASSES[name].fields
        # keys of other classes are dropped here as diffusers drops them, without its line on stderr
        own = {key: value for key, value in said.items() if key in fields or key == "_use_default_values"}
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)  # some constructors convert arrays in an old way
                made = made_by.from_config(own)
        except (TypeError, ValueError, NotImplementedError, ArithmeticError, RuntimeError) as error:
            raise ReadError(
                f"the scheduler_config.json of {where} is not one of {name}: {' '.join(str(error).split())[:200]}"
            ) from error
        config = {key: made.config[key] for key in inspect.signature(made_by.__init__).parameters if key in made.config}
        for key, value in config.items():
            field = SCHEDULER_FIELDS.get(key)
            if field is not None and field.effect == "refused" and value != field.only:
                raise CapabilityError(
                    f"the scheduler of {where} says {key}: {value!r} ({field.why}), and {field.only!r} alone is "
                    "supported."
                )
        return cls(name, config, made, where)

    @cached_property
    def kind(self) -> Kind:
        """A table, a flow or a consistency model; raises `CapabilityError` for a file that says two of them."""
        kinds = SCHEDULER_CLASSES[self.name].kinds
        if len(kinds) == 1:
            return kinds[0]
        flow, predicts = bool(self.config["use_flow_sigmas"]), self.config["prediction_type"] == "flow_prediction"
        if flow != predicts:
            raise CapabilityError(
                f"the scheduler of {self.where} says use_flow_sigmas: {flow} with prediction_type: "
                f"{self.config['prediction_type']}; a rectified flow has true and flow_prediction, a table neither."
            )
        return "flow" if flow else "table"

    def require(self, kind: Kind) -> None:
        """Raise `CapabilityError` unless it is of this kind."""
        if self.kind != kind:
            raise CapabilityError(
                f"the scheduler of {self.where}, {self.name}, speaks of {TITLES[self.kind]}, and the model was trained "
                f"on {TITLES[kind]}: one of the two is of another checkpoint."
            )

    @cached_property
    def betas(self) -> tuple[float, ...]:
        """``beta_t = 1 - abar_t / abar_{t-1}`` of the table that diffusers made, in float64."""
        abar = torch.as_tensor(self.made.alphas_cumprod).to(torch.float64)
        ratio = abar / torch.cat([abar.new_ones(1), abar[:-1]])
        return tuple((1 - ratio).tolist())

    def shift(self, tokens: int | None) -> float:
        """Of a rectified flow's times: ``k`` in ``k t / (1 + (k - 1) t)``.

        Where it grows with the number of tokens, ``m`` runs linearly from ``base_shift`` at ``base_image_seq_len`` to
        ``max_shift`` at ``max_image_seq_len``, and the shift is ``exp(m)``, or ``m`` if ``time_shift_type`` is linear.

        Args:
            tokens: to take it at, or None for models that are not known to grow.

        Raises:
            CapabilityError: where it grows and nothing says how.
        """
        config = self.config
        if not config.get("use_dynamic_shifting", False):
            return float(config["flow_shift"] if "flow_shift" in config else config["shift"])
        if tokens is None or "base_shift" not in config:
            raise CapabilityError(
                f"the shift of {self.where} grows with the size (use_dynamic_shifting), by a rule that its pipeline "
                "keeps to itself; give it a `shift`."
            )
        fewest, most = config["base_image_seq_len"], config["max_image_seq_len"]
        low, high = config["base_shift"], config["max_shift"]
        m = float(low + (high - low) * (tokens - fewest) / (most - fewest))
        return math.exp(m) if config["time_shift_type"] == "exponential" else m
