"""What a card says of the test images: their numbers only where somebody has looked."""

from collections.abc import Iterator

from cnnlab.documents.model_card.blocks import Block, NotKnown, Section, Words
from cnnlab.documents.model_card.content import CardContent
from cnnlab.documents.model_card.quality import measures_table
from cnnlab.documents.text import moment
from cnnlab.domain.data.split import TEST
from cnnlab.domain.data.vault import LookedAtNumbers, VaultLooks
from cnnlab.domain.words import counted
from cnnlab.judging.words.vault_words import choosing_words, look_words

VAULT_TITLE = "Test images"


def vault_section(content: CardContent) -> Section:
    """The numbers of the last look at them with all looks, or that nobody has looked."""
    return Section(VAULT_TITLE, list(_test(content)))


def _test(content: CardContent) -> Iterator[Block]:
    looks, test = content.looks, content.test
    if content.data is not None and not sum(content.data.parts.get(TEST, ())):
        yield NotKnown(
            "This run has no test images, so there is no number that nothing was chosen by: train "
            "one with a test share above 0, or upload a folder called test."
        )
        return
    if test is None:
        yield NotKnown(_not_looked_at(content))
    else:
        yield from _looked_at(test)
    if looks is None:
        yield NotKnown("How often these images were looked at isn't known.")
    else:
        yield Words(f"{look_words(looks)}{_when(looks)}")
        if words := choosing_words(looks.runs, looks.images, _accuracy(test)):
            yield Words(words)


def _not_looked_at(content: CardContent) -> str:
    if content.is_imported:
        return (
            "Not looked at: nobody had looked at what this model does on the test images when its "
            "evidence bundle was made, so no number of them stands here. That takes its training "
            "states, which stay where it was made."
        )
    return (
        "Not looked at: nobody has looked at what this model does on the test images, so no "
        "number of them stands here. Open them on its evaluation page, or with the command "
        f"evaluate (python -m cnnlab evaluate {content.run.id} --split test), once all else is "
        "decided: each look is counted, for good."
    )


def _looked_at(test: LookedAtNumbers) -> Iterator[Block]:
    yield Words(
        f"Looked at on {moment(test.look.at)}, {counted(test.look.images, 'test image')}. No "
        "weight was trained on them and no epoch chosen by them."
    )
    yield measures_table(test.measures)


def _accuracy(test: LookedAtNumbers | None) -> float | None:
    return test.look.numbers.get("accuracy") if test else None


def _when(looks: VaultLooks) -> str:
    return f" The last one was on {moment(looks.recorded[-1].at)}." if looks.recorded else ""
