"""What all sections on what lies inside a net are given."""

from typing import NamedTuple

from cnnlab import lab
from cnnlab.domain.run import Run
from cnnlab.ui.inside.picture_choice import wrong_titles


class Looked(NamedTuple):
    """A run with what was found inside its net.

    Attributes:
        run: an ended one.
        inside: what was found; shared, and not to be changed.
        wrong: the pictures that the net is wrong about, see `wrong_titles`.
        titles: of layers by their names, as the Train page calls them.
    """

    run: Run
    inside: lab.Inside
    wrong: dict[int, str]
    titles: dict[str, str]

    @classmethod
    def of(cls, run: Run, inside: lab.Inside) -> "Looked":
        """With the words for the wrong pictures, which several sections offer."""
        return cls(run, inside, wrong_titles(run, inside), lab.layer_titles(run))

    def title(self, layer: str) -> str:
        """What a layer is called, by its name in the network."""
        return self.titles.get(layer, layer)
