//! What is tried: who asks for what.

use serde_json::json;
use wh_names::{Arn, BucketName, KeyPrefix, NameError, ObjectKey, Uid};

use super::attempt::Attempt;
use super::port::Assumption;
use crate::bucket::{BucketSetting, BucketSettingKind, Holds};
use crate::estate::Estate;
use crate::roles::{PORTAL_ROLE, RoleSpec, SCAN_ROLE, SCAN_SESSION};

/// Under this the probes' objects are, in a folder of their own for each run.
pub const PROBES_FOLDER: &str = ".wellhouse-verify/";

/// How much older a URL is than the oldest that is let through, in seconds.
const TOO_OLD_SECONDS: u32 = 300;
/// How old a URL is that is let through, in seconds.
const FRESH_SECONDS: u32 = 30;

/// Where one run of the probes puts its objects, and in whose name it asks.
pub(super) struct Ground<'e> {
    pub(super) estate: &'e Estate,
    pub(super) person: &'e Uid,
}

impl<'e> Ground<'e> {
    pub(super) fn bucket(&self) -> &'e BucketName {
        &self.estate.bucket().name
    }

    pub(super) fn folder(&self) -> Result<KeyPrefix, NameError> {
        KeyPrefix::parse(&format!("{PROBES_FOLDER}{}/", self.person))
    }

    pub(super) fn key(&self, name: &str) -> Result<ObjectKey, NameError> {
        ObjectKey::parse(&format!("{PROBES_FOLDER}{}/{name}", self.person))
    }

    /// The objects that are there before anything is tried.
    pub(super) fn seeds(&self) -> Result<Vec<ObjectKey>, NameError> {
        ["object", "mine/object", "theirs/object"].iter().map(|name| self.key(name)).collect()
    }

    /// As the portal assumes a role: for a person, or to scan.
    pub(super) fn as_portal(&self, role: &RoleSpec) -> Assumption {
        let uid = self.person.to_string();
        let for_person = Assumption {
            role: role.arn.clone(),
            session_name: format!("u-{uid}-verify"),
            source_identity: Some(uid.clone()),
            tags: vec![("uid".to_owned(), uid)],
            session_policy: None,
            external_id: self.estate.description().external_id.clone(),
        };
        if role.name.as_str() != SCAN_ROLE {
            return for_person;
        }
        let session_name = SCAN_SESSION.to_owned();
        Assumption { session_name, source_identity: None, tags: Vec::new(), ..for_person }
    }

    /// The ways to assume a role that its trust is there to refuse, each with its name.
    pub(super) fn wrong_ways(&self, role: &RoleSpec) -> Vec<(&'static str, Assumption)> {
        let good = self.as_portal(role);
        if role.name.as_str() == SCAN_ROLE {
            let session_name = format!("u-{}-verify", self.person);
            return vec![("as for a person", Assumption { session_name, ..good })];
        }
        let other = ("admin".to_owned(), "true".to_owned());
        let mut further = good.tags.clone();
        further.push(other);
        vec![
            ("without a source identity", Assumption { source_identity: None, ..good.clone() }),
            ("without the tag uid", Assumption { tags: Vec::new(), ..good.clone() }),
            ("with a further tag", Assumption { tags: further, ..good.clone() }),
            (
                "with a session name of another kind",
                Assumption { session_name: "verify".to_owned(), ..good },
            ),
        ]
    }

    /// Whether a role is the portal's to assume.
    pub(super) fn is_portals(&self, role: &RoleSpec) -> bool {
        let portal = self.estate.roles().iter().find(|role| role.name.as_str() == PORTAL_ROLE);
        let named = |arn: &Arn| role.trust.document.to_json().contains(&format!("\"{arn}\""));
        portal.is_some_and(|portal| named(&portal.arn))
    }

    /// What everyone is tried with: each kind of request once.
    pub(super) fn attempts(&self) -> Result<Vec<Attempt>, NameError> {
        let bucket = || self.bucket().clone();
        let object = self.key("object")?;
        let old = self.estate.description().buckets.first();
        let old = old.map_or(0, |bucket| bucket.presign_seconds_max) + TOO_OLD_SECONDS;
        let mut attempts = vec![
            Attempt::Get(bucket(), object.clone()),
            Attempt::BeginUpload(bucket(), self.key("parts")?),
            Attempt::Delete(bucket(), self.key("nothing")?),
            Attempt::GetTags(bucket(), object.clone()),
            Attempt::PutTags(bucket(), object.clone()),
            Attempt::List(bucket(), self.folder()?),
            Attempt::ListVersions(bucket(), self.folder()?),
            Attempt::ListUploads(bucket()),
            Attempt::ListBuckets,
            Attempt::Locate(bucket()),
            Attempt::PutBrokenPolicy(bucket()),
            Attempt::ListRoles,
            // That a URL that is not too old is let through shows that the other's age is what counts.
            Attempt::GetWithOldUrl(bucket(), object.clone(), FRESH_SECONDS),
            Attempt::GetWithOldUrl(bucket(), object.clone(), old),
            Attempt::GetInPlain(bucket(), object),
        ];
        // A setting that a store does not know it refuses before it asks who wants to know.
        let settings = self.estate.bucket().settings.iter().map(BucketSetting::kind);
        let settings = settings.filter(|kind| !matches!(kind, BucketSettingKind::Without(_)));
        attempts.extend(settings.map(|kind| Attempt::ReadSetting(bucket(), kind)));
        attempts.push(Attempt::ReadSetting(bucket(), BucketSettingKind::Versioning));
        attempts.dedup();
        let others = self.estate.buckets().filter(|other| other.name != *self.bucket());
        for other in others {
            attempts.extend(self.elsewhere(&other.name, other.holds)?);
        }
        Ok(attempts)
    }

    /// What is tried in another bucket: of logs nobody may read, and nobody may write but AWS's own
    /// services; in another bucket of files the same holds as in the first.
    fn elsewhere(&self, bucket: &BucketName, holds: Holds) -> Result<Vec<Attempt>, NameError> {
        let mut attempts = vec![
            Attempt::Get(bucket.clone(), self.key("object")?),
            Attempt::List(bucket.clone(), KeyPrefix::everything()),
        ];
        if holds == Holds::Logs {
            attempts.push(Attempt::Put(bucket.clone(), self.key("object")?));
            attempts.push(Attempt::Delete(bucket.clone(), self.key("object")?));
            attempts.push(Attempt::ReadSetting(bucket.clone(), BucketSettingKind::Policy));
        }
        Ok(attempts)
    }

    /// A session that may only be in one folder, as a person's home is granted, and what it tries
    /// inside and outside of it.
    pub(super) fn granted(&self, role: &RoleSpec) -> Result<(Assumption, Vec<Attempt>), NameError> {
        let bucket = || self.bucket().clone();
        let mine = format!("{PROBES_FOLDER}{}/mine/", self.person);
        let arn = Arn::bucket(self.estate.partition(), self.bucket());
        let policy = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "s3:*", "Resource": format!("{arn}/{mine}*")},
            {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": arn.as_str(),
             "Condition": {"StringLike": {"s3:prefix": format!("{mine}*")}}}]});
        let assumed =
            Assumption { session_policy: Some(policy.to_string()), ..self.as_portal(role) };
        let (own, foreign) = (self.key("mine/object")?, self.key("theirs/object")?);
        // A neighbour whose name only begins alike.
        let alike = self.key("mine2/object")?;
        Ok((
            assumed,
            vec![
                Attempt::Get(bucket(), own.clone()),
                Attempt::BeginUpload(bucket(), own),
                Attempt::List(bucket(), KeyPrefix::parse(&mine)?),
                Attempt::Get(bucket(), foreign.clone()),
                Attempt::BeginUpload(bucket(), foreign.clone()),
                Attempt::Delete(bucket(), foreign),
                Attempt::Get(bucket(), alike.clone()),
                Attempt::BeginUpload(bucket(), alike),
                Attempt::List(bucket(), self.folder()?),
                Attempt::List(bucket(), KeyPrefix::everything()),
                Attempt::ListBuckets,
            ],
        ))
    }

    /// What instances are tried with beyond that: where they may upload, and right beside it.
    pub(super) fn of_instances(&self) -> Result<Vec<Attempt>, NameError> {
        let Some(prefix) = self.estate.instance_prefix() else { return Ok(Vec::new()) };
        let inside = ObjectKey::parse(&format!("{prefix}{PROBES_FOLDER}{}/parts", self.person))?;
        let bucket = || self.bucket().clone();
        Ok(vec![
            Attempt::BeginUpload(bucket(), inside.clone()),
            Attempt::Get(bucket(), inside.clone()),
            Attempt::Delete(bucket(), inside),
            Attempt::List(bucket(), prefix.clone()),
        ])
    }
}
