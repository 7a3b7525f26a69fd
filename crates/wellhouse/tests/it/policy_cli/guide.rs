//! `docs/policies.md` shows what the commands print.

use std::path::Path;

use serde_json::Value;

use super::write;
use crate::server::wellhouse;

/// The words of a command line; `'…'` is one word.
fn words(line: &str) -> Vec<String> {
    let parts = line.split('\'').enumerate();
    let word = |(at, part): (usize, &str)| -> Vec<String> {
        if at % 2 == 1 {
            return vec![part.to_owned()];
        }
        part.split_whitespace().map(str::to_owned).collect()
    };
    parts.flat_map(word).collect()
}

/// Runs a command of the guide in `folder`.
fn run(folder: &Path, line: &str) -> String {
    let arguments = words(line.strip_prefix("$ wellhouse ").expect("a command"));
    let output = wellhouse().current_dir(folder).args(arguments).output().expect("it runs");
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("text");
    format!("{}{}", text(&output.stdout), text(&output.stderr))
}

fn quoted(line: &str) -> &str {
    line.split('`').nth(1).expect("a name in backticks")
}

/// Adds a statement to a policy.
fn add(path: &Path, statement: &str) {
    let text = std::fs::read_to_string(path).expect("the policy");
    let mut policy: Value = serde_json::from_str(&text).expect("JSON");
    let statement = serde_json::from_str(statement).expect("a statement");
    policy["Statement"].as_array_mut().expect("statements").push(statement);
    write(path, &policy.to_string());
}

#[test]
fn the_guide_shows_what_the_commands_print() {
    let guide = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/policies.md");
    let guide = std::fs::read_to_string(guide).expect("the guide");
    let folder = tempfile::tempdir().expect("a folder");
    // Text and blocks take turns.
    let parts: Vec<&str> = guide.split("\n```").collect();
    let (mut before, mut runs) = ("", 0);
    for (at, part) in parts.iter().enumerate() {
        let Some((kind, body)) = part.split_once('\n').filter(|_| at % 2 == 1) else {
            before = part.trim();
            continue;
        };
        let after = parts.get(at + 1).map_or("", |text| text.trim());
        match kind {
            "json" if after.starts_with("as a further statement in ") => {
                add(&folder.path().join(quoted(after)), body);
            }
            "json" => {
                let line = before.lines().last().expect("the name of the file");
                write(&folder.path().join(quoted(line)), &format!("{body}\n"));
            }
            "console" => {
                let (command, shown) = body.split_once('\n').expect("a command and its output");
                assert_eq!(run(folder.path(), command).trim_end(), shown, "{command}");
                runs += 1;
            }
            _ => {}
        }
    }
    assert!(runs > 8, "only {runs} commands were found in the guide");
}
