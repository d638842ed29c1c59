"""Recipes of runs that were never trained."""

import sys

from cnnlab.domain.config.run_config import load_config
from cnnlab.exports.code.package import texts
from cnnlab.exports.code.program import program
from cnnlab.exports.code.recipe import Recipe

CLASSES = ("daisy", "rose", "tulip")

USUAL = {
    "regularization": {"dropout": 0.3, "l2": 1e-3, "early_stopping": True},
    "optimizer": {"schedule": "cosine"},
    "augmentation": {"flip": "horizontal", "rotation_degrees": 10, "brightness_fraction": 0.2},
}

EVERYTHING = {
    "regularization": {
        "dropout": 0.3, "spatial_dropout": 0.1, "l1": 1e-5, "l2": 1e-3, "batch_norm": True,
        "label_smoothing": 0.1, "weight_decay": 0.01, "gaussian_noise": 0.05,
        "stochastic_depth": 0.2, "early_stopping": {"monitor": "val_accuracy", "min_delta": 0.01},
    },
    "optimizer": {
        "name": "sgd", "schedule": {"name": "reduce_on_plateau", "warmup_epochs": 2},
        "clip_norm": 1, "ema_momentum": 0.99, "gradient_accumulation_steps": 2, "nesterov": True,
    },
    "training": {"class_weights": "balanced", "precision": "mixed_bfloat16"},
    "split": {"label_noise_fraction": 0.2},
    "architecture": {"preset": "resnet_small", "activation": "gelu"},
}  # fmt: skip

FOCAL = {
    "regularization": {"label_smoothing": 0.1},
    "optimizer": {"name": "adamw", "clip_value": 0.5, "ema_momentum": 0.9},
    "augmentation": {"mixup_alpha": 0.2},
    "training": {"loss": "focal", "focal_gamma": 1.5, "sampling": "balanced"},
}

OWN_LAYERS = {
    "architecture": {
        "layers": [
            {"kind": "conv", "filters": 16, "activation": "linear"},
            {"kind": "group_norm", "groups": 4},
            {"kind": "activation", "activation": "silu"},
            {"kind": "separable_conv", "filters": 24, "kernel_size": 5, "strides": 2},
            {"kind": "max_pool"},
            {"kind": "depthwise_conv", "activation": "tanh"},
            {"kind": "batch_norm"},
            {"kind": "residual_block", "filters": 32, "strides": 1},
            {"kind": "residual_block", "filters": 32, "strides": 1},
            {"kind": "layer_norm"},
            {"kind": "spatial_dropout", "rate": 0.1},
            {"kind": "average_pool"},
            {"kind": "gaussian_noise", "stddev": 0.1},
            {"kind": "global_max_pool"},
            {"kind": "dense", "units": 20},
            {"kind": "batch_norm"},
            {"kind": "dropout", "rate": 0.2},
            {"kind": "dense", "units": 20, "activation": "elu"},
        ]
    }
}

BLOCKS = {
    "architecture": {
        "layers": [
            {"kind": "rescaling", "scale": 2, "offset": -1},
            {"kind": "conv", "filters": 12, "activation": "relu6", "use_bias": False},
            {
                "kind": "inverted_residual_block",
                "filters": 12,
                "expanded_filters": 0,
                "squeeze_filters": 4,
            },
            {
                "kind": "inverted_residual_block",
                "filters": 12,
                "expanded_filters": 30,
                "activation": "hard_silu",
            },
            {
                "kind": "inverted_residual_block",
                "filters": 16,
                "expanded_filters": 30,
                "kernel_size": 5,
                "strides": 2,
                "squeeze_filters": 8,
                "activation": "linear",
            },
            {
                "kind": "branch_block",
                "paths": [
                    [
                        {"kind": "conv", "filters": 8, "activation": "linear"},
                        {"kind": "batch_norm"},
                        {"kind": "activation", "activation": "silu"},
                    ],
                    [
                        {"kind": "max_pool", "enabled": False},
                        {"kind": "spatial_dropout", "rate": 0},
                    ],
                    [
                        {"kind": "separable_conv", "filters": 5, "use_bias": False},
                        {"kind": "spatial_dropout", "rate": 0.1},
                    ],
                ],
            },
            {"kind": "conv", "filters": 99, "enabled": False},
            {"kind": "residual_block", "filters": 16, "strides": 1},
            {
                "kind": "branch_block",
                "merge": "add",
                "paths": [[], [{"kind": "depthwise_conv", "use_bias": False}]],
            },
            {"kind": "branch_block", "paths": [[{"kind": "max_pool"}], [{"kind": "average_pool"}]]},
            {"kind": "global_average_pool"},
        ]
    }
}

PHASES = [
    {"epochs": 2, "trainable_blocks": 0, "learning_rate": 0.01},
    {"epochs": 3, "trainable_blocks": 9, "learning_rate": 1e-4},
    {"epochs": 1},
]
IN_PHASES = {
    "architecture": {"preset": "mobilenet_v3_small", "frozen_layers": 4, "phases": PHASES},
    "regularization": {"early_stopping": True, "dropout": 0.2},
    "optimizer": {
        "schedule": {"name": "reduce_on_plateau", "warmup_epochs": 1}, "ema_momentum": 0.9,
        "gradient_accumulation_steps": 2,
    },
}  # fmt: skip


def recipe(values=None, **known):
    """A recipe of a config, `values` as JSON, with what else is known of its run."""
    config = load_config({"image": {"size": 16}} | (values or {}))
    known = {"run": "r-1", "name": "A run", "class_names": CLASSES} | known
    return Recipe(config=config, **known)


def loaded(a_recipe, folder):
    """The names of a program, executed as a file of `folder`."""
    path = folder / "train.py"
    path.write_text(program(a_recipe), encoding="utf-8")
    known = {"__name__": "train", "__file__": str(path)}
    own = {name: text for name, text in texts(a_recipe).items() if name.endswith(".py")}
    for name, text in own.items():
        (folder / name).write_text(text, encoding="utf-8")
    sys.path.insert(0, str(folder))
    try:
        exec(compile(path.read_text(), str(path), "exec"), known)
    finally:
        sys.path.remove(str(folder))
        for name in own:  # the next program's is another
            sys.modules.pop(name.removesuffix(".py"), None)
    return known
