"""Microseconds per warmed ``get`` of 4 KB from diskcache. Runs in the peer's environment."""

import json
import tempfile

import diskcache
from get_loop import BODY, KEYS, microseconds_per_get

with tempfile.TemporaryDirectory() as folder, diskcache.Cache(folder) as cache:
    for key in KEYS:
        cache.set(key, BODY)
    print(json.dumps({"us": microseconds_per_get(lambda key: len(cache.get(key)))}))
