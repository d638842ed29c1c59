"""Augmentation increases the effective number of images."""

from cnnlab.domain.arms import change_words
from cnnlab.domain.study import Kind, Study
from cnnlab.figures.answers.worth_chart import worth_figure
from cnnlab.figures.study import arm_styles
from cnnlab.lab.lessons.lesson import UNSURE, Answer, Chart, Lesson, Next
from cnnlab.lab.lessons.setting import Setting
from cnnlab.lab.study.designs import compare_sizes
from cnnlab.lab.study.effects import worth_of
from cnnlab.lab.study.view import StudyView
from cnnlab.study.chance.claims import Outcome
from cnnlab.study.kinds.worth import Side, Worth, WorthInImages
from cnnlab.study.kinds.worth_wording import worth_words

_SEEDS = 5
_PARTS = (4, 2, 1)
"""The training sets: a quarter, a half, all images of each class."""
_MATTERS = 0.1
"""A gain of less than a tenth more images is none that matters."""
_EPOCHS_SHARE = 2 / 3
"""Of the usual epochs: the smaller sets take several times as many, for as many steps."""
_PX = 360


def plan(setting: Setting) -> Study:
    """Three sizes of the training set, each without and with augmentation, with as many steps."""
    most = setting.of_each_class[1]
    sizes = sorted({max(1, most // part) for part in _PARTS})
    name = "Lesson: how many images is augmentation worth?"
    return compare_sizes(setting.longer(_EPOCHS_SHARE), sizes, seeds=_SEEDS, name=name)


def watch(view: StudyView) -> Chart | None:
    """Accuracy over the training images, as far as runs have finished."""
    found = worth_of(view)
    return None if found is None else _chart(view, found)


def _chart(view: StudyView, found: WorthInImages) -> Chart:
    plain, changed = view.study.arms[:2]
    change, styles = change_words(plain, changed), arm_styles(view.study)
    return Chart(
        "Accuracy over the number of training images",
        worth_figure(found, styles[plain.name], styles[changed.name], change),
        "Validation accuracy over the number of training images, without and with augmentation",
        "The horizontal distance between the two is what augmentation is worth in images. All "
        "sizes train for about as many steps, so more images aren't more training.",
        _PX,
    )


def tell(view: StudyView) -> Answer:
    """How many images augmentation is worth where that can be read off."""
    found = worth_of(view)
    if found is None:
        words = "Nothing can be read off: of some sizes no run has finished."
        return Answer(Outcome.CANNOT_TELL, words)
    outcome, bears_out = _judge(found, found.headline)
    more = (
        "The images are worth something because augmentation shows new views of them. Views that "
        "your pictures never have teach nothing: where it costs images, look at the preview on "
        "the Train page.",
    )
    change = change_words(*view.study.arms[:2])
    return Answer(
        outcome,
        worth_words(found, change),
        bears_out,
        more,
        (_chart(view, found),),
        seeds=found.headline.seeds if found.headline else 0,
        confidence=found.confidence,
    )


def _judge(found: WorthInImages, worth: Worth | None) -> tuple[Outcome, str]:
    """The outcome, and the expectation that it bears out."""
    if worth is None or found.is_open or found.why_not:
        return Outcome.CANNOT_TELL, ""
    if worth.told:
        is_more = worth.side is Side.BEYOND if worth.images is None else worth.images > 0
        return (Outcome.HOLDS, "more") if is_more else (Outcome.DOES_NOT_HOLD, "fewer")
    if worth.high is None or worth.high >= (1 + _MATTERS) * worth.total:
        return Outcome.CANNOT_TELL, ""
    is_same = worth.low is not None and worth.low > (1 - _MATTERS) * worth.total
    return Outcome.DOES_NOT_HOLD, "same" if is_same else ""


LESSON = Lesson(
    name="effective_images",
    fields=("augmentation",),
    title="Augmentation is worth images",
    icon=":material/photo_library:",
    claim="Augmentation increases the effective number of training images.",
    source="Goodfellow, Bengio and Courville, Deep Learning (2016), section 7.4; Simard, "
    "Steinkraus and Platt (2003), Best practices for convolutional neural networks",
    background="The best way to make a network generalize better is to train it on more images. "
    "Augmentation makes some: each picture is turned, zoomed and shifted a little, anew each time "
    "that it is shown.",
    method="The network is trained on a quarter, a half and all of the images, each without and "
    "with augmentation, for as many steps, with each of five seeds. How many images without "
    "augmentation do as well as few images with it? The difference is what it is worth.",
    question="What will augmentation be worth?",
    expectations={
        "more": "It is worth more images",
        "same": "It makes no difference (less than a tenth more or fewer)",
        "fewer": "It costs images: the network learns worse",
        UNSURE: "I don't know",
    },
    fewest_images=12,
    plan=plan,
    watch=watch,
    tell=tell,
    next_steps=(
        Next("More images, a smaller gap? Look at what closes it.", lesson="gap"),
        Next(
            "Rotation is one part of it. How much of it helps, how much is too much: all angles.",
            kind=Kind.DOSE,
            fields={"dose_field": "augmentation.rotation_degrees"},
        ),
        Next(
            "The same question with sizes of your own.",
            kind=Kind.WORTH,
        ),
    ),
)
