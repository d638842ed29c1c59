import pytest

from cnnlab.domain.course.queue_words import QueuePlace, ordinal


def test_a_number_has_its_ordinal():
    said = [ordinal(number) for number in (1, 2, 3, 4, 11, 12, 13, 22, 113, 1001)]
    assert said == ["1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "22nd", "113th", "1,001st"]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, "3rd of 7 in the queue."),
        (0, "3rd of 7 in the queue, less than a minute."),
        (61, "3rd of 7 in the queue, about a minute."),
        (725, "3rd of 7 in the queue, about 12\u00a0min."),
        (7500, "3rd of 7 in the queue, about 2\u00a0h 5\u00a0min."),
    ],
)
def test_a_place_is_told_with_its_time(seconds, words):
    assert QueuePlace(3, 7, seconds).words == words


def test_the_next_one_and_one_that_is_held_are_told_so():
    assert QueuePlace(1, 1, 130).words == "Next in the queue, about 2\u00a0min."
    assert QueuePlace(3, 7, 10, "Nothing goes today.").words == "Nothing goes today."
