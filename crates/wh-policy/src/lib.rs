//! Decides from documents and a request alone, says why, and proves things about documents.
