//! What a person does with files: locations, listings, uploads, downloads.
