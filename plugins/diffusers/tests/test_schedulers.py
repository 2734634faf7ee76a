"""Schedules are what diffusers' own classes make of a file: full, minimal, and left over from another class."""

import inspect
import json
import math

import diffusers
import numpy as np
import pytest

from invsolve.errors import CapabilityError, ReadError
from invsolve_diffusers.configuration.autoencoder_fields import AUTOENCODERS
from invsolve_diffusers.configuration.scheduler import Scheduler
from invsolve_diffusers.configuration.scheduler_classes import SCHEDULER_CLASSES
from invsolve_diffusers.configuration.scheduler_fields import SCHEDULER_FIELDS
from invsolve_diffusers.families.known import families
from invsolve_diffusers.families.noise import Consistency, RectifiedFlow, Table
from invsolve_diffusers.priors.diffusers import Diffusers

pytestmark = pytest.mark.filterwarnings("ignore:__array_:DeprecationWarning")  # of diffusers' own
TABLES = [name for name, each in SCHEDULER_CLASSES.items() if "table" in each.kinds]
LENGTHY = [name for name in TABLES if name.startswith("KDPM2")]  # a second for each of their constructors
QUICK = [name for name in TABLES if name not in LENGTHY]
EITHER = [name for name, each in SCHEDULER_CLASSES.items() if each.kinds == ("table", "flow")]
FLOWS = [name for name, each in SCHEDULER_CLASSES.items() if each.kinds == ("flow",)]
SPREAD = {
    "num_train_timesteps": 800,
    "beta_start": 0.0007,
    "beta_end": 0.013,
    "beta_schedule": "scaled_linear",
    "prediction_type": "v_prediction",
    "rescale_betas_zero_snr": True,
    "snr_shift_scale": 2.0,
}


def saved(scheduler):
    """What `save_pretrained` writes."""
    return json.loads(scheduler.to_json_string())


def fields(name):
    return set(inspect.signature(getattr(diffusers, name).__init__).parameters) - {"self"}


def table(said):
    return Table().schedule(Scheduler.read(said, "here"), None).alphas_cumprod


def reference(scheduler):
    return np.asarray(scheduler.alphas_cumprod, dtype=np.float64)


def test_there_are_enough():
    assert len(SCHEDULER_CLASSES) >= 14


@pytest.mark.parametrize("name", SCHEDULER_CLASSES)
def test_every_field_of_a_scheduler_has_a_line(name):
    """Fails where a new version of diffusers has a new field: what it does to a prior must be decided."""
    assert set(SCHEDULER_CLASSES[name].fields) == fields(name)
    assert len(SCHEDULER_CLASSES[name].fields) == len(fields(name))
    assert set(SCHEDULER_CLASSES[name].fields) <= set(SCHEDULER_FIELDS)


def test_every_line_is_of_a_field():
    assert set(SCHEDULER_FIELDS) == {field for each in SCHEDULER_CLASSES.values() for field in each.fields}


@pytest.mark.parametrize("name", sorted({family.decoder_class for family in families()} - {""}))
def test_every_field_of_an_autoencoder_has_a_line(name):
    assert set(AUTOENCODERS[name]) == fields(name)


@pytest.mark.parametrize("name", [*QUICK, *(pytest.param(name, marks=pytest.mark.slow) for name in LENGTHY)])
def test_a_table_of_a_full_and_of_a_minimal_file(name):
    made = getattr(diffusers, name)(**{key: value for key, value in SPREAD.items() if key in fields(name)})
    np.testing.assert_allclose(table(saved(made)), reference(made), atol=1e-6)
    plain = getattr(diffusers, name)()
    np.testing.assert_allclose(table({"_class_name": name}), reference(plain), atol=1e-6)
    assert abs(reference(plain) - reference(made)[np.linspace(0, 799, len(reference(plain)), dtype=int)]).max() > 0.01
    other = getattr(diffusers, name)(beta_schedule="squaredcos_cap_v2", num_train_timesteps=50)
    np.testing.assert_allclose(table(saved(other)), reference(other), atol=1e-6)


