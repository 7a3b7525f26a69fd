//! The web door: JSON API, cookies, OpenAPI, embedded UI.
