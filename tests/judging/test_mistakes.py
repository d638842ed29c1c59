from hypothesis import given
from hypothesis import strategies as st

from cnnlab.judging.mistakes import Mistake, mistake_words, mistakes_of

MATRIX = [[30, 7, 3], [2, 5, 3], [0, 0, 9]]


def test_the_commonest_mistake_is_first_and_of_equals_the_larger_share():
    assert mistakes_of(MATRIX) == [
        Mistake(0, 1, 7, 40),
        Mistake(1, 2, 3, 10),
        Mistake(0, 2, 3, 40),
        Mistake(1, 0, 2, 10),
    ]
    assert mistakes_of([[4, 0], [0, 2]]) == []


def test_a_mistake_says_how_many_of_how_many():
    words = mistake_words(mistakes_of(MATRIX)[0], ["cat", "dog", "cow"])
    assert words == "7 of 40 images of cat taken for dog (18\u00a0%)"
    words = mistake_words(mistakes_of(MATRIX)[0], ["8", "3", "5"])
    assert words == "7 of 40 images of '8' taken for '3' (18\u00a0%)"


@given(st.lists(st.lists(st.integers(0, 2000), min_size=4, max_size=4), min_size=4, max_size=4))
def test_all_mistakes_together_are_the_matrix_without_its_diagonal(matrix):
    found = mistakes_of(matrix)
    assert sum(one.images for one in found) == sum(map(sum, matrix)) - sum(
        matrix[at][at] for at in range(4)
    )
    counts = [one.images for one in found]
    assert counts == sorted(counts, reverse=True)
    assert all(matrix[one.true][one.predicted] == one.images for one in found)
