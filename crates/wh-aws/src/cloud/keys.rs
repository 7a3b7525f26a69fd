//! The key under KMS.

use std::collections::BTreeMap;

use aws_sdk_kms::types::{KeyMetadata, KeyState as SdkKeyState};
use wh_provision::{DELETION_DAYS, INSTALLATION_TAG, KeyState, Step};

use super::{AwsCloud, PATIENT_ATTEMPTS_MAX, is_unknown, pause, tags};
use crate::error::{AwsError, sort};

/// The one policy that a key has.
const DEFAULT: &str = "default";

/// What KMS says of a key that is not there.
fn is_absent(error: &AwsError) -> bool {
    matches!(error, AwsError::NotFound { .. })
        || matches!(error, AwsError::Service { service_code, .. } if service_code == "NotFoundException")
}

impl AwsCloud {
    pub(super) async fn read_key(
        &self,
        alias: &str,
        installation: &str,
    ) -> Result<Option<KeyState>, AwsError> {
        let (key, aliased) = match self.describe_key(alias).await? {
            Some(key) => (key, true),
            None => match self.key_with_tag(installation).await? {
                Some(key) => (key, false),
                None => return Ok(None),
            },
        };
        let id = key.key_id();
        let call = self.kms.get_key_rotation_status().key_id(id);
        let rotated = call.send().await.map_err(sort)?.key_rotation_enabled();
        let call = self.kms.get_key_policy().key_id(id).policy_name(DEFAULT);
        let policy = call.send().await.map_err(sort)?.policy.unwrap_or_default();
        let usable = key.key_state() == Some(&SdkKeyState::Enabled);
        let tags = self.tags_of_key(id).await?;
        Ok(Some(KeyState { aliased, usable, rotated, policy, tags }))
    }

    async fn describe_key(&self, id: &str) -> Result<Option<KeyMetadata>, AwsError> {
        match self.kms.describe_key().key_id(id).send().await.map_err(sort) {
            Ok(answer) => Ok(answer.key_metadata),
            Err(error) if is_absent(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn tags_of_key(&self, id: &str) -> Result<BTreeMap<String, String>, AwsError> {
        let pages = self.kms.list_resource_tags().key_id(id).into_paginator().items().send();
        let found = pages.collect::<Result<Vec<_>, _>>().await.map_err(sort)?;
        Ok(found.into_iter().map(|tag| (tag.tag_key, tag.tag_value)).collect())
    }

    /// The key that carries our tag, can be used, and that no alias of ours names yet: we may have
    /// been stopped between making it and naming it.
    async fn key_with_tag(&self, installation: &str) -> Result<Option<KeyMetadata>, AwsError> {
        let pages = self.kms.list_keys().into_paginator().items().send();
        let keys = pages.collect::<Result<Vec<_>, _>>().await.map_err(sort)?;
        for id in keys.iter().filter_map(|key| key.key_id()) {
            let tags = match self.tags_of_key(id).await {
                // Others' keys may not be shown to us; they are not ours.
                Err(AwsError::Denied { .. }) => continue,
                read => read?,
            };
            if tags.get(INSTALLATION_TAG).is_none_or(|owner| owner != installation) {
                continue;
            }
            let key = self.describe_key(id).await?;
            if let Some(key) = key.filter(|key| key.key_state() == Some(&SdkKeyState::Enabled)) {
                return Ok(Some(key));
            }
        }
        Ok(None)
    }

    pub(super) async fn write_key(&self, step: &Step) -> Result<(), AwsError> {
        if let Step::CreateKey { alias, description, policy, tags } = step {
            let call = self.kms.create_key().description(description).policy(policy);
            let made = call.set_tags(Some(tags::kms(tags)?)).send().await.map_err(sort)?;
            // Named at once: its tags may be shown to us only minutes later.
            let id = made.key_metadata.map(|key| key.key_id).unwrap_or_default();
            return self.name_new_key(alias, &id).await;
        }
        if let Step::AliasKey { alias, installation } = step {
            if self.describe_key(alias).await?.is_some() {
                return Ok(());
            }
            let key = self.key_with_tag(installation).await?;
            let key = key.ok_or_else(|| AwsError::NotFound { message: alias.clone() })?;
            let call = self.kms.create_alias().alias_name(alias).target_key_id(key.key_id());
            call.send().await.map_err(sort)?;
            return Ok(());
        }
        let wh_provision::Subject::Key(alias) = step.subject() else { return Ok(()) };
        let key = self.describe_key(&alias).await?;
        let key = key.ok_or_else(|| AwsError::NotFound { message: alias.clone() })?;
        self.change_key(key.key_id(), &key, step).await
    }

    /// Names a key that KMS may not know everywhere yet. Only this is tried again: to make it once more
    /// would leave a key behind each time.
    async fn name_new_key(&self, alias: &str, id: &str) -> Result<(), AwsError> {
        let mut attempt = 1;
        loop {
            let call = self.kms.create_alias().alias_name(alias).target_key_id(id);
            match call.send().await.map_err(sort) {
                Err(error) if is_unknown(&error) && attempt < PATIENT_ATTEMPTS_MAX => {
                    pause(attempt).await;
                    attempt += 1;
                }
                named => return named.map(drop),
            }
        }
    }

    async fn change_key(&self, id: &str, key: &KeyMetadata, step: &Step) -> Result<(), AwsError> {
        if let Step::RotateKey { .. } = step {
            self.kms.enable_key_rotation().key_id(id).send().await.map_err(sort)?;
        }
        if let Step::PutKeyPolicy { policy, .. } = step {
            let call = self.kms.put_key_policy().key_id(id).policy_name(DEFAULT);
            call.policy(policy).send().await.map_err(sort)?;
        }
        if let Step::TagKey { tags, .. } | Step::ClaimKey { tags, .. } = step {
            let call = self.kms.tag_resource().key_id(id);
            call.set_tags(Some(tags::kms(tags)?)).send().await.map_err(sort)?;
        }
        if let Step::RestoreKey { .. } = step {
            if key.key_state() == Some(&SdkKeyState::PendingDeletion) {
                self.kms.cancel_key_deletion().key_id(id).send().await.map_err(sort)?;
            }
            self.kms.enable_key().key_id(id).send().await.map_err(sort)?;
        }
        if let Step::ScheduleKeyDeletion { .. } = step {
            let days = i32::try_from(DELETION_DAYS).map_err(AwsError::malformed)?;
            let call = self.kms.schedule_key_deletion().key_id(id);
            call.pending_window_in_days(days).send().await.map_err(sort)?;
        }
        Ok(())
    }
}
