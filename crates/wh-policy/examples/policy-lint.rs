//! Prints the linter's rules: `cargo run -p wh-policy --example policy-lint > docs/policy-lint.md`.

use std::io::{Result, Write as _};

fn main() -> Result<()> {
    std::io::stdout().write_all(wh_policy::lint::reference().as_bytes())
}
