"""Presigned POSTs at the limit of a quota of ten thousand bytes: three of three thousand come in, and the others are told why not."""

import concurrent.futures
import http.client
import os
import urllib.parse

import boto3
from botocore.config import Config

s3 = boto3.client("s3", config=Config(signature_version="s3v4", s3={"addressing_style": "path"}, retries={"max_attempts": 1}))
bucket, prefix = os.environ["BUCKET"], os.environ["PREFIX"]
where = urllib.parse.urlsplit(s3.meta.endpoint_url).netloc


def send(n):
    fields = s3.generate_presigned_post(bucket, f"{prefix}form {n}", ExpiresIn=600)["fields"]
    body = b""
    for name, value in fields.items():
        body += f'--BOUND\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
    body += b'--BOUND\r\nContent-Disposition: form-data; name="file"; filename="f"\r\nContent-Type: text/plain\r\n\r\n'
    body += b"7" * 3_000 + b"\r\n--BOUND--\r\n"
    connection = http.client.HTTPConnection(where, timeout=30)
    try:
        connection.request("POST", f"/{bucket}", body, {"Content-Type": "multipart/form-data; boundary=BOUND"})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


with concurrent.futures.ThreadPoolExecutor(max_workers=16) as lanes:
    answers = list(lanes.map(send, range(32)))
came = [status for status, _ in answers if status == 204]
refused = [(status, text) for status, text in answers if status != 204]
# Each takes room for its file and a few bytes: there is room for three, and for the third as long as only two came.
assert len(came) == 3, answers
assert all(status == 403 and "<Code>QuotaExceeded</Code>" in text for status, text in refused), refused
