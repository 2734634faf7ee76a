"""Parts that return something else than their contract says."""

from typing import final

import attrs
import torch

import invsolve as iv
from invsolve.noise import GaussianNoise, Noise
from invsolve.prior.conditional import Conditional
from invsolve.sampler.guided import Guided
from invsolve_samplers import DDIMKernel
from tests.core.parts import StandardNormal, Walk

Y = torch.rand(1, 3, 1, 16, 16, generator=torch.Generator().manual_seed(0))

WRONG = {
    "None": lambda right: None,
    "one row too many": lambda right: torch.nn.functional.pad(right, (0, 0, 0, 1)),
    "one number": lambda right: right.mean().reshape(1, 1, 1, 1, 1),
    "a list": lambda right: right.tolist(),
    "float64": lambda right: right.double(),
    "numpy": lambda right: right.detach().numpy(),
}
SAID = {
    "None": "returned {field}None, expected a tensor of shape (1, 3, 1, 16, 16)",
    "one row too many": "returned {field}(1, 3, 1, 17, 16), expected (1, 3, 1, 16, 16)",
    "one number": "returned {field}(1, 1, 1, 1, 1), expected (1, 3, 1, 16, 16)",
    "a list": "returned {field}a list, expected a tensor of shape (1, 3, 1, 16, 16)",
    "float64": "returned {field}torch.float64, expected torch.float32",
    "numpy": "returned {field}a ndarray, expected a tensor of shape (1, 3, 1, 16, 16)",
}


@final
@attrs.frozen
class BadPrior(iv.Prior):
    """The standard normal law, but for one method."""

    method: str = ""
    wrong: str = ""
    schedule: iv.Schedule = iv.DiscreteSchedule()

    def spoiled(self, method, right):
        return WRONG[self.wrong](right) if method == self.method else right

    def latent_shape(self, space):
        return self.wrong if self.method == "latent_shape" else space.shape

    def encode(self, video):
        return self.spoiled("encode", video)

    def decode(self, z):
        return self.spoiled("decode", z)

    def predict(self, z, level, condition=None):
        right = StandardNormal().predict(z, level)
        if self.method == "predict":
            return self.wrong
        return iv.Prediction(self.spoiled("z0", right.z0), self.spoiled("eps", right.eps))


@final
@attrs.frozen(eq=False)
class BadLaw(Conditional):
    """The law of one video, but for its mean or its draws."""

    video: torch.Tensor
    method: str
    wrong: str

    @property
    def mean(self):
        return WRONG[self.wrong](self.video) if self.method == "mean" else self.video

    def sample(self, rng):
        return WRONG[self.wrong](self.video) if self.method == "draw" else self.video


@final
@attrs.frozen
class BadTractable(iv.TractablePrior):
    """The standard normal law, but for what it says of an observation."""

    method: str
    wrong: str = ""
    schedule: iv.Schedule = iv.DiscreteSchedule()

    def latent_shape(self, space):
        return space.shape

    def encode(self, video):
        return video

    def decode(self, z):
        return z

    def predict(self, z, level, condition=None):
        return StandardNormal().predict(z, level, condition)

    def conditional(self, z, level, operator, observation, noise_std):
        return BadLaw(observation, self.method, self.wrong) if self.wrong else 5


@final
@attrs.frozen
class BadOperator(iv.LinearOperator):
    """The identity, but for one method."""

    method: str = ""
    wrong: str = ""

    def forward(self, x):
        return WRONG[self.wrong](x) if self.method == "forward" else x

    def adjoint(self, y):
        return WRONG[self.wrong](y) if self.method == "adjoint" else y

    def pseudo_inverse(self, y):
        return WRONG[self.wrong](y) if self.method == "pseudo_inverse" else y

    def output_space(self, space):
        return None if self.method == "output_space" else space

    def input_space(self, observed):
        return 5 if self.method == "input_space" else observed


@final
@attrs.frozen
class BadNoise(Noise):
    """Gaussian noise, but for one method."""

    method: str = ""
    wrong: str = ""

    def sample(self, mean, rng):
        return mean

    def negative_log_likelihood(self, y, mean):
        right = GaussianNoise(0.1).negative_log_likelihood(y, mean)
        return right[0] if self.method == "negative_log_likelihood" else right

    def standard_deviation(self, mean):
        right = torch.full_like(mean, 0.1)
        if self.method == "nan":
            return right * torch.nan
        return WRONG[self.wrong](right) if self.method == "standard_deviation" else right


@final
@attrs.frozen
class BadRule(iv.Guidance):
    """No guidance, but for one field of what it returns."""

    field: str = ""
    wrong: str = ""

    def step(self, problem, kernel, z, level, target, rng):
        prediction = problem.predict(z, level)
        stepped, info = kernel.step(z, prediction, level, target, rng), {"misfit": z.new_zeros(len(z))}
        if self.field == "z":
            stepped = WRONG[self.wrong](stepped)
        if self.field == "eps":
            prediction = iv.Prediction(prediction.z0, WRONG[self.wrong](prediction.eps))
        if self.field == "info":
            info = self.wrong
        if self.field == "misfit":
            info = {"misfit": 0.5}
        return Guided(stepped, prediction, info)


@final
@attrs.frozen
class BadKernel(iv.Kernel):
    """DDIM, but for the shape."""

    wrong: str

    def step(self, z, prediction, level, target, rng):
        return WRONG[self.wrong](DDIMKernel().step(z, prediction, level, target, rng))


@final
@attrs.frozen
class BadSampler(iv.Sampler):
    """A walk, but for what it returns."""

    method: str
    wrong: str = ""
    steps: int = 3

    def init(self, problem, rng):
        return Walk(steps=3).init(problem, rng)

    def step(self, problem, state, i, rng):
        state, info = Walk(steps=3).step(problem, state, i, rng)
        return {"step": state, "record": (state, {"misfit": 0.0})}.get(self.method, (state, info))

    def estimate(self, problem, state):
        return WRONG[self.wrong](state) if self.method == "estimate" else state
