"""What each optimizer is for, and what its authors run it with beside the learning rate.

A config's defaults don't depend on its optimizer: whoever chooses one in a form has these filled
in, and sees them.
"""

from dataclasses import dataclass, field

from cnnlab.domain.config.optimizer import OptimizerName


@dataclass(frozen=True)
class OptimizerFacts:
    """One optimizer.

    Attributes:
        purpose: one sentence: when to take it.
        settings: by dotted config field what its paper or its usual implementation sets; fields
            that it doesn't name stay at the config's defaults.
    """

    purpose: str
    settings: dict[str, float] = field(default_factory=dict)


_DECAY, _MOMENTUM = "regularization.weight_decay", "optimizer.momentum"

OPTIMIZER_FACTS: dict[OptimizerName, OptimizerFacts] = {
    # Sutskever et al. 2013; He et al., arXiv:1512.03385
    "sgd": OptimizerFacts(
        "The plain step with momentum: often the best end result, but only with a well-chosen "
        "learning rate, a schedule and more epochs.",
        {_MOMENTUM: 0.9},
    ),
    # Hinton's lecture 6e, 2012, without momentum
    "rmsprop": OptimizerFacts(
        "Adapts the step of each weight; older than Adam and seldom better, known from the "
        "MobileNet and EfficientNet papers.",
        {_MOMENTUM: 0.0},
    ),
    # arXiv:1412.6980
    "adam": OptimizerFacts("The safe default: works at its usual learning rate on most sets."),
    # arXiv:1711.05101; 0.01 is PyTorch's default
    "adamw": OptimizerFacts(
        "Adam made for weight decay: take it for longer runs and larger networks.",
        {_DECAY: 0.01},
    ),
    # Dozat 2016
    "nadam": OptimizerFacts("Adam that looks ahead along its momentum; may learn a little sooner."),
    # arXiv:2302.06675, section 5: a rate 3 to 10 times smaller than AdamW's, a decay as much larger
    "lion": OptimizerFacts(
        "Steps of one size by the gradient's sign: half of Adam's memory; wants large batches, a "
        "low learning rate and much weight decay.",
        {_DECAY: 0.1},
    ),
    # arXiv:1412.6980, section 7.1
    "adamax": OptimizerFacts(
        "Adam scaled by the largest gradient so far: steadier where a few gradients are huge."
    ),
    # Duchi et al. 2011
    "adagrad": OptimizerFacts(
        "For rare features; its steps only ever shrink, so long runs come to a halt."
    ),
    # arXiv:1212.5701
    "adadelta": OptimizerFacts(
        "Finds its step size by itself, around a learning rate of 1; slow to start with."
    ),
    # arXiv:1804.04235
    "adafactor": OptimizerFacts(
        "Adam with a fraction of the memory, for networks that hardly fit; no gain for small ones."
    ),
    # McMahan et al. 2013
    "ftrl": OptimizerFacts(
        "Made for linear models with very many sparse inputs; for images nearly always worse."
    ),
    # arXiv:1904.00962: weight decay 0.01
    "lamb": OptimizerFacts(
        "Adam whose step is scaled to each layer's weights: for batches of a thousand and more.",
        {_DECAY: 0.01},
    ),
    # Jordan 2024; arXiv:2502.16982: weight decay 0.1, the rate of AdamW
    "muon": OptimizerFacts(
        "Makes the update of each weight matrix orthogonal: fewer epochs in larger networks, each "
        "step costs more.",
        {_DECAY: 0.1},
    ),
    # arXiv:2405.15682
    "schedule_free_adamw": OptimizerFacts(
        "AdamW that averages its weights in place of a schedule: leave the schedule constant."
    ),
}
