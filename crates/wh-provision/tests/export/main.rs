//! Exports, read back: what another tool would make of them is planned against, and little is missing.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on fails"
)]

mod cloudformation;
mod reading;
mod terraform;

use std::collections::BTreeMap;

use wh_provision::{
    Description, Estate, ExportError, ExportedFile, Format, MemoryCloud, export, plan,
};

const FIVE_LINES: &str = include_str!("../../../../tests/estates/five-lines.toml");
const EVERYTHING: &str = include_str!("../../../../tests/estates/everything.toml");

/// What an export leaves undone, one line each: format, then what a plan says, then `#` and why.
const GAPS: &str = include_str!("gaps.txt");

fn estate(text: &str) -> Estate {
    Estate::of(Description::read(text).expect("a description")).expect("an estate")
}

/// The standard estate, everything at once, and each choice that `EVERYTHING` does not make.
fn estates() -> Vec<(&'static str, Estate)> {
    let with = |head: &str, tail: &str| {
        let described = FIVE_LINES.replace("[[bucket]]", &format!("{head}\n[[bucket]]"));
        estate(&format!("{described}\n{tail}"))
    };
    vec![
        ("five lines", estate(FIVE_LINES)),
        ("everything", estate(EVERYTHING)),
        ("SSE-S3", with("encryption = \"s3\"", "")),
        ("no logs", with("", "[logs]\nenabled = false\n[trail]\nenabled = false")),
        ("the account", with("admin_scope = \"account\"", "")),
        ("scanned", with("scan = \"only-clean\"", "")),
        ("templates", with("portal_origins = [\"https://${a}%{b}\"]", "")),
        ("another partition", estate(&FIVE_LINES.replace("eu-central-1", "cn-north-1"))),
    ]
}

fn files(estate: &Estate, format: Format) -> BTreeMap<String, String> {
    let files = export(estate, format).expect("an export").into_iter();
    files.map(|ExportedFile { path, text }| (path, text)).collect()
}

fn empty_account(estate: &Estate) -> MemoryCloud {
    MemoryCloud::new(estate.partition().clone(), estate.account().clone())
}

/// What `apply` would still do, as plans tell it, without reasons.
async fn left_to_do(estate: &Estate, cloud: &MemoryCloud) -> Vec<String> {
    let plan = plan(estate, cloud).await.expect("a plan");
    plan.changes().iter().map(|change| change.step.to_string()).collect()
}

/// The gaps that are known of a format.
fn gaps(format: Format) -> Vec<&'static str> {
    let lines = GAPS.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    let ours = lines.filter_map(|line| line.strip_prefix(format.as_str())?.strip_prefix(": "));
    ours.map(|line| line.split_once(" # ").expect("a reason").0.trim_end()).collect()
}

/// Which of the resources that are ready is made next: tools make them in any order.
#[derive(Clone, Copy)]
enum Next {
    First,
    Last,
}

impl Next {
    fn of<T>(self, mut ready: impl DoubleEndedIterator<Item = T>) -> Option<T> {
        match self {
            Self::First => ready.next(),
            Self::Last => ready.next_back(),
        }
    }
}

type Deploy = fn(&Estate, &MemoryCloud, (&BTreeMap<String, String>, Next));

/// Nothing is left but what is listed, and what is listed is left.
async fn check(format: Format, deploy: Deploy) {
    let known = gaps(format);
    let mut met = Vec::new();
    let both = |(name, estate): (_, Estate)| {
        [(name, estate.clone(), Next::First), (name, estate, Next::Last)]
    };
    for (name, estate, next) in estates().into_iter().flat_map(both) {
        let cloud = empty_account(&estate);
        deploy(&estate, &cloud, (&files(&estate, format), next));
        let left = left_to_do(&estate, &cloud).await;
        for undone in &left {
            let gap = known.iter().find(|gap| undone.starts_with(**gap));
            met.push(*gap.unwrap_or_else(|| panic!("{name}: {format:?} leaves undone: {undone}")));
        }
    }
    for gap in known {
        assert!(met.contains(&gap), "{format:?} has no such gap any more: {gap}");
    }
}

#[tokio::test]
async fn a_stack_is_as_apply_makes_it() {
    check(Format::CloudFormation, cloudformation::deploy).await;
}

#[tokio::test]
async fn a_configuration_is_as_apply_makes_it() {
    check(Format::Terraform, terraform::deploy).await;
}

#[test]
fn a_folder_holds_the_description_and_every_policy() {
    for (name, estate) in estates() {
        let mut files = files(&estate, Format::Json);
        let described = files.remove("estate.toml").expect("the description");
        let described = Description::read(&described).expect("it is read");
        assert_eq!(&described, estate.description(), "{name}");
        // Key, buckets, boundaries, and trust and permissions of each role.
        let key = usize::from(estate.key().is_some());
        assert_eq!(
            files.len(),
            key + estate.buckets().count() + 2 + 2 * estate.roles().len(),
            "{name}"
        );
        let policy = |path: &str| files.get(path).expect(path).trim_end().to_owned();
        for role in estate.roles() {
            let trust = policy(&format!("policies/{}-trust.json", role.name));
            assert_eq!(trust, role.trust.document.to_json_pretty());
            let permissions = policy(&format!("policies/{}.json", role.name));
            assert_eq!(permissions, role.permissions[0].document.to_json_pretty());
        }
    }
}

#[test]
fn an_estate_of_our_own_endpoint_goes_to_no_tool_for_aws() {
    let embedded = FIVE_LINES.replace("[[bucket]]", "target = \"embedded\"\n[[bucket]]");
    let estate = estate(&embedded);
    for format in [Format::CloudFormation, Format::Terraform] {
        assert_eq!(export(&estate, format), Err(ExportError::NotOnAws(format)));
    }
    assert!(files(&estate, Format::Json).contains_key("policies/AdminRole.json"));
}
