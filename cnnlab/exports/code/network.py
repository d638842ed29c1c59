"""The network of a run as Python: a line for each layer, a loop where blocks repeat."""

from collections import Counter
from dataclasses import dataclass

from cnnlab.domain.config import layer_specs as specs
from cnnlab.domain.config.presets import layers_of
from cnnlab.domain.errors import ExportError
from cnnlab.exports.code.lines import INDENT, call, number, string
from cnnlab.exports.code.recipe import Recipe

_SHARED = "KERNEL"
"""The constant with what most layers have in common."""

_BLOCK, _FILTERS = "\0block\0", "\0filters\0"
"""Stand in a line for what differs from block to block."""

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


@dataclass(frozen=True)
class _Line:
    """`x = function(arguments)(x)`, or `x = function(x, arguments)`.

    Attributes:
        function: what is called.
        arguments: source, with the stand-ins.
        takes_x: whether `x` is its first argument.
    """

    function: str
    arguments: tuple[str, ...]
    takes_x: bool = False

    def written(self, block: str, filters: str, depth: int) -> list[str]:
        """As source, with what the stand-ins stand for."""
        told = [_filled(one, block, filters) for one in self.arguments]
        if self.takes_x:
            return call(f"x = {self.function}(", ["x", *told], depth=depth)
        return call(f"x = {self.function}(", told, ")(x)", depth=depth)


def _filled(argument: str, block: str, filters: str) -> str:
    if _BLOCK in argument and not block.isdigit():
        argument = argument.replace('"', 'f"', 1) if '"' in argument else argument
        block = block if '"' not in argument else f"{{{block}}}"
    return argument.replace(_BLOCK, block).replace(_FILTERS, filters)


@dataclass
class _Block:
    """Lines up to a pooling or a residual block, and the filters that all of them have."""

    number: int
    lines: list[_Line]
    filters: int | None


