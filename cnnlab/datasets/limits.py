"""What an upload may cost: every limit, its default, and how an operator changes it.

Each can be set before the start through the environment variable `CNNLAB_` + its name, for
instance `CNNLAB_MAX_IMAGE_PIXELS=100000000`.
"""

from cnnlab.settings import limit

# The README lists them all.

# One uploaded file; larger sets are imported from a folder on the command line.
MAX_UPLOAD_BYTES = limit("MAX_UPLOAD_BYTES", 2 * 2**30)
# 60,000 images zipped on a Mac are 120,000 entries (each has a twin in __MACOSX).
MAX_ENTRIES = limit("MAX_ENTRIES", 150_000)
# The zip's table of contents is read into memory at once: 150,000 entries take some 20 MB.
MAX_DIRECTORY_BYTES = limit("MAX_DIRECTORY_BYTES", 64 * 2**20)
# All files of one upload together, after inflating.
MAX_TOTAL_BYTES = limit("MAX_TOTAL_BYTES", 10 * 2**30)
# Inflated over compressed. Photos are about 1, drawings below 50; bombs reach 1,000.
MAX_RATIO = limit("MAX_RATIO", 200)
# Below this size the ratio says nothing: a small white BMP shrinks a thousandfold, legally.
MAX_BYTES_AT_ANY_RATIO = limit("MAX_BYTES_AT_ANY_RATIO", 16 * 2**20)
# One encoded image: the best phone photos have 15 MB.
MAX_IMAGE_BYTES = limit("MAX_IMAGE_BYTES", 20 * 2**20)
# One decoded image: 160 MB of memory, above most phones and cameras.
MAX_IMAGE_PIXELS = limit("MAX_IMAGE_PIXELS", 40_000_000)
# What the decoder needs meanwhile: libwebp takes 16 bytes a pixel, a progressive JPEG up to 12.
MAX_DECODER_BYTES = limit("MAX_DECODER_BYTES", 256 * 2**20)
# A CSV of labels: about half a million rows with long names.
MAX_TABLE_BYTES = limit("MAX_TABLE_BYTES", 32 * 2**20)
MAX_TABLE_ROWS = limit("MAX_TABLE_ROWS", 2_000_000)
# A JSON of annotations: COCO's own 118,000 images have 450 MB, sets of one label an image have few.
MAX_ANNOTATION_BYTES = limit("MAX_ANNOTATION_BYTES", 64 * 2**20)
# More classes than ImageNet has are a folder per image, not a classification task.
MAX_CLASSES = limit("MAX_CLASSES", 1000)
# Class names are kept in full up to here, in the index and in every model.
MAX_CLASS_NAME_CHARACTERS = limit("MAX_CLASS_NAME_CHARACTERS", 1000)
# A path inside the upload; file systems stop at 4,096 bytes.
MAX_PATH_CHARACTERS = limit("MAX_PATH_CHARACTERS", 2000)
# Folders inside one another; wrapper, split, class and a few below are five or six.
MAX_DEPTH = limit("MAX_DEPTH", 20)
# Disk space that an import must leave free, so that running trainings can still save.
MIN_FREE_BYTES = limit("MIN_FREE_BYTES", 256 * 2**20)