@pytest.mark.parametrize("name", [*QUICK, *(pytest.param(name, marks=pytest.mark.slow) for name in LENGTHY)])
@pytest.mark.parametrize(
    "before",
    [
        "CogVideoXDDIMScheduler",
        pytest.param("EulerDiscreteScheduler", marks=pytest.mark.slow),
        pytest.param("UniPCMultistepScheduler", marks=pytest.mark.slow),
    ],
)
def test_a_table_of_a_swapped_scheduler(name, before):
    """A file made by `from_config` of another class holds that class's fields, and which of them were its defaults."""
    given = {key: value for key, value in SPREAD.items() if key in fields(before) and key != "beta_end"}
    swapped = getattr(diffusers, name).from_config(getattr(diffusers, before)(**given).config)
    said = saved(swapped)
    np.testing.assert_allclose(table(said), reference(swapped), atol=1e-6)


def flow(said, **law):
    return RectifiedFlow(**law).schedule(Scheduler.read(said, "here"), None)


@pytest.mark.parametrize("name", FLOWS)
def test_flows(name):
    for given in ({}, {"shift": 5.0}):
        made = getattr(diffusers, name)(**given)
        ours = [level.s for level in flow(saved(made)).levels(1000)[:-1]]
        np.testing.assert_allclose(ours, made.sigmas[:1000], atol=1e-6)
    np.testing.assert_allclose(
        [level.s for level in flow({"_class_name": name}).levels(4)], [1.0, 0.75, 0.5, 0.25, 0.0], atol=1e-12
    )


@pytest.mark.parametrize("name", EITHER)
def test_multistep_solvers_of_flows(name):
    """Their levels, shifted back, stand at equal distances."""
    made = getattr(diffusers, name)(use_flow_sigmas=True, prediction_type="flow_prediction", flow_shift=3.0)
    made.set_timesteps(20)
    k = flow(saved(made)).shift
    sigmas = np.asarray(made.sigmas, dtype=np.float64)[:20]
    times = sigmas / (k - (k - 1) * sigmas)
    assert k == 3.0
    np.testing.assert_allclose(np.diff(times), np.diff(times).mean(), atol=5e-6)  # UniPC takes 1e-6 off 1.0


def test_a_shift_beside_one_that_an_earlier_class_left():
    old = diffusers.UniPCMultistepScheduler(use_flow_sigmas=True, prediction_type="flow_prediction", flow_shift=3.0)
    new = diffusers.FlowMatchEulerDiscreteScheduler.from_config(old.config, shift=5.0)
    said = saved(new)
    assert (said["shift"], said["flow_shift"]) == (5.0, 3.0)
    assert flow(said).shift == 5.0


@pytest.mark.parametrize("kind", ["exponential", "linear"])
def test_a_shift_that_grows_with_the_number_of_tokens(kind):
    made = diffusers.FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True, time_shift_type=kind)
    m = 0.5 + 0.65 * (1000 - 256) / (4096 - 256)
    made.set_timesteps(sigmas=[1.0, 0.7, 0.2], mu=m)
    schedule = flow(saved(made), tokens=1000)
    assert schedule.shift == pytest.approx(math.exp(m) if kind == "exponential" else m)
    k = schedule.shift
    np.testing.assert_allclose([k * t / (1 + (k - 1) * t) for t in (1.0, 0.7, 0.2)], made.sigmas[:3].numpy(), atol=1e-6)
    with pytest.raises(CapabilityError, match=r"grows with the size .use_dynamic_shifting.*give it a `shift`"):
        flow(saved(made))


