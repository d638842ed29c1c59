"""What the screen calls the values that a field can be chosen from: `Small CNN`, `Adam`, `RGB`.

Files, addresses and the command line have the values themselves, and so have the help texts that
they share with the screen.
"""

import re

CHOICE_WORDS = {
    "tiny_cnn": "Tiny CNN",
    "small_cnn": "Small CNN",
    "vgg_small": "Small VGG",
    "resnet_small": "Small ResNet",
    "mobilenet_v3_small": "MobileNetV3 Small",
    "efficientnet_lite0": "EfficientNet-Lite0",
    "sgd": "SGD",
    "rmsprop": "RMSprop",
    "adam": "Adam",
    "adamw": "AdamW",
    "nadam": "Nadam",
    "lion": "Lion",
    "adamax": "Adamax",
    "adagrad": "Adagrad",
    "adadelta": "Adadelta",
    "adafactor": "Adafactor",
    "ftrl": "FTRL",
    "lamb": "LAMB",
    "muon": "Muon",
    "schedule_free_adamw": "Schedule-free AdamW",
    "rgb": "RGB",
    "pad": "Pad with bars",
    "crop": "Crop the edges",
    "relu": "ReLU",
    "leaky_relu": "Leaky ReLU",
    "relu6": "ReLU6",
    "elu": "ELU",
    "gelu": "GELU",
    "silu": "SiLU",
    "hard_silu": "Hard SiLU",
    "tanh": "tanh",
    "lecun_normal": "LeCun normal",
    "val_cross_entropy": "Validation cross-entropy",
    "val_accuracy": "Validation accuracy",
    "cross_entropy": "Cross-entropy",
    "focal": "Focal loss",
    "float32": "float32",
    "mixed_bfloat16": "Mixed bfloat16",
    "mixed_float16": "Mixed float16",
    "one_cycle": "One cycle",
    "reduce_on_plateau": "Reduce on plateau",
    "cosine_restarts": "Cosine with restarts",
    "step": "Steps",
}
"""Of values that aren't said right by their own name with a capital."""


def choice_words(value: str) -> str:
    """A value as a choice on the screen: `Small CNN`; `Balanced`, `None` where it is a word.

    Args:
        value: one of a field with given choices.
    """
    known = CHOICE_WORDS.get(value)
    if known is not None:
        return known
    spaced = value.replace("_", " ")
    return f"{spaced[:1].upper()}{spaced[1:]}"


_IN_TEXTS = re.compile(
    r"\b(tiny_cnn|small_cnn|vgg_small|resnet_small|mobilenet_v3_small|efficientnet_lite0|sgd"
    r"|rmsprop|adamw|adam|glorot_uniform|mixed_bfloat16|mixed_float16)\b"
)
"""Values that texts name and that are no words of their own."""


def in_choice_words(text: str) -> str:
    """A help text as the screen says it, with the words of the choices that it names."""
    return _IN_TEXTS.sub(lambda found: choice_words(found[0]), text)
