//! What an upload in parts comes to.
