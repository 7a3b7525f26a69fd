//! The tables agree with themselves, and the look-ups with the tables.

use std::collections::BTreeSet;

use super::{KeyKind, On, When, action, action_index, actions, call, calls, key, keys};
use super::{resource, resources};

#[test]
fn rows_are_sorted_and_none_is_there_twice() {
    let lowered = |name: &str| name.to_ascii_lowercase();
    assert!(actions().is_sorted_by(|a, b| lowered(a.name) < lowered(b.name)));
    assert!(keys().is_sorted_by(|a, b| lowered(a.name) < lowered(b.name)));
    assert!(resources().is_sorted_by(|a, b| (a.service, a.name) < (b.service, b.name)));
    assert!(calls().map(|c| c.name).collect::<BTreeSet<_>>().len() == calls().count());
    let services: BTreeSet<_> = actions().iter().filter_map(|a| a.name.split_once(':')).collect();
    assert!(services.len() == actions().len());
}

#[test]
fn an_action_names_resource_types_and_keys_that_exist() {
    for row in actions() {
        let (service, name) = row.name.split_once(':').expect("a service");
        assert!(["iam", "s3", "sts"].contains(&service), "{}", row.name);
        assert!(name.bytes().all(|b| b.is_ascii_alphanumeric()), "{}", row.name);
        for on in row.resources {
            assert!(resource(service, on).is_some(), "{} on {on}", row.name);
        }
        for name in row.keys {
            let found = key(name).unwrap_or_else(|| panic!("{} has no key {name}", row.name));
            assert_eq!(&found.name, name);
        }
    }
    for row in resources() {
        assert!(row.arn.starts_with("arn:${Partition}:") && row.arn.split(':').count() >= 6);
        assert!(row.keys.iter().all(|name| key(name).is_some()), "{}", row.name);
    }
}

#[test]
fn every_action_is_found_in_any_case_and_nothing_else_is() {
    for (at, row) in actions().iter().enumerate() {
        for name in [row.name.to_owned(), row.name.to_uppercase(), row.name.to_lowercase()] {
            assert_eq!(action_index(&name).map(usize::from), Some(at), "{name}");
        }
        for other in
            [format!("{}x", row.name), row.name.replace(':', ";"), format!(" {}", row.name)]
        {
            assert_eq!(action_index(&other), None, "{other}");
        }
    }
    for other in ["", ":", "s3:", "s3:*", "s3:GetObjec", "s3\u{1a}GetObject", "ec2:RunInstances"] {
        assert_eq!(action(other), None, "{other}");
    }
}

#[test]
fn a_tag_key_finds_its_template() {
    #[track_caller]
    fn check(name: &str, found: Option<(&str, KeyKind)>) {
        assert_eq!(key(name).map(|row| (row.name, row.kind)), found, "{name}");
    }
    check("AWS:sourceip", Some(("aws:SourceIp", KeyKind::IpAddress)));
    check("aws:resourcetag/Team/x", Some(("aws:ResourceTag/${TagKey}", KeyKind::String)));
    check("aws:PrincipalTag/team", Some(("aws:PrincipalTag/${TagKey}", KeyKind::String)));
    check("s3:ExistingObjectTag/a", Some(("s3:ExistingObjectTag/${TagKey}", KeyKind::String)));
    check("s3:VersionId", Some(("s3:versionid", KeyKind::String)));
    check("aws:TagKeys", Some(("aws:TagKeys", KeyKind::ArrayOfString)));
    check("aws:ResourceTag/", None);
    check("aws:ResourceTag", None);
    check("é", None);
    let octo = "github.com/enterprises/octo:actor";
    check(octo, Some(("github.com/enterprises/${EnterpriseName}:actor", KeyKind::String)));
    check("github.com/enterprises/:actor", None);
    assert!(keys().iter().filter(|row| row.global).count() > 50);
    assert!(keys().iter().filter(|row| row.name.starts_with("aws:")).all(|row| row.global));
}

#[test]
fn a_call_needs_actions_that_act_on_what_it_says() {
    for call in calls() {
        assert!(!call.needs.is_empty(), "{}", call.name);
        for need in call.needs {
            let row = action(need.action).unwrap_or_else(|| panic!("{need:?}"));
            assert_eq!(row.name, need.action);
            match need.on.resource_type() {
                None => assert!(row.resources.is_empty(), "{} {need:?}", call.name),
                // The reference lists roles alone; the API's page speaks of the federated user.
                Some("federated-user") if need.action == "sts:TagSession" => {}
                Some(on) => assert!(row.resources.contains(&on), "{} {need:?}", call.name),
            }
        }
    }
}

/// What a call needs where `when` holds, beside what it always needs.
#[track_caller]
fn needs(name: &str, when: &[When], expected: &[(&str, On)]) {
    let call = call(name).unwrap_or_else(|| panic!("{name}"));
    let held = call.needs.iter().filter(|n| n.when == When::Always || when.contains(&n.when));
    assert_eq!(held.map(|n| (n.action, n.on)).collect::<Vec<_>>(), expected, "{name}");
}

#[test]
fn a_call_may_need_other_actions_than_its_name_says() {
    use On::{Anything, Bucket, Destination, Object, Role, Source};
    use When::{TagsTravel, WithParameter, WithVersionId, WithoutVersionId};
    let (plain, version) = (&[WithoutVersionId][..], &[WithVersionId][..]);
    needs("HeadObject", plain, &[("s3:GetObject", Object)]);
    needs("HeadObject", version, &[("s3:GetObjectVersion", Object)]);
    needs("DeleteObjects", version, &[("s3:DeleteObjectVersion", Object)]);
    needs("ListObjectsV2", plain, &[("s3:ListBucket", Bucket)]);
    needs("ListBuckets", plain, &[("s3:ListAllMyBuckets", Anything)]);
    needs("DeleteBucketCors", plain, &[("s3:PutBucketCORS", Bucket)]);
    needs("UploadPart", plain, &[("s3:PutObject", Object)]);
    needs("ListParts", plain, &[("s3:ListMultipartUploadParts", Object)]);
    let copy = [("s3:GetObject", Source), ("s3:PutObject", Destination)];
    needs("CopyObject", plain, &copy);
    needs("UploadPartCopy", plain, &copy);
    let tags = [("s3:GetObjectTagging", Source), ("s3:PutObjectTagging", Destination)];
    needs("CopyObject", &[WithoutVersionId, TagsTravel], &[copy, tags].concat());
    let assumed = [("sts:AssumeRole", Role), ("sts:TagSession", Role)];
    needs("AssumeRole", &[WithParameter("Tags")], &assumed);
    let named = [("sts:AssumeRole", Role), ("sts:SetSourceIdentity", Role)];
    needs("AssumeRole", &[WithParameter("SourceIdentity")], &named);
    let attributes = [("s3:GetObjectVersion", Object), ("s3:GetObjectVersionAttributes", Object)];
    needs("GetObjectAttributes", version, &attributes);
    assert_eq!(call("copyobject"), None);
}
