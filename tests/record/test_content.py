"""What was solved is known by its content: the same names with other content begin anew, or are refused."""

import numpy as np
import pytest
from PIL import Image

from invsolve.errors import UsageError
from invsolve.media import FramesReader, ImageReader, NpzReader, SimulateReader
from invsolve.parts import content_of
from invsolve.record.sameness import require_same
from invsolve_operators import Convolution


def picture(path, level):
    path.parent.mkdir(exist_ok=True)
    Image.fromarray(np.full((8, 8), level, np.uint8)).save(path)
    return path


def test_content_counts_and_names_do_not(tmp_path):
    here, same, other = (picture(tmp_path / name / "0.png", level) for name, level in (("a", 1), ("b", 1), ("c", 2)))
    assert content_of(ImageReader(path=here)) == content_of(ImageReader(path=same))
    assert content_of(ImageReader(path=here)) != content_of(ImageReader(path=other))
    assert content_of(ImageReader(path=here)) != content_of(ImageReader(path=here, channels="rgb"))
    assert content_of(ImageReader(path=here)) != content_of(NpzReader(path=here))
    nested = [content_of(SimulateReader(from_=ImageReader(path=path))) for path in (here, same, other)]
    assert nested[0] == nested[1] != nested[2]


def test_content_of_a_folder(tmp_path):
    for name in ("a", "b", "c"):
        picture(tmp_path / name / "0.png", 3)
        picture(tmp_path / name / "1.png", 9 if name == "c" else 4)
    first, same, other = (content_of(FramesReader(path=tmp_path / name)) for name in "abc")
    assert first == same != other
    picture(tmp_path / "b" / "2.png", 5)
    assert content_of(FramesReader(path=tmp_path / "b")) != first


def test_content_of_a_kernel(tmp_path):
    path = picture(tmp_path / "kernel.png", 7)
    before = content_of(Convolution(file=path))
    picture(path, 8)
    assert content_of(Convolution(file=path)) != before


@pytest.mark.parametrize(
    ("change", "said"),
    [({"input": {"name": "a", "sha256": "2"}}, "the input 'a'"), ({"files": {"operator.file": "9"}}, "operator.file")],
)
def test_a_run_is_not_resumed_with_other_content(tmp_path, change, said):
    earlier = {"input": {"name": "a", "sha256": "1"}, "files": {"operator.file": "8"}}
    require_same(earlier, earlier, tmp_path)
    with pytest.raises(UsageError, match=rf"{said}.*changed since it began. Run without --resume"):
        require_same(earlier, earlier | change, tmp_path)
