//! The S3, STS and IAM door: wire protocol, SigV4, AWS's error codes.
