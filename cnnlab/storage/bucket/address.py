"""What `CNNLAB_STORAGE` names: a folder, a bucket, or both with a comma between."""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, parse_qs, urlencode, urlsplit

from cnnlab.domain.errors import ConfigError

STORAGE = "CNNLAB_STORAGE"
"""Names the folder for datasets and runs, where they don't lie in the home, and the bucket."""

_ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")
_REGIONS = ("AWS_REGION", "AWS_DEFAULT_REGION")
_BUCKET = re.compile(r"(?:^|,)\s*(s3://.*)", re.IGNORECASE | re.DOTALL)
_NAME = re.compile("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_PREFIX = re.compile(r"(?:[A-Za-z0-9][A-Za-z0-9._-]*/)*")
_HOST = re.compile(r"[A-Za-z0-9.-]+(?::\d{1,5})?|\[[0-9a-fA-F:]+\](?::\d{1,5})?")
_REGION = re.compile("[a-z0-9-]*")
_OPTIONS = {"endpoint_override", "region", "scheme"}
_EXAMPLE = f"Write {STORAGE}=s3://bucket/folder, or /mnt/lab,s3://bucket/folder"


@dataclass(frozen=True)
class BucketAddress:
    """Where a bucket is; no secret is part of it.

    Attributes:
        name: of the bucket.
        prefix: how the names of all that is ours begin there: empty, or with a slash at its end.
        endpoint: host and port; empty is that of AWS.
        scheme: `https` or `http`.
        region: empty is found out.
    """

    name: str
    prefix: str = ""
    endpoint: str = ""
    scheme: str = "https"
    region: str = ""

    @property
    def place(self) -> str:
        """The bucket and our part of it, for people."""
        return f"s3://{self.name}/{self.prefix}".rstrip("/")

    @property
    def url(self) -> str:
        """All of it, as another process takes it from `CNNLAB_STORAGE`."""
        options = {"region": self.region} if self.region else {}
        if self.endpoint:
            options |= {"endpoint_override": self.endpoint, "scheme": self.scheme}
        query = f"?{urlencode(options)}" if options else ""
        return f"{self.place}{query}"


def storage_folder() -> Path | None:
    """The folder that is named; None where there is none, and the home is meant."""
    folder = _BUCKET.sub("", os.environ.get(STORAGE, "").strip()).strip()
    return Path(folder).expanduser().absolute() if folder else None


def bucket_address() -> BucketAddress | None:
    """The bucket that is named; None where there is none.

    Endpoint and region are taken from the address, else from the variables of AWS's own tools.

    Raises:
        ConfigError: the address can't be taken.
    """
    found = _BUCKET.search(os.environ.get(STORAGE, "").strip())
    return _read(found[1].strip()) if found else None


def storage_words(folder: Path | None, url: str) -> str:
    """What `CNNLAB_STORAGE` says of a folder and a bucket's address; empty without either."""
    return ",".join(filter(None, [str(folder) if folder else "", url]))


def see_storage_setting() -> None:
    """See that the bucket that is named, if any, has an address that can be taken.

    Raises:
        ConfigError: it has none.
    """
    bucket_address()


def _read(text: str) -> BucketAddress:
    parts, options = _taken_apart(text)
    endpoint = options.get("endpoint_override") or _first_of(_ENDPOINTS)
    scheme = options.get("scheme", "https")
    if "://" in endpoint:
        scheme, _, endpoint = endpoint.partition("://")
    endpoint = endpoint.rstrip("/")
    if scheme not in ("http", "https") or (endpoint and not _HOST.fullmatch(endpoint)):
        raise ConfigError(
            f"The endpoint of the bucket can't be taken: {scheme}://{endpoint:.100}. Write it as "
            "?endpoint_override=http://10.0.0.7:9000 behind the bucket, or into AWS_ENDPOINT_URL."
        )
    region = options.get("region") or _first_of(_REGIONS)
    if not _REGION.fullmatch(region):
        raise ConfigError(f"The bucket's region can't be taken: {region!r:.100}.")
    prefix = f"{parts.path.strip('/')}/".removeprefix("/")
    return BucketAddress(parts.netloc, prefix, endpoint, scheme, region)


def _taken_apart(text: str) -> tuple[SplitResult, dict[str, str]]:
    """The parts of an address and its options.

    Raises:
        ConfigError: it is none; what it holds isn't repeated, for it may hold a secret.
    """
    try:
        parts = urlsplit(text)
        options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    except ValueError:
        raise ConfigError(f"{STORAGE} holds no address of a bucket. {_EXAMPLE}.") from None
    if "@" in parts.netloc:
        raise ConfigError(
            f"{STORAGE} holds a key, which others would see: put it into AWS_ACCESS_KEY_ID and "
            f"AWS_SECRET_ACCESS_KEY. {_EXAMPLE}."
        )
    if not _NAME.fullmatch(parts.netloc):
        raise ConfigError(
            f"{parts.netloc!r:.100} in {STORAGE} is no name of a bucket: it has 3 to 63 small "
            f"letters, digits, dots and hyphens. {_EXAMPLE}."
        )
    if not _PREFIX.fullmatch(f"{parts.path.strip('/')}/".removeprefix("/")):
        raise ConfigError(
            f"The folder in {STORAGE} may have letters, digits, dots, hyphens and slashes. "
            f"{_EXAMPLE}."
        )
    if unknown := sorted(options.keys() - _OPTIONS):
        raise ConfigError(
            f"{STORAGE} has an option that isn't known, {unknown[0]!r:.50}: a bucket has "
            f"{', '.join(sorted(_OPTIONS))}."
        )
    return parts, options


def _first_of(variables: tuple[str, ...]) -> str:
    given = (os.environ.get(variable, "").strip() for variable in variables)
    return next(filter(None, given), "")
