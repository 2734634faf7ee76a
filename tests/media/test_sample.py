import subprocess
import sys

import pytest

from invsolve.errors import ReadError
from invsolve.media import ReadContext, SampleReader
from invsolve.media.sample import PICTURES


@pytest.mark.parametrize("name", PICTURES)
def test_every_listed_picture_is_installed(name):
    recording = SampleReader(name=name, longest_side=64).read(ReadContext())
    assert max(recording.video.shape[-2:]) == 64
    assert recording.video.std() > 0.01
    assert recording.space.transfer == "srgb"


def test_coffee():
    recording = SampleReader(name="coffee").read(ReadContext())
    assert recording.space.shape == (3, 1, 400, 600)
    assert recording.name == "coffee"


def test_a_wrong_name_lists_the_right_ones():
    with pytest.raises(
        ReadError, match=r"no sample picture 'cofee'\. Did you mean 'coffee'\? Samples: astronaut, brick"
    ):
        SampleReader(name="cofee").read(ReadContext())


def test_scikit_image_is_not_imported():
    code = (
        "import sys; from invsolve.media import SampleReader, ReadContext;"
        "SampleReader(name='text').read(ReadContext()); sys.exit('skimage' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