def test_a_consistency_model():
    made = diffusers.CMStochasticIterativeScheduler(sigma_max=50.0, num_train_timesteps=12)
    made.set_timesteps(12)
    schedule = Consistency().schedule(Scheduler.read(saved(made), "here"), None)
    ours = np.array([level.s for level in schedule.levels(12, "karras")[:-1]])
    np.testing.assert_allclose(ours / made.sigmas[:12].numpy(), 1.0, atol=1e-6)
    for sigma, time in zip(ours, made.timesteps, strict=True):
        level = schedule.at(sigma)
        assert Consistency().time(level) == pytest.approx(float(time), abs=1e-4)


@pytest.mark.parametrize(
    ("said", "error", "match"),
    [
        ({}, CapabilityError, r"of the class 'None', which is not known here\. Known are: CogVideoXDDIM"),
        ({"_class_name": "DDIMSchedular"}, CapabilityError, "Did you mean 'DDIMScheduler'"),
        ({"_class_name": "EDMEulerScheduler"}, CapabilityError, "EDMEulerScheduler', which is not known"),
        ({"_class_name": "DDIMScheduler", "beta_schedule": "odd"}, ReadError, "is not one of DDIMScheduler: odd"),
        (
            {"_class_name": "EulerDiscreteScheduler", "timestep_type": "continuous", "prediction_type": "v_prediction"},
            CapabilityError,
            "timestep_type: 'continuous'.*'discrete' alone is supported",
        ),
        (
            {"_class_name": "UniPCMultistepScheduler", "use_flow_sigmas": True},
            CapabilityError,
            "use_flow_sigmas: True with prediction_type: epsilon",
        ),
    ],
)
def test_refused_files(said, error, match):
    with pytest.raises(error, match=match):
        assert Scheduler.read(said, "here").kind


@pytest.mark.parametrize(
    ("family", "said", "match"),
    [
        ("cogvideox", {"_class_name": "FlowMatchEulerDiscreteScheduler"}, "a rectified flow, .* on a table of noise"),
        ("wan", {"_class_name": "DDIMScheduler"}, "a table of noise levels, .* on a rectified flow"),
        ("wan", {"_class_name": "UniPCMultistepScheduler"}, "a table of noise levels, .* on a rectified flow"),
        ("unet3d", {"_class_name": "CMStochasticIterativeScheduler"}, "a consistency model, .* on a table"),
        ("mochi", {"_class_name": "FlowMatchEulerDiscreteScheduler"}, "invert_sigmas: False, .* trained with True"),
        ("hunyuan", {"_class_name": "FlowMatchEulerDiscreteScheduler", "invert_sigmas": True}, "trained with False"),
    ],
)
def test_schedulers_beside_models_of_another_kind(tiny, copied, family, said, match):
    folder = copied(family)
    (folder / "scheduler" / "scheduler_config.json").write_text(json.dumps(said), encoding="utf-8")
    with pytest.raises(CapabilityError, match=match):
        assert Diffusers(str(folder)).schedule


@pytest.mark.parametrize(
    ("family", "field", "value", "match"),
    [
        ("unet3d", "shift_factor", 0.1, r"shift_factor: 0.1, and None alone is supported .the pipelines of this fam"),
        ("cogvideox", "latents_mean", [0.1] * 4, "latents_mean"),
        ("cogvideox", "temporal_compression_ratio", 8, "8, and 4 alone"),
        ("wan", "is_residual", True, "autoencoder of Wan 2.2"),
        ("hunyuan", "in_channels", 1, "videos have three channels"),
    ],
)
def test_refused_autoencoders(copied, family, field, value, match):
    folder = copied(family)
    path = folder / "vae" / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), field: value}), encoding="utf-8")
    with pytest.raises(CapabilityError, match=match):
        assert Diffusers(str(folder)).schedule


def test_every_refused_and_used_field_is_told_from_the_rest():
    """The words of the table are those of its type, and a refusal says what is taken."""
    every = [*SCHEDULER_FIELDS.values(), *(field for each in AUTOENCODERS.values() for field in each.values())]
    assert {field.effect for field in every} == {"used", "architecture", "without effect", "refused"}
    assert all(field.only is None for field in every if field.effect != "refused")
