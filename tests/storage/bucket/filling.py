"""A process that fills the cache: `python -m tests.storage.bucket.filling KEY`; it prints where."""

import sys

from cnnlab.storage.bucket.address import bucket_address
from cnnlab.storage.bucket.cache import cached_dataset
from cnnlab.storage.bucket.objects import Bucket

if __name__ == "__main__":
    sys.stdout.write(str(cached_dataset(Bucket(bucket_address()), sys.argv[1])))
