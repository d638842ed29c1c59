"""`python -m cnnlab.worker.bucket_check`: whether this machine can use the bucket, in a sentence.

A process of its own, where somebody asks for it in the app: what Arrow's client takes goes with it.
"""

import secrets
import sys

from cnnlab.domain.errors import CnnlabError
from cnnlab.storage.bucket.address import bucket_address
from cnnlab.storage.bucket.objects import Bucket


def bucket_problem(*, writes: bool) -> str:
    """Why the bucket that is named can't be used; empty where it can, or none is named.

    Args:
        writes: whether an empty object is written there, and deleted, too.
    """
    try:
        address = bucket_address()
        if address is None:
            return ""
        bucket = Bucket(address)
        bucket.see()
        if writes:
            name = f"check-{secrets.token_hex(6)}"
            bucket.write(name, b"")
            bucket.delete_one(name)
    except CnnlabError as error:
        return str(error)
    return ""


if __name__ == "__main__":
    sys.stdout.write(bucket_problem(writes=True))
