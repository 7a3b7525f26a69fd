//! What somebody else does to a cloud behind the estate's back, for tests.

use std::collections::BTreeMap;

use wh_names::BucketName;

use super::MemoryCloud;
use crate::bucket::{BucketSetting, BucketSettingKind};
use crate::roles::{ADMIN_ROLE, UPLOAD_ROLE};

/// What is broken.
#[derive(Debug)]
pub(crate) enum Break {
    /// A setting of the bucket is taken away.
    Setting(BucketSettingKind),
    /// The bucket's policy becomes this one.
    Policy(String),
    /// Public access is no longer blocked for the account.
    Account,
    /// Every trail stops.
    Trail,
    /// No key is made anew every year.
    Rotation,
    /// `AdminRole` loses its boundary.
    Boundary,
    /// `UploadRole` may do everything.
    Wide,
    /// `UploadRole` has a managed policy attached.
    Attached,
    /// The permissions of `UploadRole` are no policy.
    Unreadable,
}

impl MemoryCloud {
    pub(crate) fn break_it(&self, bucket: &BucketName, what: &Break) {
        let mut state = self.state();
        let settings: &mut BTreeMap<_, _> =
            &mut state.buckets.get_mut(bucket.as_str()).expect("a bucket").settings;
        match what {
            Break::Setting(kind) => drop(settings.remove(kind)),
            Break::Policy(text) => {
                let setting = BucketSetting::Policy(text.clone());
                settings.insert(BucketSettingKind::Policy, setting);
            }
            Break::Account => state.account_is_blocked = false,
            Break::Trail => state.trails.values_mut().for_each(|trail| trail.recording = false),
            Break::Rotation => state.keys.iter_mut().for_each(|(_, key)| key.rotated = false),
            Break::Boundary => state.roles.get_mut(ADMIN_ROLE).expect("a role").boundary = None,
            Break::Wide => {
                let all = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
                let role = state.roles.get_mut(UPLOAD_ROLE).expect("a role");
                role.inline.values_mut().for_each(|text| all.clone_into(text));
            }
            Break::Attached => {
                let arn = "arn:aws:iam::aws:policy/AdministratorAccess".to_owned();
                state.roles.get_mut(UPLOAD_ROLE).expect("a role").attached.insert(arn);
            }
            Break::Unreadable => {
                let role = state.roles.get_mut(UPLOAD_ROLE).expect("a role");
                role.inline.values_mut().for_each(|text| *text = "%ff".to_owned());
            }
        }
    }
}
