//! The tests that the sources hold, by the paths that a test runner shows them under.

use std::collections::BTreeSet;

/// The paths of the tests of these files (path below the repository, text):
/// `wh_portal::tests::doors::name` for one of a library, `wellhouse::it::audit::name` for one of an
/// integration binary.
pub(super) fn tests(files: &[(String, String)]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (path, text) in files {
        if let Some(module) = module_of(path) {
            found.extend(names(text).into_iter().map(|name| format!("{module}::{name}")));
        }
    }
    found
}

/// The module that a file is.
fn module_of(path: &str) -> Option<String> {
    let below = path.strip_prefix("crates/").unwrap_or(path).strip_suffix(".rs")?;
    let mut parts = below.split('/');
    let package = parts.next()?.replace('-', "_");
    if !["src", "tests"].contains(&parts.next()?) {
        return None;
    }
    let rest = parts.filter(|part| !["lib", "main", "mod"].contains(part));
    Some(std::iter::once(package.as_str()).chain(rest).collect::<Vec<_>>().join("::"))
}

/// The names of a file's tests, with the inner module that they are in.
fn names(text: &str) -> Vec<String> {
    let (mut found, mut inner, mut awaited) = (Vec::new(), String::new(), false);
    for line in text.lines() {
        if line == "}" {
            inner.clear();
        }
        if let Some(name) = line.strip_suffix(" {").and_then(|head| head.strip_prefix("mod ")) {
            inner = format!("{name}::");
        }
        let code = line.trim_start();
        if code.starts_with("#[test]") || code.starts_with("#[tokio::test") {
            awaited = true;
        }
        let head = code.strip_prefix("async ").unwrap_or(code);
        if let Some((name, _)) = head.strip_prefix("fn ").and_then(|rest| rest.split_once('(')) {
            if awaited {
                found.push(format!("{inner}{name}"));
            }
            awaited = false;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_test_has_the_path_of_its_module() {
        let text = "#[test]\nfn one() {}\n\nfn helper() {}\n\n#[cfg(test)]\nmod tests {\n    \
                    #[tokio::test(flavor = \"x\")]\n    #[ignore]\n    async fn two() {}\n}\n";
        let file = |path: &str| (path.to_owned(), text.to_owned());
        let files = ["crates/wh-a/src/b/mod.rs", "crates/c/tests/it/d.rs", "x/README.rs"];
        let found = super::tests(&files.map(file));
        let expected =
            ["c::it::d::one", "c::it::d::tests::two", "wh_a::b::one", "wh_a::b::tests::two"];
        assert_eq!(found.into_iter().collect::<Vec<_>>(), expected);
    }
}
