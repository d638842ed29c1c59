"""How a LiteRT file is used from C++ and Kotlin."""

from cnnlab.exports.about import About
from cnnlab.exports.usage.words import code, preparation

_CPP_CONSTANTS = (
    "constexpr int SIZE = {size}, CHANNELS = {channels}, CLASSES = {classes};\n"
    "constexpr bool CROP = {crop}, PAD = {pad};"
)

CPP_PREPARE = """
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

struct Step { int first; std::vector<double> weights; };

// How much each pixel counts for each of `steps` pixels, as Pillow has it.
std::vector<Step> triangle(double from, double length, int steps, int limit) {
  const double scale = length / steps, reach = std::max(scale, 1.0);
  std::vector<Step> all;
  for (int at = 0; at < steps; ++at) {
    const double centre = from + (at + 0.5) * scale;
    const int first = std::max(0, int(std::floor(centre - reach + 0.5)));
    const int end = std::min(limit, int(std::floor(centre + reach + 0.5)));
    Step step{first, {}};
    double sum = 0;
    for (int x = first; x < end; ++x) {
      step.weights.push_back(std::max(0.0, 1 - std::abs(x + 0.5 - centre) / reach));
      sum += step.weights.back();
    }
    for (double& weight : step.weights) weight /= sum;
    all.push_back(step);
  }
  return all;
}

// `rgb`: three bytes a pixel, row by row, upright, transparency laid on white.
std::vector<uint8_t> prepare(const uint8_t* rgb, int width, int height) {
  const int boxWidth = CROP ? std::min(width, height) : width;
  const int boxHeight = CROP ? boxWidth : height;
  const double scale = double(SIZE) / std::max(width, height);
  const int toWidth = PAD ? std::max(1, int(std::lround(width * scale))) : SIZE;
  const int toHeight = PAD ? std::max(1, int(std::lround(height * scale))) : SIZE;
  const auto columns = triangle((width - boxWidth) / 2.0, boxWidth, toWidth, width);
  const auto rows = triangle((height - boxHeight) / 2.0, boxHeight, toHeight, height);
  std::vector<uint8_t> image(SIZE * SIZE * CHANNELS, 0);
  for (int y = 0; y < toHeight; ++y) {
    for (int x = 0; x < toWidth; ++x) {
      double sums[3] = {0, 0, 0};
      for (size_t j = 0; j < rows[y].weights.size(); ++j) {
        for (size_t i = 0; i < columns[x].weights.size(); ++i) {
          const size_t at = size_t(rows[y].first + j) * width + columns[x].first + i;
          for (int c = 0; c < 3; ++c) {
            sums[c] += rows[y].weights[j] * columns[x].weights[i] * rgb[3 * at + c];
          }
        }
      }
      if (CHANNELS == 1) sums[0] = 0.299 * sums[0] + 0.587 * sums[1] + 0.114 * sums[2];
      const int to = ((y + (SIZE - toHeight) / 2) * SIZE + x + (SIZE - toWidth) / 2) * CHANNELS;
      for (int c = 0; c < CHANNELS; ++c) image[to + c] = uint8_t(std::lround(sums[c]));
    }
  }
  return image;
}
"""

_CPP_FLOAT = """
#include <memory>
#include "tensorflow/lite/interpreter.h"
#include "tensorflow/lite/kernels/register.h"
#include "tensorflow/lite/model.h"

auto model = tflite::FlatBufferModel::BuildFromFile("model.tflite");  // keep it: it has the weights
tflite::ops::builtin::BuiltinOpResolver operations;
std::unique_ptr<tflite::Interpreter> interpreter;
tflite::InterpreterBuilder(*model, operations)(&interpreter);
interpreter->AllocateTensors();

const auto image = prepare(rgb, width, height);
std::copy(image.begin(), image.end(), interpreter->typed_input_tensor<@TYPE>(0));
interpreter->Invoke();
@ANSWERS
"""
_CPP_ANSWERS = """
const float* probabilities = interpreter->typed_output_tensor<float>(0);  // CLASSES of them
"""
_CPP_BYTES = """
const uint8_t* answers = interpreter->typed_output_tensor<uint8_t>(0);  // CLASSES of them
const auto [scale, zero] = interpreter->output_tensor(0)->params;
const float probability = (answers[0] - zero) * scale;  // of the first class
"""

_KOTLIN_CONSTANTS = (
    "const val SIZE = {size}\nconst val CHANNELS = {channels}\nconst val CLASSES = {classes}\n"
    "const val CROP = {crop}\nconst val PAD = {pad}"
)