def network_section(recipe: Recipe) -> list[list[str]]:
    """Constants, helpers and the function `build_model`."""
    writer = _Writer(recipe)
    size, channels = recipe.config.image.size, recipe.channels
    body = writer.body()
    return [
        writer.kernels(),
        writer.seeding(),
        *writer.residual(),
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
    """Walks over the layers as training builds them, with the same names."""

    def __init__(self, recipe: Recipe) -> None:
        config = recipe.config
        self._config, self._regularization = config, config.regularization
        self._activation = config.architecture.activation
        self._specs = layers_of(config.architecture, config.image.size)
        self._blocks = [_Block(1, [], None)]
        self._widths: list[set[int]] = [set()]
        self._taken: Counter[str] = Counter()
        self._is_image = True
        self._is_mixed = config.training.precision != "float32"
        self._residuals = 0
        self._all_residuals = sum(spec.kind == "residual_block" for spec in self._specs)
        self.uses_seeds = False
        self._shares_activation = self._is_uniform()

    def body(self) -> list[str]:
        """The lines of `build_model` from the scaling to the probabilities."""
        head = [_Line("layers.Rescaling", ("1 / 255", *self._in_float32()))]
        if self._regularization.gaussian_noise:
            head.append(
                self._random("GaussianNoise", self._regularization.gaussian_noise, "input_noise")
            )
        for spec in self._specs:
            self._add(spec)
        lines = [line for one in head for line in one.written("", "", 1)]
        lines[0] = lines[0].replace(")(x)", ")(image)")
        lines += _folded(self._finished_blocks())
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

    def residual(self) -> list[list[str]]:
        """The functions of residual blocks."""
        if not self._all_residuals:
            return []
        arguments = ["filters", "size", "strides", '"same"', "use_bias=False"]
        convolved = [*arguments, *self._kernels(("kernel",)), "name=name"]
        is_skipped = self._regularization.stochastic_depth
        taken = ["x", "name", "filters", "strides", *(["skipped"] if is_skipped else [])]
        skip = 'layers.Dropout(skipped, (None, 1, 1, 1), seed_of(f"{name}_depth"))(branch)'
        activation = f"layers.Activation({string(self._activation)})"
        return [
            [
                "def convolved(x, name, filters, size, strides):",
                f'{INDENT}"""A convolution and its batch norm, whose shift stands for the bias."""',
                *call("x = layers.Conv2D(", convolved, ")(x)"),
                f'{INDENT}return layers.BatchNormalization(name=f"{{name}}_norm")(x)',
            ],
            [
                f"def residual_block({', '.join(taken)}):",
                f'{INDENT}"""Two convolutions with a shortcut around them (arXiv:1512.03385)."""',
                f'{INDENT}branch = convolved(x, f"{{name}}_conv", filters, 3, strides)',
                f"{INDENT}branch = {activation}(branch)",
                f'{INDENT}branch = convolved(branch, f"{{name}}_conv2", filters, 3, 1)',
                *([f"{INDENT}branch = {skip}"] if is_skipped else []),
                f"{INDENT}if x.shape != branch.shape:",
                f'{INDENT}{INDENT}x = convolved(x, f"{{name}}_shortcut", filters, 1, strides)',
                f"{INDENT}return {activation}(layers.Add()([x, branch]))",
            ],
        ]

    def precision(self) -> list[str]:
        """The line that sets a mixed precision."""
        if not self._is_mixed:
            return []
        policy = string(self._config.training.precision)
        return [f"{INDENT}keras.config.set_dtype_policy({policy})"]

    def _is_uniform(self) -> bool:
        """Whether all layers with a kernel have the network's activation, and no norm before it."""
        own = {getattr(spec, "activation", None) for spec in self._specs}
        is_plain = not self._regularization.batch_norm and not self._all_residuals
        return is_plain and own <= {None, self._activation}

    def _finished_blocks(self) -> list[_Block]:
        for block, widths in zip(self._blocks, self._widths, strict=True):
            block.filters = next(iter(widths)) if len(widths) == 1 else None
            if block.filters is None:
                continue
            width = str(block.filters)
            block.lines = [
                _Line(
                    line.function,
                    tuple(_FILTERS if one == f"\0{width}" else one for one in line.arguments),
                    line.takes_x,
                )
                for line in block.lines
            ]
        for block in self._blocks:  # where there are several widths they stay numbers
            block.lines = [
                _Line(line.function, tuple(_plain(one) for one in line.arguments), line.takes_x)
                for line in block.lines
            ]
        return self._blocks

    def _tail(self) -> list[_Line]:
        lines: list[_Line] = []
        if self._is_image:
            lines.append(_Line("layers.Flatten", ()))
        if self._regularization.dropout:
            lines.append(
                self._random("Dropout", self._regularization.dropout, "probabilities_dropout")
            )
        classes = ("len(CLASSES)", '"softmax"', *self._penalties(("kernel",)))
        return [
            *lines,
            _Line("layers.Dense", (*classes, *self._in_float32(), 'name="probabilities"')),
        ]

    def _add(self, spec: specs.Layer) -> None:
        kind = spec.kind
        if isinstance(spec, specs.Conv | specs.SeparableConv | specs.DepthwiseConv):
            self._convolution(spec)
        elif isinstance(spec, specs.MaxPool | specs.AveragePool):
            self._name("pool")
            self._put(f"layers.{_POOLINGS[kind]}", str(spec.pool_size))
            self._end_block()
        elif kind in _FLATTENINGS:
            self._put(f"layers.{_FLATTENINGS[kind]}")
            self._is_image = False
        elif isinstance(spec, specs.Dense):
            self._dense(spec)
        elif isinstance(spec, specs.ResidualBlock):
            self._residual_block(spec)
        else:
            self._small(spec)

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

    def _residual_block(self, spec: specs.ResidualBlock) -> None:
        self._residuals += 1
        name, strength = self._name("residual"), self._regularization.stochastic_depth
        told = [f'"{name}"', self._width(spec.filters), str(spec.strides)]
        if strength:
            self.uses_seeds = True
            here = len(self._blocks)
            at = _BLOCK if self._residuals == here else str(self._residuals)
            told.append(f"{number(strength)} * {at} / {self._all_residuals}")
        self._put("residual_block", *told, takes_x=True)
        self._end_block()

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
        elif isinstance(spec, specs.BatchNorm):
            self._put("layers.BatchNormalization", name)
        else:
            raise ExportError(f"A program can't hold the layer {spec.kind}: take another format.")

    def _end_block(self) -> None:
        name = self._name("dropout")
        if self._regularization.spatial_dropout:
            rate = self._regularization.spatial_dropout
            self._line(self._random("SpatialDropout2D", rate, name))
        self._blocks.append(_Block(len(self._blocks) + 1, [], None))
        self._widths.append(set())

    def _random(self, layer: str, strength: float, name: str) -> _Line:
        self.uses_seeds = True
        return _Line(f"layers.{layer}", (number(strength), f'seed=seed_of("{name}")'))

    def _name(self, role: str) -> str:
        """As training names layers: `block2_conv`, `block2_conv2`; flat ones without a block."""
        stem = f"{len(self._blocks)}/{role}" if self._is_image else role
        self._taken[stem] += 1
        turn = "" if self._taken[stem] == 1 else str(self._taken[stem])
        return f"block{_BLOCK}_{role}{turn}" if self._is_image else f"{role}{turn}"

    def _width(self, filters: int) -> str:
        self._widths[-1].add(filters)
        return f"\0{filters}"

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
        self._line(_Line(function, arguments, takes_x))

    def _line(self, line: _Line) -> None:
        self._blocks[-1].lines.append(line)


def _plain(argument: str) -> str:
    """A width that stays a number."""
    is_width = argument.startswith("\0") and argument[1:].isdigit()
    return argument[1:] if is_width else argument


def _folded(blocks: list[_Block]) -> list[str]:
    """Blocks of the same lines as one loop; what a first one has besides stands before it."""
    lines: list[str] = []
    at = 0
    while at < len(blocks):
        block = blocks[at]
        end = at + 1
        same = blocks[end].lines if end < len(blocks) and blocks[end].lines else None
        before = len(block.lines) - len(same) if same else 0
        if same and before >= 0 and block.lines[before:] == same:
            while end < len(blocks) and blocks[end].lines == same:
                end += 1
            lines += _unrolled(_Block(block.number, block.lines[:before], block.filters))
            repeated = [_Block(block.number, same, block.filters), *blocks[at + 1 : end]]
            lines += _loop(repeated)
        else:
            lines += _unrolled(block)
        at = end
    return lines


def _unrolled(block: _Block) -> list[str]:
    filters = "" if block.filters is None else str(block.filters)
    return [line for one in block.lines for line in one.written(str(block.number), filters, 1)]


def _loop(blocks: list[_Block]) -> list[str]:
    first, widths = blocks[0].number, [block.filters for block in blocks]
    has_widths = any(_FILTERS in one for line in blocks[0].lines for one in line.arguments)
    head = f"for block in range({first}, {first + len(blocks)}):"
    if has_widths:
        head = f"for block, filters in enumerate({widths}, start={first}):"
    return [
        INDENT + head,
        *(line for one in blocks[0].lines for line in one.written("block", "filters", 2)),
    ]
