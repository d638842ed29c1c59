"""The addresses described for programs, as OpenAPI 3.1 has it."""

from typing import Any

from cnnlab.exports.serving.options import Options

_PICTURE = {"type": "string", "format": "binary"}
_WHOLE = "From the request's head to the answer, waiting included."
_SHARE = (
    "Of preparing and computing it: its share where several were computed at once, without waiting."
)


def api_document(options: Options) -> dict[str, Any]:
    """The description of this server; it tells nothing of the model.

    Args:
        options: limits, which are told, and whether a token is asked for.
    """
    document: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {
            "title": "What pictures show",
            "version": "1",
            "description": "Says of pictures which class a model sees in them. "
            "Everything that goes wrong is told as JSON, {\"problem\": \"one sentence\"}.",
        },
        "paths": {
            "/predict": {"post": _predict(options)},
            "/batch": {"post": _batch(options)},
            "/model": {"get": _get("model", "The model: classes, preparation, threshold, limits",
                                   "Model", with_token=True)},
            "/health": {"get": _get("health", "Whether the server lives", "Status")},
            "/ready": {"get": _get("ready", "Whether a picture would be answered now", "Status",
                                   {"503": _refused("Too many pictures wait.")})},
        },
        "components": {"schemas": _schemas()},
    }  # fmt: skip
    if options.token is not None:
        scheme = {"type": "http", "scheme": "bearer", "description": "Printed at the start."}
        document["components"]["securitySchemes"] = {"token": scheme}
    else:
        _without_token(document)
    return document


def _predict(options: Options) -> dict[str, Any]:
    limit = f"{options.most_image_bytes >> 20} MiB and {options.most_pixels / 1e6:g} megapixels"
    return {
        "operationId": "predict",
        "summary": "What a picture shows",
        "description": "The picture is the body, or a file of a form; of a form with several the "
        f"answer is as of /batch. JPEG, PNG, WebP, BMP, GIF or TIFF, up to {limit}. It is prepared "
        "as the training images were, and not kept.",
        "security": [{"token": []}],
        **_pictures(),
        "responses": {
            "200": _answer("What it shows.", "Prediction"),
            "422": _refused("The picture can't be used."),
            **_problems(options),
        },
    }


def _batch(options: Options) -> dict[str, Any]:
    return {
        "operationId": "batch",
        "summary": "What several pictures show",
        "description": f"The files of a form, up to {options.most_images} of "
        f"{options.most_body_bytes >> 20} MiB in all; a picture that is the body is a list of one. "
        "One that can't be used has a `problem` in "
        "its place; the others are answered all the same.",
        "security": [{"token": []}],
        **_pictures(),
        "responses": {
            "200": _answer("What each shows, in their order.", "Predictions"),
            **_problems(options),
        },
    }


def _pictures() -> dict[str, Any]:
    """What both addresses take."""
    name = {
        "name": "X-Name",
        "in": "header",
        "description": "What a picture that is the body is called, percent-encoded; comes back as "
        "`name`.",
        "schema": {"type": "string"},
    }
    content = {
        "image/*": {"schema": _PICTURE},
        "application/octet-stream": {"schema": _PICTURE},
        "multipart/form-data": {"schema": _form()},
    }
    return {"parameters": [name], "requestBody": {"required": True, "content": content}}


def _form() -> dict[str, Any]:
    files = {"type": "array", "items": _PICTURE}
    return {"type": "object", "properties": {"pictures": files}, "required": ["pictures"]}


def _problems(options: Options) -> dict[str, Any]:
    told = {
        "400": "There is no picture, or the form can't be read.",
        "401": "The token is missing or wrong.",
        "403": "The server is called by a foreign name, or by a page of another site.",
        "408": f"The request didn't come in within {options.timeout_seconds:g} s.",
        "413": "The request is too large, or has too many pictures.",
        "415": "The body is of another kind.",
        "503": "Too many pictures wait: ask again after the seconds of `Retry-After`.",
    }
    return {status: _refused(words) for status, words in told.items()}


def _get(
    name: str,
    summary: str,
    schema: str,
    more: dict[str, Any] | None = None,
    *,
    with_token: bool = False,
) -> dict[str, Any]:
    return {
        "operationId": name,
        "summary": summary,
        **({"security": [{"token": []}]} if with_token else {}),
        "responses": {"200": _answer("It is told.", schema), **(more or {})},
    }


def _answer(words: str, schema: str) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"description": words, "content": content}


def _refused(words: str) -> dict[str, Any]:
    return _answer(words, "Problem")


def _without_token(document: dict[str, Any]) -> None:
    for methods in document["paths"].values():
        for operation in methods.values():
            operation.pop("security", None)
            operation["responses"].pop("401", None)


def _schemas() -> dict[str, Any]:
    guess = _object(
        {
            "class": _text("Its name."),
            "probability": _number("0 to 1."),
        }
    )
    said = {
        "name": _text("As the picture was called, where it was."),
        "class": _text("The likeliest class."),
        "probability": _number("Of that class, 0 to 1."),
        "unsure": {
            "type": ["boolean", "null"],
            "description": "Whether that is below the model's threshold; null where it has none.",
        },
        "top": {"type": "array", "items": guess, "description": "The five likeliest classes."},
        "probabilities": {
            "type": "object",
            "additionalProperties": {"type": "number"},
            "description": "Of every class by its name.",
        },
    }
    about = {"run": _text("Whose model it is."), "format": _text("Of the model's file.")}
    whole, share = {"milliseconds": _number(_WHOLE)}, {"milliseconds": _number(_SHARE)}
    needed = [*(name for name in said if name != "name"), "milliseconds"]
    one = _object({**said, **share}, needed)
    return {
        "Prediction": _object({**said, **whole, **about}, [*needed, *about]),
        "Predictions": _object(
            {
                "predictions": {"type": "array", "items": {"anyOf": [one, _object(
                    {"name": _text("Of the file."), "problem": _text("Why it can't be used."),
                     **share}, ["problem", "milliseconds"])]}},
                **whole,
                **about,
            }
        ),
        "Problem": _object({"problem": _text("One sentence: what is wrong and what to do.")}),
        "Status": _object({"status": _text("`ok`, `ready` or `full`.")}),
        "Model": _object(
            {
                **about,
                "class_names": {"type": "array", "items": {"type": "string"}},
                "image": {"type": "object", "description": "Size, colour, resizing."},
                "value_range": {"type": ["array", "null"], "items": {"type": "number"}},
                "temperature": {"type": ["number", "null"]},
                "threshold": {"type": ["number", "null"]},
                "limits": {"type": "object", "additionalProperties": {"type": "number"}},
            }
        ),
    }  # fmt: skip


def _object(properties: dict[str, Any], required: list[str] | None = None) -> dict[str, Any]:
    needed = list(properties) if required is None else required
    return {"type": "object", "properties": properties, "required": needed}


def _text(description: str) -> dict[str, Any]:
    return {"type": "string", "description": description}


def _number(description: str) -> dict[str, Any]:
    return {"type": "number", "description": description}