_KOTLIN = """
class Step(val first: Int, val weights: DoubleArray)

// How much each pixel counts for each of `steps` pixels, as Pillow has it.
fun triangle(from: Double, length: Int, steps: Int, limit: Int) = List(steps) { at ->
    val scale = length.toDouble() / steps
    val reach = maxOf(scale, 1.0)
    val centre = from + (at + 0.5) * scale
    val first = maxOf(0, floor(centre - reach + 0.5).toInt())
    val end = minOf(limit, floor(centre + reach + 0.5).toInt())
    val weights = DoubleArray(end - first) {
        maxOf(0.0, 1 - abs(first + it + 0.5 - centre) / reach)
    }
    val sum = weights.sum()
    Step(first, DoubleArray(weights.size) { weights[it] / sum })
}

// `bitmap`: ARGB_8888, upright, drawn on white where it is transparent.
fun prepare(bitmap: Bitmap): ByteBuffer {
    val width = bitmap.width
    val height = bitmap.height
    val pixels = IntArray(width * height)
    bitmap.getPixels(pixels, 0, width, 0, 0, width, height)
    val boxWidth = if (CROP) minOf(width, height) else width
    val boxHeight = if (CROP) minOf(width, height) else height
    val scale = SIZE.toDouble() / maxOf(width, height)
    val toWidth = if (PAD) maxOf(1, (width * scale).roundToInt()) else SIZE
    val toHeight = if (PAD) maxOf(1, (height * scale).roundToInt()) else SIZE
    val columns = triangle((width - boxWidth) / 2.0, boxWidth, toWidth, width)
    val rows = triangle((height - boxHeight) / 2.0, boxHeight, toHeight, height)
    val image = ByteBuffer.allocateDirect(@BYTES * SIZE * SIZE * CHANNELS)  // black
        .order(ByteOrder.nativeOrder())
    for (y in 0 until toHeight) for (x in 0 until toWidth) {
        val sums = DoubleArray(3)
        for ((j, down) in rows[y].weights.withIndex()) {
            for ((i, across) in columns[x].weights.withIndex()) {
                val pixel = pixels[(rows[y].first + j) * width + columns[x].first + i]
                for (c in 0..2) sums[c] += down * across * (pixel shr (16 - 8 * c) and 255)
            }
        }
        if (CHANNELS == 1) sums[0] = 0.299 * sums[0] + 0.587 * sums[1] + 0.114 * sums[2]
        val to = ((y + (SIZE - toHeight) / 2) * SIZE + x + (SIZE - toWidth) / 2) * CHANNELS
        for (c in 0 until CHANNELS) @PUT
    }
    return image
}

// Of the package com.google.ai.edge.litert:litert; `file` is model.tflite, mapped or on disk.
val interpreter = Interpreter(file)
"""
_KOTLIN_FLOAT = """
val answers = Array(1) { FloatArray(CLASSES) }
interpreter.run(prepare(bitmap), answers)  // answers[0]: the probabilities
"""
_KOTLIN_BYTES = """
val answers = Array(1) { ByteArray(CLASSES) }
interpreter.run(prepare(bitmap), answers)
val said = interpreter.getOutputTensor(0).quantizationParams()
val probability = ((answers[0][0].toInt() and 255) - said.zeroPoint) * said.scale  // first class
"""


def usage(about: About, *, takes_bytes: bool) -> str:
    """Words in Markdown on how a file is used.

    Args:
        about: what is known of the model.
        takes_bytes: whether its images and answers are uint8; else they are float32.
    """
    cpp = CPP_PREPARE + _CPP_FLOAT.replace("@TYPE", "uint8_t" if takes_bytes else "float").replace(
        "@ANSWERS", (_CPP_BYTES if takes_bytes else _CPP_ANSWERS).strip()
    )
    kotlin = _KOTLIN.replace("@BYTES", "1" if takes_bytes else "4").replace(
        "@PUT",
        "image.put(to + c, sums[c].roundToInt().toByte())"
        if takes_bytes
        else "image.putFloat(4 * (to + c), sums[c].roundToInt().toFloat())",
    )
    kotlin += _KOTLIN_BYTES if takes_bytes else _KOTLIN_FLOAT
    size = about.image.size
    kind = "bytes" if takes_bytes else "float32"
    return f"""# The model in LiteRT

`model.tflite` takes one image (1, {size}, {size}, channels) of {kind} and gives a probability for
each class as {kind}, in the order of `classes.json`. Class names and preparation also lie in the
file itself: `unzip model.tflite`.

{preparation(about)}
`predict.py` does all of that in Python; with it the file was compared with the model.

## C++

{code("cpp", about, _CPP_CONSTANTS, cpp)}
## Kotlin (Android)

{code("kotlin", about, _KOTLIN_CONSTANTS, kotlin)}"""
