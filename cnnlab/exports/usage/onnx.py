"""How an ONNX file is used from JavaScript and C#."""

from cnnlab.exports.about import About
from cnnlab.exports.usage.words import code, preparation

_JS_CONSTANTS = (
    "const SIZE = {size}, CHANNELS = {channels}, CROP = {crop}, PAD = {pad};  // {classes} classes"
)

JS_PREPARE = """
// How much each pixel counts for each of `steps` pixels, as Pillow has it.
function triangle(from, length, steps, limit) {
  const scale = length / steps, reach = Math.max(scale, 1);
  return Array.from({ length: steps }, (_, at) => {
    const centre = from + (at + 0.5) * scale;
    const first = Math.max(0, Math.floor(centre - reach + 0.5));
    const end = Math.min(limit, Math.floor(centre + reach + 0.5));
    const weights = [];
    for (let x = first; x < end; x++) {
      weights.push(Math.max(0, 1 - Math.abs(x + 0.5 - centre) / reach));
    }
    const sum = weights.reduce((a, b) => a + b);
    return { first, weights: weights.map((weight) => weight / sum) };
  });
}

// `data`: red, green, blue, alpha of each pixel, as getImageData gives them of a canvas.
function prepare({ data, width, height }) {
  const boxWidth = CROP ? Math.min(width, height) : width;
  const boxHeight = CROP ? boxWidth : height;
  const scale = SIZE / Math.max(width, height);
  const toWidth = PAD ? Math.max(1, Math.round(width * scale)) : SIZE;
  const toHeight = PAD ? Math.max(1, Math.round(height * scale)) : SIZE;
  const columns = triangle((width - boxWidth) / 2, boxWidth, toWidth, width);
  const rows = triangle((height - boxHeight) / 2, boxHeight, toHeight, height);
  const left = Math.floor((SIZE - toWidth) / 2), top = Math.floor((SIZE - toHeight) / 2);
  const image = new Float32Array(SIZE * SIZE * CHANNELS); // black
  rows.forEach((row, y) => columns.forEach((column, x) => {
    const sums = [0, 0, 0];
    row.weights.forEach((down, j) => column.weights.forEach((across, i) => {
      const at = 4 * ((row.first + j) * width + column.first + i);
      for (let c = 0; c < 3; c++) sums[c] += down * across * data[at + c];
    }));
    if (CHANNELS === 1) sums[0] = 0.299 * sums[0] + 0.587 * sums[1] + 0.114 * sums[2];
    const to = ((y + top) * SIZE + x + left) * CHANNELS;
    for (let c = 0; c < CHANNELS; c++) image[to + c] = Math.round(sums[c]);
  }));
  return image;
}
"""

_JS_RUN = """
import * as ort from "onnxruntime-web";

async function pixelsOf(file) {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  const canvas = new OffscreenCanvas(picture.width, picture.height), pen = canvas.getContext("2d");
  pen.fillStyle = "white"; // what is transparent is laid on white
  pen.fillRect(0, 0, picture.width, picture.height);
  pen.drawImage(picture, 0, 0); // in its own size: the resizing of a canvas is another one
  return pen.getImageData(0, 0, picture.width, picture.height);
}

const session = await ort.InferenceSession.create("model.onnx");
const image = prepare(await pixelsOf(file));
const given = new ort.Tensor("float32", image, [1, SIZE, SIZE, CHANNELS]);
const answers = await session.run({ image: given });
const probabilities = answers[session.outputNames[0]].data;
"""

_CS_CONSTANTS = "const int SIZE = {size}, CHANNELS = {channels};  // {classes} classes"

_CS = """
// NuGet: Microsoft.ML.OnnxRuntime, SixLabors.ImageSharp
using var picture = Image.Load<Rgba32>(path);
picture.Mutate(it => it.AutoOrient().BackgroundColor(Color.White).Resize(new ResizeOptions {
    Size = new Size(SIZE, SIZE), Mode = ResizeMode.@MODE, PadColor = Color.Black,
    Sampler = KnownResamplers.Triangle, Compand = false,
}));

var image = new DenseTensor<float>(new[] { 1, SIZE, SIZE, CHANNELS });
for (int y = 0; y < SIZE; y++) for (int x = 0; x < SIZE; x++) {
    var pixel = picture[x, y];
    @SET
}

using var session = new InferenceSession("model.onnx");
using var answers = session.Run(new[] { NamedOnnxValue.CreateFromTensor("image", image) });
float[] probabilities = answers.First().AsEnumerable<float>().ToArray();
"""
_CS_COLORS = """image[0, y, x, 0] = pixel.R;
    image[0, y, x, 1] = pixel.G;
    image[0, y, x, 2] = pixel.B;"""
_CS_GREY = """image[0, y, x, 0] =
        (float)Math.Round(0.299 * pixel.R + 0.587 * pixel.G + 0.114 * pixel.B);"""


def usage(about: About) -> str:
    """Words in Markdown on how a file is used."""
    size = about.image.size
    sharp = _CS.replace("@MODE", about.image.resize.capitalize()).replace(
        "@SET", _CS_COLORS if about.image.color == "rgb" else _CS_GREY
    )
    return f"""# The model in ONNX Runtime

`model.onnx` takes `image`, any number of images (N, {size}, {size}, channels) of float32, and
gives a probability for each class as float32, in the order of `classes.json`. Class names and
preparation also lie in the file's own metadata.

{preparation(about)}
`predict.py` does all of that in Python; with it the file was compared with the model.

## JavaScript (browser)

{code("js", about, _JS_CONSTANTS, JS_PREPARE + _JS_RUN)}
## C#

{code("cs", about, _CS_CONSTANTS, sharp)}"""
