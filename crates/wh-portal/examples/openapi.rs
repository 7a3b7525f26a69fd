//! Prints the description of the API: `cargo run -p wh-portal --example openapi > openapi.json`.

use std::io::Write;

fn main() -> std::io::Result<()> {
    std::io::stdout().write_all(wh_portal::openapi().as_bytes())
}
