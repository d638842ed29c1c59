"""Reading a run's images as Python."""

from cnnlab.exports.code.lines import WIDTH, string
from cnnlab.exports.code.recipe import Recipe

_READ = '''def read_image(content):
    """The bytes of a picture as training saw it, ({size}, {size}, {channels}) uint8."""
    image = Image.open(io.BytesIO(content))
    image.draft(None, (SIZE, SIZE))  # a JPEG is decoded at the next larger half or quarter
    image = ImageOps.exif_transpose(image).convert("{mode}")
{fit}
    return np.asarray(image).reshape(SIZE, SIZE, {channels})'''

_CROP = """    (wide, tall), side = image.size, min(image.size)
    middle = (wide - side) / 2, (tall - side) / 2, (wide + side) / 2, (tall + side) / 2
    image = image.resize((SIZE, SIZE), Image.Resampling.BILINEAR, middle, reducing_gap=2.0)"""

_STRETCH = """    image = image.resize((SIZE, SIZE), Image.Resampling.BILINEAR, reducing_gap=2.0)"""

_PAD = """    scale = SIZE / max(image.size)
    wide, tall = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    image = image.resize((wide, tall), Image.Resampling.BILINEAR, reducing_gap=2.0)
    square = Image.new(image.mode, (SIZE, SIZE))
    square.paste(image, ((SIZE - wide) // 2, (SIZE - tall) // 2))
    image = square"""

_FITS = {"crop": _CROP, "stretch": _STRETCH, "pad": _PAD}

_LOAD = '''def load(folder, part):
    """Rows of files.csv, their pictures (N, SIZE, SIZE, {channels}) uint8, and their labels."""
    root = zipfile.Path(folder) if zipfile.is_zipfile(folder) else Path(folder)
    with open(HERE / "files.csv", encoding="utf-8", newline="") as table:
        rows = [row for row in csv.DictReader(table) if row["part"] == part]
    images = np.empty((len(rows), SIZE, SIZE, {channels}), np.uint8)
    for row, image in zip(rows, images):
        path = root / row["file"]
        content = path.read_bytes() if path.is_file() else b""
        if hashlib.sha256(content).hexdigest() != row["sha256"]:
            raise SystemExit(f"{{folder}} lacks {{row['file']}}: give Data's 'Images as zip'.")
        image[:] = {read}(content)
    return rows, images, np.array([CLASSES.index(row["class"]) for row in rows])'''


def data_section(recipe: Recipe) -> list[list[str]]:
    """The functions `read_image`, where pictures are ordinary ones, and `load`."""
    image, channels = recipe.config.image, recipe.channels
    load = _LOAD.format(channels=channels, read=reader(recipe)).splitlines()
    if not recipe.is_plain:
        return [load]
    mode, fit = "RGB" if channels == 3 else "L", _FITS[image.resize]
    read = _READ.format(size=image.size, channels=channels, mode=mode, fit=fit)
    return [read.splitlines(), load]


def reader(recipe: Recipe) -> str:
    """The function that prepares a picture."""
    return "read_image" if recipe.is_plain else "prepare"


def classes_line(recipe: Recipe) -> str:
    """The constant of the class names: from a file where they are many."""
    if are_inline(recipe):
        return _inline(recipe)
    return 'CLASSES = json.loads((HERE / "classes.json").read_text(encoding="utf-8"))'


def are_inline(recipe: Recipe) -> bool:
    """Whether the class names stand in the program."""
    return len(_inline(recipe)) <= WIDTH


def _inline(recipe: Recipe) -> str:
    return f"CLASSES = [{', '.join(map(string, recipe.class_names))}]"
