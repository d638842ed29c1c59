"""How an image is prepared, in words, and programs in other languages that do it."""

from cnnlab.exports.about import About

USAGE = "USAGE.md"
"""Its name in a download."""

_FIT = {
    "crop": "Cut its middle square out and resize that to {size} x {size} px",
    "pad": "Resize it so that its longer side is {size} px, and lay it into the middle of a black "
    "square of {size} x {size} px",
    "stretch": "Resize it to {size} x {size} px, whatever its shape is",
}


def preparation(about: About) -> str:
    """What has to be done with an image before a model sees it, as a section in Markdown."""
    image = about.image
    steps = [
        "Turn the image upright by its EXIF orientation, and lay what is transparent on white.",
        "Take it as red, green and blue of 8 bits each."
        if image.color == "rgb"
        else "Make it grey of 8 bits: .299 red + .587 green + .114 blue.",
        f"{_FIT[image.resize].format(size=image.size)}, with a filter that averages when it makes "
        "an image smaller (Pillow's `BILINEAR`, the triangle below). A browser's canvas, "
        "`INTER_LINEAR` of OpenCV and the scaled bitmaps of Android don't, and probabilities were "
        "up to .14 off with them.",
        "Leave the values as they are, 0 to 255, in the order height, width, channel: the model "
        "scales them itself.",
    ]
    if about.value_range is not None:
        low, high = about.value_range
        steps[1] += (
            f" Of images with more than 8 bits, {low:g} becomes 0 and {high:g} becomes 255, "
            "what lies beyond is cut off."
        )
    numbered = "\n".join(f"{number}. {step}" for number, step in enumerate(steps, 1))
    return f"## Images\n\nAn image has to be prepared as for training:\n\n{numbered}\n"


def code(language: str, about: About, constants: str, program: str) -> str:
    """A program as a block of Markdown, which begins with what is known of the model.

    Args:
        language: of the block.
        about: what is known.
        constants: format string of a line with `size` px, `channels`, `classes` (how many), `crop`
            and `pad` (`true` or `false`).
        program: what follows.
    """
    image = about.image
    told = constants.format(
        size=image.size,
        channels=3 if image.color == "rgb" else 1,
        classes=len(about.class_names),
        crop=str(image.resize == "crop").lower(),
        pad=str(image.resize == "pad").lower(),
    )
    return f"```{language}\n{told}\n\n{program.strip()}\n```\n"
