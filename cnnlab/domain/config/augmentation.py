"""Which random changes a training image goes through before the network sees it."""

from typing import Literal

from cnnlab.fields import ConfigModel, knob

Flip = Literal["none", "horizontal", "vertical", "both"]


class Augmentation(ConfigModel):
    """Strength of every augmentation; 0, `none` or false is off.

    All are applied to the training images only, anew for every image at every epoch, and never
    become part of the exported model. Named after what they do, in the unit of the name; the
    Keras layer that does the same stands in each help text.
    """

    flip: Flip = knob(
        "none",
        "Flip",
        "Mirrors half of the images (RandomFlip). 'horizontal' suits most photos; leave it off "
        "where left and right differ, as in letters, digits and hand signs.",
    )
    rotation_degrees: float = knob(
        0.0,
        "Rotation",
        "Turns each image by up to this angle either way (RandomRotation). Usual: 5 to 30.",
        ge=0,
        le=180,
        unit="°",
        usual=15,
        step=1,
    )
    zoom_fraction: float = knob(
        0.0,
        "Zoom",
        "Enlarges or shrinks by up to this fraction (RandomZoom). Usual: 0.05 to 0.3.",
        ge=0,
        le=0.9,
        usual=0.12,
        step=0.01,
    )
    shift_fraction: float = knob(
        0.0,
        "Shift",
        "Moves by up to this fraction of the image's side, in both directions "
        "(RandomTranslation). Usual: 0.05 to 0.2.",
        ge=0,
        le=0.9,
        usual=0.1,
        step=0.01,
    )
    shear_degrees: float = knob(
        0.0,
        "Shear",
        "Slants by up to this angle (RandomShear). Usual: 5 to 20.",
        ge=0,
        le=60,
        unit="°",
        usual=10,
        step=1,
    )
    perspective_fraction: float = knob(
        0.0,
        "Perspective",
        "Moves each corner inwards by up to this fraction of the side (RandomPerspective), as if "
        "seen at an angle. Usual: 0.05 to 0.2.",
        ge=0,
        le=0.45,
        usual=0.1,
        step=0.01,
    )
    elastic_px: float = knob(
        0.0,
        "Elastic",
        "Bends the image smoothly by up to about this many pixels (RandomElasticTransform). "
        "Suits handwriting and microscopy. Usual: 1 to 4.",
        ge=0,
        le=32,
        unit="px",
        usual=2,
        step=0.5,
    )
    brightness_fraction: float = knob(
        0.0,
        "Brightness",
        "Adds up to this fraction of white or takes it away (RandomBrightness). Usual: 0.1 to 0.3.",
        ge=0,
        le=1,
        usual=0.2,
        step=0.01,
    )
    contrast_fraction: float = knob(
        0.0,
        "Contrast",
        "Raises or lowers the contrast by up to this fraction (RandomContrast). Usual: 0.1 to 0.4.",
        ge=0,
        le=1,
        usual=0.2,
        step=0.01,
    )
    saturation_fraction: float = knob(
        0.0,
        "Saturation",
        "Makes colours up to this fraction stronger or weaker (as RandomSaturation). "
        "Usual: 0.1 to 0.5; no effect on grayscale images.",
        ge=0,
        le=1,
        usual=0.3,
        step=0.01,
    )
    hue_fraction: float = knob(
        0.0,
        "Hue",
        "Turns the colour circle by up to this fraction of half a turn (RandomHue). Usual: 0.02 "
        "to 0.1; leave it off where colour tells the classes apart.",
        ge=0,
        le=1,
        usual=0.05,
        step=0.01,
    )
    grayscale_fraction: float = knob(
        0.0,
        "Grayscale",
        "Takes all colour from this share of the images (RandomGrayscale). Usual: 0.05 to 0.2.",
        ge=0,
        le=1,
        usual=0.1,
        step=0.01,
    )
    noise_stddev: float = knob(
        0.0,
        "Noise",
        "Adds Gaussian noise with this standard deviation, on the 0 to 255 scale. Usual: 4 to 20.",
        ge=0,
        le=128,
        usual=10,
        step=1,
    )
    blur_sigma_px: float = knob(
        0.0,
        "Blur",
        "Blurs each image with a Gaussian of up to this width (RandomGaussianBlur). "
        "Usual: 0.5 to 1.5.",
        ge=0,
        le=10,
        unit="px",
        usual=1,
        step=0.1,
    )
    erasing_fraction: float = knob(
        0.0,
        "Erasing",
        "Covers one rectangle of up to this share of the image's area with grey "
        "(RandomErasing, Cutout). Usual: 0.05 to 0.25.",
        ge=0,
        le=0.9,
        usual=0.15,
        step=0.01,
    )
    mixup_alpha: float = knob(
        0.0,
        "MixUp",
        "Blends pairs of images and their labels; the share follows Beta(alpha, alpha) "
        "(MixUp, arXiv:1710.09412). Usual: 0.1 to 0.4.",
        ge=0,
        le=10,
        usual=0.2,
        step=0.05,
    )
    cutmix_alpha: float = knob(
        0.0,
        "CutMix",
        "Pastes a patch of another image and mixes the labels by its area; the share follows "
        "Beta(alpha, alpha) (CutMix, arXiv:1905.04899). Usual: 0.2 to 1.",
        ge=0,
        le=10,
        usual=1,
        step=0.05,
    )
    randaugment_operations: int = knob(
        0,
        "RandAugment",
        "Applies this many operations drawn at random from a fixed list (RandAugment, "
        "arXiv:1909.13719). Usual: 1 to 3.",
        ge=0,
        le=8,
        usual=2,
        step=1,
    )
    randaugment_magnitude: float = knob(
        0.5,
        "RandAugment strength",
        "How strong each RandAugment operation is, 0 to 1. Usual: 0.3 to 0.7.",
        ge=0,
        le=1,
        usual=0.5,
        step=0.05,
    )
    augmix: bool = knob(
        False,
        "AugMix",
        "Blends several chains of mild operations into one image (AugMix, arXiv:1912.02781).",
    )

    @property
    def is_on(self) -> bool:
        """Whether any augmentation is switched on."""
        return bool(self.active())

    def active(self) -> dict[str, float | str | bool]:
        """The fields that are switched on, with their values."""
        values = self.model_dump(exclude={"randaugment_magnitude"})
        return {name: value for name, value in values.items() if value not in (0, "none", False)}
