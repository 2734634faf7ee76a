"""Two evaluations of the same clips share them: each clip is solved once."""

from pathlib import Path

import numpy as np
import pytest

from invsolve.evaluation.clips import numbered_clips
from invsolve.evaluation.evaluation import Done, Evaluation
from invsolve.files.claim import Claim
from invsolve.recipe import load
from tests.evaluation.test_evaluate import RECIPE


def test_a_clip_that_another_process_is_at_comes_last_and_is_not_solved_twice(tmp_path: Path):
    path = tmp_path / "toy.yaml"
    path.write_text(RECIPE.partition("baselines:")[0], encoding="utf-8")
    (recipe,) = load(path)
    evaluation = Evaluation(recipe, numbered_clips(recipe, range(2)), tmp_path / "a")
    clips = evaluation.folder / "clips"
    clips.mkdir(parents=True)
    elsewhere = Claim.take(clips / ".000000.claim")
    assert elsewhere is not None
    done = evaluation.run()
    assert next(done).name == "000001"
    # as the other process would: its result, and the claim given up
    other = Evaluation(recipe, numbered_clips(recipe, range(1)), tmp_path / "b")
    (result,) = other.run()
    (other.folder / "clips" / "000000.nc").rename(clips / "000000.nc")
    elsewhere.release()
    (last,) = done
    assert isinstance(last, Done)
    assert isinstance(result, Done)
    assert (last.name, last.fresh) == ("000000", False)
    assert np.array_equal(last.measures[""]["psnr"], result.measures[""]["psnr"])
    assert sorted(file.name for file in clips.iterdir()) == ["000000.nc", "000001.nc"]


@pytest.mark.slow
def test_a_claim_that_was_given_up_without_a_result_is_taken_over(tmp_path: Path):
    path = tmp_path / "toy.yaml"
    path.write_text(RECIPE.partition("baselines:")[0], encoding="utf-8")
    (recipe,) = load(path)
    evaluation = Evaluation(recipe, numbered_clips(recipe, range(2)), tmp_path)
    clips = evaluation.folder / "clips"
    clips.mkdir(parents=True)
    elsewhere = Claim.take(clips / ".000000.claim")
    (clips / ".000001.claim").touch()  # of a process that was killed
    left = clips / f".000001.{2**22 + 1}.partial.nc"
    left.touch()
    assert elsewhere is not None
    done = evaluation.run()
    assert next(done).name == "000001"
    elsewhere.release()
    (last,) = done
    assert isinstance(last, Done)
    assert (last.name, last.fresh) == ("000000", True)
    assert sorted(file.name for file in clips.iterdir()) == ["000000.nc", "000001.nc"]
