"""What is said of images that train although somebody has looked at them as test images."""

from cnnlab.domain.config.run_config import SplitFractions
from cnnlab.domain.data.vault import Overlap, VaultLook
from cnnlab.judging.words.looked_at_words import flattered_words, trains_words, way_out_words

SPLIT = {"seed": 0, "validation": 0.2, "test": 0.1}


def overlap(images=94, run="A", dataset="Clothes", split=SPLIT):
    return Overlap(VaultLook("0", "2026", run, run, "d", {}, 380, split), dataset, images)


def test_images_that_train_after_a_look_are_told():
    assert trains_words(0) == ""
    assert trains_words(1).startswith("1 image that would train now was a test image at an")
    assert trains_words(2).startswith("2 images that would train now were test images at an")
    assert trains_words(2, 1).endswith("1 record of looks can't be read, so there may be more.")
    assert trains_words(0, 2).startswith("2 records of looks can't be read, so some of the images")
    assert trains_words(1, arms=["a"]).startswith("In the arm 'a': 1 image that would train now")
    assert trains_words(2, arms=["a", "b"]).startswith("In the arms 'a' and 'b': up to 2 images")


def test_whose_look_it_was_is_told_by_run_dataset_and_the_labels_of_its_split():
    words = trains_words(107, overlaps=[overlap(), overlap(13, "B", None, None)])
    assert (
        "(94 of run 'A' on 'Clothes' with Split seed 0, Validation share 0.2 and Test share 0.1; "
        "13 of run 'B' on a dataset that was deleted)."
    ) in words
    assert "; 2 runs more)" in trains_words(9, overlaps=[overlap()] * 5)


def test_the_way_out_is_told_where_there_is_one():
    then = SplitFractions(test=0.1)
    assert way_out_words([overlap()], then, 0) == (
        "With Split seed 0, Validation share 0.2 and Test share 0.1, none of them would train."
    )
    words = way_out_words([overlap(13, "B", "Own")], then, 13)
    assert words.endswith(
        "Test share 0.1, 13 of them would train still: test images of 'Own' that these settings "
        "don't keep out. Import new images for the test."
    )
    assert way_out_words([overlap(13, "B", "Own")], None, 0).startswith(
        "The split settings can't mend that: these images are shared with the test images of 'Own'."
    )
    assert "set Split seed, Validation share and Test share" in (
        way_out_words([overlap(split=None)], None, 0)
    )


def test_what_a_run_was_trained_on_stays_told():
    assert flattered_words(0, []) == ""
    words = flattered_words(94, [overlap()])
    assert words.startswith("94 of its training images were test images at looks before it was ")
    assert "run 'A'" in words
    assert words.endswith("numbers of those test images are flattered for it.")
