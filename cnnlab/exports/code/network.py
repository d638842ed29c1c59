"""The network of a run as Python: a line for each layer, a loop where blocks repeat."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from cnnlab.domain.config import layer_specs as specs
from cnnlab.domain.config.presets import layers_of
from cnnlab.exports.code.block_functions import BlockFunctions
from cnnlab.exports.code.blocks import BLOCK, Block, Line, cell, folded, width
from cnnlab.exports.code.lines import INDENT, call, number, string
from cnnlab.exports.code.recipe import Recipe

_SHARED = "KERNEL"
"""The constant with what most layers have in common."""

_CONVOLUTIONS = {
    "conv": ("Conv2D", ("kernel",)),
    "separable_conv": ("SeparableConv2D", ("depthwise", "pointwise")),
    "depthwise_conv": ("DepthwiseConv2D", ("depthwise",)),
}
_POOLINGS = {"max_pool": "MaxPooling2D", "average_pool": "AveragePooling2D"}
_FLATTENINGS = {
    "flatten": "Flatten",
    "global_average_pool": "GlobalAveragePooling2D",
    "global_max_pool": "GlobalMaxPooling2D",
}
_FUNCTIONS = {"residual": "residual_block", "inverted": "inverted_residual_block"}
_MERGES = {"concatenate": "Concatenate", "add": "Add"}


def network_section(recipe: Recipe) -> list[list[str]]:
    """Constants, helpers and the function `build_model`."""
    writer = _Writer(recipe)
    size, channels = recipe.config.image.size, recipe.channels
    body = writer.body()
    return [
        writer.kernels(),
        writer.seeding(),
        *writer.functions.written(),
        [
            "def build_model():",
            f'{INDENT}"""From images in 0..255 to the probabilities of the classes."""',
            *writer.precision(),
            f'{INDENT}image = keras.Input(({size}, {size}, {channels}), name="image")',
            *body,
            f"{INDENT}return keras.Model(image, x)",
        ],
    ]


class _Writer:
    """Walks over the layers as training builds them, with the same names.

    Attributes:
        functions: those that make blocks of several layers.
        uses_seeds: whether a layer draws.
    """

    def __init__(self, recipe: Recipe) -> None:
        config = recipe.config
        self._config, self._regularization = config, config.regularization
        self._activation = config.architecture.activation
        self._specs = layers_of(config.architecture, config.image.size)
        self._blocks = [Block(1, [], set())]
        self._taken: Counter[str] = Counter()
        self._is_image = True
        self._is_mixed = config.training.precision != "float32"
        self.functions = BlockFunctions(
            self._specs,
            self._activation,
            self._kernels(("kernel",)),
            self._kernels(("depthwise",)),
            is_skipped=self._regularization.stochastic_depth > 0,
        )
        self._skipped = 0
        self._all_skipped = len(self.functions.residual) + len(self.functions.inverted)
        self.uses_seeds = False
        self._shares_activation = self._is_uniform()
        self._given = self._into = "x"

    def body(self) -> list[str]:
        """The lines of `build_model` from the scaling to the probabilities."""
        head = [Line("layers.Rescaling", ("1 / 255", *self._in_float32()))]
        if self._regularization.gaussian_noise:
            head.append(
                self._random("GaussianNoise", self._regularization.gaussian_noise, "input_noise")
            )
        for spec in self._specs:
            self._add(spec)
        lines = [line for one in head for line in one.written("", "", 1)]
        lines[0] = lines[0].replace(")(x)", ")(image)")
        for block in self._blocks:
            block.settle()
        lines += folded(self._blocks)
        for one in self._tail():
            lines += one.written("", "", 1)
        return lines

    def kernels(self) -> list[str]:
        """Constants: how kernels begin, and what L1 and L2 add to the loss."""
        l1, l2 = self._regularization.l1, self._regularization.l2
        entries = [f'"kernel_initializer": {string(self._config.architecture.initializer)}']
        if self._shares_activation:
            entries.insert(0, f'"activation": {string(self._activation)}')
        if not (l1 or l2):
            return call(f"{_SHARED} = {{", entries, "}", depth=0)
        told = [f"{name}={number(value)}" for name, value in (("l1", l1), ("l2", l2)) if value]
        entries.append('"kernel_regularizer": PENALTY')
        return [
            f"PENALTY = keras.regularizers.L1L2({', '.join(told)})",
            *call(f"{_SHARED} = {{", entries, "}", depth=0),
        ]

    def seeding(self) -> list[str]:
        """The function that seeds layers that draw."""
        if not self.uses_seeds:
            return []
        return [
            "def seed_of(name):",
            f'{INDENT}"""The seed with which the run\'s layer of this name draws."""',
            f'{INDENT}digest = hashlib.sha256(f"{{SEED}}/{{name}}/draws".encode()).digest()',
            f'{INDENT}return int.from_bytes(digest[:4], "big") >> 1',
        ]

    def precision(self) -> list[str]:
        """The line that sets a mixed precision."""
        if not self._is_mixed:
            return []
        policy = string(self._config.training.precision)
        return [f"{INDENT}keras.config.set_dtype_policy({policy})"]

    def _is_uniform(self) -> bool:
        """Whether all layers with a kernel have the network's activation, and no norm before it."""
        own = {getattr(spec, "activation", None) for spec in _single(self._specs)}
        is_plain = not self._regularization.batch_norm and not self._all_skipped
        return is_plain and own <= {None, self._activation}

    def _tail(self) -> list[Line]:
        lines: list[Line] = []
        if self._is_image:
            lines.append(Line("layers.Flatten", ()))
        if self._regularization.dropout:
            lines.append(
                self._random("Dropout", self._regularization.dropout, "probabilities_dropout")
            )
        classes = ("len(CLASSES)", '"softmax"', *self._penalties(("kernel",)))
        return [
            *lines,
            Line("layers.Dense", (*classes, *self._in_float32(), 'name="probabilities"')),
        ]

    def _add(self, spec: specs.Layer) -> None:
        kind = spec.kind
        if isinstance(spec, specs.Conv | specs.SeparableConv | specs.DepthwiseConv):
            self._convolution(spec)
        elif isinstance(spec, specs.MaxPool | specs.AveragePool):
            self._pool(spec)
            self._end_block()
        elif kind in _FLATTENINGS:
            self._put(f"layers.{_FLATTENINGS[kind]}")
            self._is_image = False
        elif isinstance(spec, specs.Dense):
            self._dense(spec)
        elif isinstance(spec, specs.ResidualBlock):
            told = [self._width(spec.filters), str(spec.strides)]
            self._skippable_block("residual", told)
        elif isinstance(spec, specs.InvertedResidualBlock):
            self._skippable_block("inverted", self._inverted(spec))
        elif isinstance(spec, specs.BranchBlock):
            self._branch_block(spec)
        else:
            self._small(spec)

    def _pool(self, spec: specs.MaxPool | specs.AveragePool) -> None:
        self._name("pool")
        self._put(f"layers.{_POOLINGS[spec.kind]}", str(spec.pool_size))

    def _convolution(self, spec: specs.Conv | specs.SeparableConv | specs.DepthwiseConv) -> None:
        layer, kernels = _CONVOLUTIONS[spec.kind]
        name = self._name(spec.kind)
        told = [] if isinstance(spec, specs.DepthwiseConv) else [self._width(spec.filters)]
        told += [str(spec.kernel_size)]
        told += [f"strides={spec.strides}"] if spec.strides > 1 else []
        told += [] if spec.use_bias else ["use_bias=False"]
        told += ['padding="same"', *self._kernels(kernels)]
        self._weighted(f"layers.{layer}", told, name, spec.activation)

    def _dense(self, spec: specs.Dense) -> None:
        if self._is_image:
            self._put("layers.Flatten")
            self._is_image = False
        name = self._name("dense")
        if self._regularization.dropout:
            self._line(self._random("Dropout", self._regularization.dropout, f"{name}_dropout"))
        told = [str(spec.units), *self._kernels(("kernel",))]
        self._weighted("layers.Dense", told, name, spec.activation, is_dense=True)

    def _weighted(
        self,
        function: str,
        told: list[str],
        name: str,
        activation: str | None,
        *,
        is_dense: bool = False,
    ) -> None:
        """A layer with weights, its batch norm and its activation, which else it has itself."""
        wanted = activation or self._activation
        normalized = self._regularization.batch_norm and not is_dense
        shared = self._shares_activation and f"**{_SHARED}" in told
        if wanted != "linear" and not normalized and not shared:
            told = [*told, f"activation={string(wanted)}"]
        self._put(function, *told, f'name="{name}"')
        if normalized:
            self._put("layers.BatchNormalization", f'name="{name}_norm"')
            if wanted != "linear":
                self._put("layers.Activation", string(wanted))

    def _skippable_block(self, role: str, told: list[str]) -> None:
        """A block that stochastic depth may skip, by its function."""
        self._skipped += 1
        name, strength = self._name(role), self._regularization.stochastic_depth
        told = [f'"{name}"', *told]
        if strength:
            self.uses_seeds = True
            at = BLOCK if self._skipped == len(self._blocks) else str(self._skipped)
            told.append(f"{number(strength)} * {at} / {self._all_skipped}")
        self._put(_FUNCTIONS[role], *told, takes_x=True)
        self._end_block()

    def _inverted(self, spec: specs.InvertedResidualBlock) -> list[str]:
        """What a function `inverted_residual_block` is given behind the name."""
        told = [
            self._width(spec.filters),
            cell("expanded", spec.expanded_filters),
            cell("size", spec.kernel_size),
            cell("strides", spec.strides),
        ]
        if self.functions.has_squeeze:
            told.append(cell("squeeze", spec.squeeze_filters))
        if self.functions.has_activations:
            told.append(cell("activation", string(self.functions.activation_of(spec))))
        return told

    def _branch_block(self, spec: specs.BranchBlock) -> None:
        """A variable for each path that isn't empty, then all of them put together."""
        self._name("branch")
        ends = []
        for number_, path in enumerate(spec.paths, start=1):
            self._given, self._into = "x", f"path{number_}"
            for layer in path:
                if layer.enabled:
                    self._add_to_path(layer)
            ends.append(self._given)
        self._given, self._into = f"[{', '.join(ends)}]", "x"
        self._put(f"layers.{_MERGES[spec.merge]}")
        self._end_block()

    def _add_to_path(self, layer: specs.SimpleLayer) -> None:
        if isinstance(layer, specs.MaxPool | specs.AveragePool):
            self._pool(layer)  # the paths are all of one block
        else:
            self._add(layer)

    def _small(self, spec: specs.Layer) -> None:
        """Layers that have one number at most."""
        if isinstance(spec, specs.Dropout):
            name = self._name("dropout")
            if spec.rate:
                self._line(self._random("Dropout", spec.rate, name))
        elif isinstance(spec, specs.SpatialDropout):
            name = self._name("spatial_dropout")
            if spec.rate:
                self._line(self._random("SpatialDropout2D", spec.rate, name))
        elif isinstance(spec, specs.GaussianNoise):
            name = self._name("gaussian_noise")
            if spec.stddev:
                self._line(self._random("GaussianNoise", spec.stddev, name))
        elif isinstance(spec, specs.ActivationLayer):
            self._name("activation")
            self._put("layers.Activation", string(spec.activation))
        else:
            self._scaled(spec)

    def _scaled(self, spec: specs.Layer) -> None:
        name = f'name="{self._name(spec.kind)}"'
        if isinstance(spec, specs.Rescaling):
            self._put("layers.Rescaling", number(spec.scale), number(spec.offset))
        elif isinstance(spec, specs.GroupNorm):
            self._put("layers.GroupNormalization", str(spec.groups), name)
        elif isinstance(spec, specs.LayerNorm):
            self._put("layers.LayerNormalization", name)
        else:
            self._put("layers.BatchNormalization", name)

    def _end_block(self) -> None:
        name = self._name("dropout")
        if self._regularization.spatial_dropout:
            rate = self._regularization.spatial_dropout
            self._line(self._random("SpatialDropout2D", rate, name))
        self._blocks.append(Block(len(self._blocks) + 1, [], set()))

    def _random(self, layer: str, strength: float, name: str) -> Line:
        self.uses_seeds = True
        return Line(f"layers.{layer}", (number(strength), f'seed=seed_of("{name}")'))

    def _name(self, role: str) -> str:
        """As training names layers: `block2_conv`, `block2_conv2`; flat ones without a block."""
        stem = f"{len(self._blocks)}/{role}" if self._is_image else role
        self._taken[stem] += 1
        turn = "" if self._taken[stem] == 1 else str(self._taken[stem])
        return f"block{BLOCK}_{role}{turn}" if self._is_image else f"{role}{turn}"

    def _width(self, filters: int) -> str:
        self._blocks[-1].widths.add(filters)
        return width(filters)

    def _kernels(self, kernels: tuple[str, ...]) -> list[str]:
        if kernels == ("kernel",):
            return [f"**{_SHARED}"]
        initializer = string(self._config.architecture.initializer)
        drawn = [f"{kernel}_initializer={initializer}" for kernel in kernels]
        return drawn + self._penalties(kernels)

    def _penalties(self, kernels: tuple[str, ...]) -> list[str]:
        is_on = self._regularization.l1 or self._regularization.l2
        return [f"{kernel}_regularizer=PENALTY" for kernel in kernels] if is_on else []

    def _in_float32(self) -> tuple[str, ...]:
        return ('dtype="float32"',) if self._is_mixed else ()

    def _put(self, function: str, *arguments: str, takes_x: bool = False) -> None:
        self._line(Line(function, arguments, takes_x))

    def _line(self, line: Line) -> None:
        self._blocks[-1].lines.append(replace(line, given=self._given, into=self._into))
        self._given = self._into


def _single(layers: Sequence[specs.Layer]) -> Iterator[specs.Layer]:
    """All layers, those included that lie on the paths of a branch block."""
    for layer in layers:
        if isinstance(layer, specs.BranchBlock):
            yield from (each for path in layer.paths for each in path if each.enabled)
        else:
            yield layer
