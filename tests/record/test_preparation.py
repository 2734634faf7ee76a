import pytest
import torch

from invsolve.errors import CapabilityError
from invsolve.files.json_file import write_json
from invsolve.media import Recording
from invsolve.operator.pipeline import Scaled
from invsolve.record.bibliography import bibtex
from invsolve.record.device import device_of
from invsolve.record.execution import space_of
from invsolve.video.space import VideoSpace


def recording(space, truth_space=None):
    truth = None if truth_space is None else torch.zeros(1, *truth_space.shape)
    video = torch.zeros(1, *space.shape)
    return Recording(video=video, space=space, name="a", sha256="", truth=truth, truth_space=truth_space)


SPACE = VideoSpace(2, 4, 5, 3, frame_rate=30.0, transfer="linear")


def test_the_space_is_that_of_the_truth_where_it_fits():
    truth_space = VideoSpace(2, 4, 5, 3, frame_rate=60.0, transfer="linear")
    assert space_of(Scaled(factor=0.5), recording(SPACE, truth_space)) == truth_space


@pytest.mark.parametrize("truth_space", [None, VideoSpace(3, 4, 5, 3)])
def test_else_it_is_the_smallest(truth_space):
    assert space_of(Scaled(factor=0.5), recording(SPACE, truth_space)) == SPACE


def test_devices():
    assert device_of("cpu") == torch.device("cpu")
    assert device_of("auto").type == ("cuda" if torch.cuda.is_available() else "cpu")
    with pytest.raises(CapabilityError, match=r"no device 'cuda:99'.*Use 'cpu'"):
        device_of("cuda:99")


def test_bibtex():
    assert bibtex(("@a{x}\n", " @b{y}")) == "@a{x}\n\n@b{y}\n"
    assert bibtex(()).startswith("%")


def test_json_holds_no_nan(tmp_path):
    with pytest.raises(ValueError, match="JSON"):
        write_json(tmp_path / "a.json", {"a": float("nan")})
    assert list(tmp_path.iterdir()) == []
