//! Who is at the web door: registration, passwords, sessions, set-up.
