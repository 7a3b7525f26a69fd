//! `export`, and folders as worlds.

use super::{edit, exported, folder, path, policy, write};

#[test]
fn an_export_is_the_layout_that_is_read() {
    let (_folder, world) = exported();
    for file in [
        "roles/AdminRole/trust.json",
        "roles/AdminRole/boundary.json",
        "buckets/wellhouse/policy.json",
    ] {
        assert!(world.join(file).is_file(), "{file} is missing");
    }
    let from = world.to_str().expect("text");
    let asked =
        ["explain", "--role", "AdminRole", "--action", "s3:GetObject", "--resource", "wellhouse/a"];
    policy(&[&asked[..], &["--from", from]].concat(), 0, &["Allowed: "]);
    let copy = world.with_file_name("copy");
    policy(&["export", copy.to_str().expect("text"), "--from", from], 0, &["copy"]);
    let there = std::fs::read(copy.join("roles/AdminRole/trust.json")).expect("the copy");
    assert_eq!(there, std::fs::read(world.join("roles/AdminRole/trust.json")).expect("the file"));
}

#[test]
fn an_export_writes_over_nothing() {
    let (_folder, world) = exported();
    let to = world.to_str().expect("text");
    policy(&["export", to], 0, &[]);
    let trust = world.join("roles/AdminRole/trust.json");
    write(&trust, "mine");
    policy(&["export", to], 1, &["trust.json is there already", "--overwrite"]);
    assert_eq!(std::fs::read_to_string(&trust).expect("the file"), "mine");
    policy(&["export", to, "--overwrite"], 0, &[]);
    assert_ne!(std::fs::read_to_string(&trust).expect("the file"), "mine");
}

#[test]
fn a_folder_that_is_none_of_ours_is_refused_by_name() {
    let asked = |world: &str, words: &[&str]| {
        let request = ["--anonymous", "--action", "s3:GetObject", "--resource", "b/k"];
        policy(&[&["explain", "--from", world], &request[..]].concat(), 1, words);
    };
    asked(
        &path(&folder(&[("a.txt", "x")]), ""),
        &["neither `roles/` nor `buckets/`", "policy export"],
    );
    let typo = folder(&[("roles/R/permission/a.json", "{}")]);
    asked(&path(&typo, ""), &["permission has no place there", "permissions/*.json"]);
    let (_folder, world) = exported();
    edit(&world.join("buckets/wellhouse/policy.json"), "\"Effect\"", "\"Efect\"");
    asked(
        world.to_str().expect("text"),
        &["buckets/wellhouse/policy.json is not a valid policy", "line", "policy check"],
    );
}
