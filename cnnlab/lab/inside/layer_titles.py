"""What people call the layers of a run's network."""

from cnnlab.domain.config.run_config import load_stored
from cnnlab.domain.network.block_titles import block_titles
from cnnlab.domain.people.person import Action
from cnnlab.domain.run import Run
from cnnlab.lab.access.authorize import asks


@asks(Action.VIEW)
def layer_titles(run: Run) -> dict[str, str]:
    """The block of each layer by its name, see `block_titles`; empty where that isn't known."""
    config = load_stored(run.config)
    return block_titles(config) if config else {}
