"""How far the page may be from the model."""

from cnnlab.exports.agreement import Limits

MOST_HALVED_DIFFERENCE = 1e-3
"""Of a probability, where the page holds its kernels as float16, which makes it half as large: what
is shown has one digit behind the percentage's point. A model beyond it is held in float32."""

LIMITS = Limits(max_abs_difference=2e-3, top1_agreement=0.98)
"""Of a page. Pictures are opened and made small to the very bit as in training where they are JPEG
or PNG, so that what is left is float16 (measured up to 3e-4) and another order of sums; WebP, GIF
and BMP are opened by the browser, which was measured to give the same bits in Chromium."""
