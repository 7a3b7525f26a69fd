//! S3's limits. Source: S3 User Guide, "Multipart upload limits" and "Uploading objects".

/// The largest object, in bytes: 5 TiB.
pub const OBJECT_BYTES_MAX: u64 = 5 << 40;

/// The largest object that one `PutObject` may bring, in bytes: 5 GiB.
pub const PUT_BYTES_MAX: u64 = 5 << 30;

/// The largest part, in bytes: 5 GiB.
pub const PART_BYTES_MAX: u64 = 5 << 30;

/// The smallest part, in bytes, except for the last one: 5 MiB.
pub const PART_BYTES_MIN: u64 = 5 << 20;

/// The highest part number; the lowest is 1.
pub const PART_NUMBER_MAX: u16 = 10_000;
