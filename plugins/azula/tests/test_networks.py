"""The networks of EDM and EDM2 against numbers that their authors' code gave for the same parameters.

NVlabs/edm at 008a4e5 and NVlabs/edm2 at 4bf8162, run once on a CPU; parameters by `filled`, in their names.
"""

import importlib.util
from pathlib import Path

import pytest
import torch

from invsolve import EDMSchedule
from invsolve_azula.families.known import family_named

SPEC = importlib.util.spec_from_file_location("filled", Path(__file__).with_name("filled.py"))
FILLED = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(FILLED)

SONG = {"model_type": "SongUNet", "img_resolution": 8, "img_channels": 3, "channel_mult": [1, 2], "num_blocks": 1}
NCSN = {
    "label_dim": 3,
    "augment_dim": 9,
    "model_channels": 16,
    "attn_resolutions": [4],
    "embedding_type": "fourier",
    "encoder_type": "residual",
    "channel_mult_noise": 2,
    "resample_filter": [1, 3, 3, 1],
}
SMALL = {
    "img_resolution": 8,
    "img_channels": 3,
    "label_dim": 3,
    "model_channels": 64,
    "channel_mult": [1, 2],
    "num_blocks": 1,
    "attn_resolutions": [4],
}
THEIRS = [
    (
        "edm",
        "model.",
        SONG | NCSN,
        [3.572165, -2.490065, 4.193668, 1.653464],
        [5.284317, -3.843243, 4.917181, 2.141411],
    ),
    (
        "edm",
        "model.",
        SONG | {"model_channels": 16, "attn_resolutions": [8]},
        [0.970151, -0.012288, 1.884357, 0.84509],
        [1.801363, -0.502148, 1.777863, 1.098856],
    ),
    (
        "edm",
        "model.",
        SMALL | {"model_type": "DhariwalUNet"},
        [-0.072312, 1.075654, 1.96261, 0.827461],
        [0.546223, 1.35266, 1.953485, 0.862285],
    ),
    ("edm2", "unet.", SMALL, [0.439456, 0.961766, 1.153667, 0.502111], [1.051806, 1.089037, 0.848458, 0.313802]),
]


@pytest.mark.parametrize(
    ("name", "prefix", "config", "little", "much"), THEIRS, ids=["ncsnpp", "ddpmpp", "adm", "edm2"]
)
def test_the_same_parameters_give_the_numbers_of_its_authors(name, prefix, config, little, much):
    family = family_named(name)
    network = family.network(config).eval().requires_grad_(False)
    shapes = {f"{prefix}{key}": tuple(value.shape) for key, value in network.state_dict().items()}
    if name == "edm2":  # their file has these too, and the formula counts names
        shapes |= {"logvar_fourier.freqs": (128,), "logvar_fourier.phases": (128,), "logvar_linear.weight": (1, 128)}
    state = FILLED.filled(shapes)
    network.load_state_dict(
        {key.removeprefix(prefix): value for key, value in state.items() if key.startswith(prefix)}, strict=False
    )
    x = torch.cos(torch.arange(2 * 3 * 64) * 0.11).reshape(2, 3, 1, 8, 8)
    for sigma, label, expected in ((0.5, None, little), (20.0, 1 if "label_dim" in config else None, much)):
        found = family.predict(network, config, x * (1 + sigma), EDMSchedule().at(sigma), label).z0
        numbers = [*found[1, :, 0, 2, 3].tolist(), float(found.double().std())]
        assert numbers == pytest.approx(expected, abs=5e-5)
