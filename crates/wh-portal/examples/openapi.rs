//! Prints the description of the API: `cargo run -p wh-portal --example openapi > openapi.json`.

use std::io::Write;

fn main() -> std::io::Result<()> {
    writeln!(std::io::stdout(), "{}", wh_portal::openapi())
}
