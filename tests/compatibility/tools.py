"""rclone and s3fs: what people do with them, and the operations that it takes."""

import os
import shutil
import subprocess
import time

# What is done, and the operations that rclone needs for it.
RCLONE = [
    (["mkdir", "house:tools"], ["CreateBucket"]),
    (["lsd", "house:"], ["ListBuckets"]),
    (["copyto", "{small}", "house:tools/a"], ["HeadObject", "PutObject"]),
    (["cat", "house:tools/a"], ["GetObject"]),
    (["lsf", "-R", "house:tools"], ["ListObjectsV2"]),
    (["lsf", "-R", "--s3-list-version", "1", "house:tools"], ["ListObjects"]),
    (["copyto", "house:tools/a", "house:tools/b"], ["CopyObject"]),
    (["copyto", "{large}", "house:tools/parts", "--s3-upload-cutoff", "5M", "--s3-chunk-size", "5M"], ["CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload"]),
    (["check", "--download", "{folder}", "house:tools", "--include", "/parts"], ["GetObject"]),
    (["copyto", "house:tools/parts", "house:tools/again", "--s3-copy-cutoff", "5M"], ["UploadPartCopy"]),
    (["backend", "list-multipart-uploads", "house:tools"], ["ListMultipartUploads"]),
    (["backend", "versioning", "house:tools", "Enabled"], ["PutBucketVersioning"]),
    (["backend", "versioning", "house:tools"], ["GetBucketVersioning"]),
    (["lsf", "--s3-versions", "house:tools"], ["ListObjectVersions"]),
    (["backend", "versioning", "house:tools", "Suspended"], ["PutBucketVersioning"]),
    (["deletefile", "house:tools/b"], ["DeleteObject"]),
    (["purge", "house:tools"], ["DeleteObject"]),
    (["mkdir", "house:second"], ["CreateBucket"]),
    (["rmdir", "house:second"], ["DeleteBucket"]),
]


def rclone(program, endpoint, key, secret, folder, results, problems):
    environment = {
        "PATH": "/usr/bin:/bin", "HOME": folder, "RCLONE_CONFIG": os.path.join(folder, "rclone.conf"),
        "RCLONE_CONFIG_HOUSE_TYPE": "s3", "RCLONE_CONFIG_HOUSE_PROVIDER": "Other", "RCLONE_CONFIG_HOUSE_ENDPOINT": endpoint,
        "RCLONE_CONFIG_HOUSE_REGION": "us-east-1", "RCLONE_CONFIG_HOUSE_ACCESS_KEY_ID": key,
        "RCLONE_CONFIG_HOUSE_SECRET_ACCESS_KEY": secret, "RCLONE_CONFIG_HOUSE_ACL": "bucket-owner-full-control", "RCLONE_CONFIG_HOUSE_BUCKET_ACL": "private", "RCLONE_RETRIES": "1",
    }
    small, large = os.path.join(folder, "small"), os.path.join(folder, "parts")
    with open(small, "wb") as file:
        file.write(b"hello")
    with open(large, "wb") as file:
        file.write(os.urandom(12 << 20))
    for command, operations in RCLONE:
        given = [word.format(small=small, large=large, folder=folder) for word in command]
        done = subprocess.run([program, *given], env=environment, capture_output=True, text=True, timeout=300, check=False)
        note("rclone", command, operations, done.returncode == 0, done.stderr, results, problems)


def s3fs(program, endpoint, key, secret, folder, results, problems):
    """Each act on the mounted folder, and the operations that s3fs needs for it."""
    passwords, mount = os.path.join(folder, "passwd"), os.path.join(folder, "mount")
    with open(passwords, "w", opener=lambda path, flags: os.open(path, flags, 0o600), encoding="ascii") as file:
        file.write(f"{key}:{secret}")
    os.mkdir(mount)
    options = f"url={endpoint},use_path_request_style,passwd_file={passwords},multipart_size=10"
    subprocess.run([program, "tools", mount, "-o", options], env={"PATH": "/usr/bin:/bin"}, check=True, timeout=60)
    for _ in range(300):
        if os.path.ismount(mount):
            break
        time.sleep(0.1)
    at = lambda name: os.path.join(mount, name)
    large = os.urandom(30 << 20)

    def same(name, bytes_):
        with open(at(name), "rb") as file:
            assert file.read() == bytes_, name

    def write(name, bytes_):
        with open(at(name), "wb") as file:
            file.write(bytes_)

    acts = [
        ("mount", lambda: os.path.ismount(mount) or 1 / 0, ["ListObjects"]),
        ("write", lambda: write("a", b"hello"), ["PutObject", "HeadObject"]),
        ("read", lambda: same("a", b"hello"), ["GetObject"]),
        ("list", lambda: os.listdir(mount) == ["a"] or 1 / 0, ["ListObjects"]),
        ("chmod", lambda: os.chmod(at("a"), 0o600), ["CopyObject"]),
        ("write 30 MiB", lambda: write("large", large), ["CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload"]),
        ("rename of 30 MiB", lambda: os.rename(at("large"), at("larger")), ["UploadPartCopy"]),
        ("read 30 MiB", lambda: same("larger", large), ["GetObject"]),
        ("remove", lambda: os.remove(at("a")), ["DeleteObject"]),
    ]
    try:
        for name, act, operations in acts:
            try:
                act()
                well, why = True, ""
            except (OSError, AssertionError, ZeroDivisionError) as error:
                well, why = False, repr(error)
            note("s3fs", [name], operations, well, why, results, problems)
    finally:
        subprocess.run([shutil.which("fusermount") or "fusermount3", "-u", mount], check=False, timeout=60)


def note(who, command, operations, well, why, results, problems):
    for operation in operations:
        told = "works" if well else f"**{' '.join(command)}**"
        if results.setdefault(("s3", operation), told) == "works":
            results["s3", operation] = told
    if not well:
        problems.append(f"{who} {' '.join(command)}: {why[-400:]}")
