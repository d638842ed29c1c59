"""How a Core ML file is used from Swift."""

from cnnlab.exports.about import About
from cnnlab.exports.usage.words import preparation

_FIT = {"crop": "centerCrop", "pad": "scaleFit", "stretch": "scaleFill"}


def usage(about: About) -> str:
    """Words in Markdown on how a file is used."""
    return f"""# The model in Core ML

`model.mlpackage` takes an image and gives the likeliest class with the probabilities of all,
computed in float32. It has **not been compared** with the model: Core ML computes on Apple's
devices only. Compare its answers to some pictures with those of another format before you rely on
it.

{preparation(about)}
Vision resizes in a way of its own, so that probabilities may differ a little. In Swift:

```swift
import CoreML
import Vision

let compiled = try await MLModel.compileModel(at: url)  // of model.mlpackage
let model = try VNCoreMLModel(for: MLModel(contentsOf: compiled))
let request = VNCoreMLRequest(model: model)
request.imageCropAndScaleOption = .{_FIT[about.image.resize]}
try VNImageRequestHandler(url: picture).perform([request])
for answer in (request.results as? [VNClassificationObservation] ?? []).prefix(5) {{
    print(answer.identifier, answer.confidence)
}}
```
"""
