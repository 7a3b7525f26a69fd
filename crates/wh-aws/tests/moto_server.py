"""moto's server, giving the answers of S3 that it misnames the names that S3 gives them."""

import sys

from moto.core.serialize import S3Serializer
from moto.server import main

ROOTS = {
    "GetBucketVersioningResponse": "VersioningConfiguration",
    "ListPartsResponse": "ListPartsResult",
}
serialize_body = S3Serializer._serialize_body


def serialize_named(self, body):
    return serialize_body(self, {ROOTS.get(root, root): rest for root, rest in body.items()})


S3Serializer._serialize_body = serialize_named
main(sys.argv[1:])
