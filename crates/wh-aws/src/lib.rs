//! The client side of S3, STS and IAM: role sessions, presigning, and the cloud port over the AWS protocols.
