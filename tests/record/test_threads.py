"""As many threads as the work keeps busy."""

import pytest
import torch

from invsolve.record import threads
from invsolve.record.threads import EACH, threaded, threads_for


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight cores, and nothing said in the environment."""
    monkeypatch.setattr(threads, "cores", lambda: 8)
    for name in threads.BY_HAND:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("values", "processes", "expected"),
    [(0, 1, 1), (EACH - 1, 1, 1), (3 * EACH, 1, 3), (100 * EACH, 1, 8), (100 * EACH, 3, 2), (100 * EACH, 9, 1)],
)
def test_a_thread_for_each_part_of_the_work_and_no_more_than_cores(values: int, processes: int, expected: int) -> None:
    assert threads_for(values, processes) == expected


def test_only_within_the_block(monkeypatch: pytest.MonkeyPatch) -> None:
    before = torch.get_num_threads()
    with threaded(3, 0) as count:
        assert count == torch.get_num_threads() == 3
    assert torch.get_num_threads() == before
    with threaded(None, 2 * EACH) as count:
        assert count == 2
    monkeypatch.setenv("OMP_NUM_THREADS", "5")
    with threaded(None, 2 * EACH) as count:
        assert count == before
