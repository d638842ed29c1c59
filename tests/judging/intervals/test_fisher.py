import pytest
from scipy import stats

from cnnlab.judging.intervals.fisher import fewer_right_p


@pytest.mark.parametrize(
    "counts",
    [(3, 10, 45, 50), (0, 1, 0, 1), (10, 10, 50, 50), (700, 1000, 2900, 4000), (5, 9, 1, 2)],
)
def test_it_is_fishers_exact_test(counts):
    right, images, others_right, others = counts
    table = [[right, images - right], [others_right, others - others_right]]
    expected = stats.fisher_exact(table, alternative="less").pvalue
    assert fewer_right_p(*counts) == pytest.approx(expected, rel=1e-9)
