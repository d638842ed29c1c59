"""Every value that can be chosen has words; help texts say them too."""

from typing import Literal, get_args, get_origin

from cnnlab.domain.config.optimizer import USUAL_LEARNING_RATES
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.config.wording.choice_words import CHOICE_WORDS, choice_words, in_choice_words
from cnnlab.fields import walk

_AS_THEY_ARE = {"tanh", "float32"}


def test_every_choice_is_said_without_underscores_and_with_a_capital():
    for _, info in walk(RunConfig):
        if get_origin(info.annotation) is Literal:
            said = [choice_words(value) for value in get_args(info.annotation)]
            assert len(set(said)) == len(said)
            for words in said:
                assert "_" not in words
                assert words[0].isupper() or words in _AS_THEY_ARE


def test_no_optimizer_goes_without_its_usual_spelling():
    assert USUAL_LEARNING_RATES.keys() <= CHOICE_WORDS.keys()


def test_texts_say_what_the_choices_say():
    assert in_choice_words("adamw, adam and small_cnn: madam") == "AdamW, Adam and Small CNN: madam"
