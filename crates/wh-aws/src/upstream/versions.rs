//! Changes of a version in place: its tags and its lock.

use aws_sdk_s3::types::{
    ObjectLockLegalHold, ObjectLockLegalHoldStatus, ObjectLockRetention, ObjectLockRetentionMode,
};
use wh_objects::{
    Capability, GovernanceBypass, HeadObject, ObjectMeta, Retention, RetentionMode, StoreError,
    Tags, VersionAddress, VersionChange, VersionId,
};

use super::UpstreamStore;
use super::fault::fault;
use super::objects::{LOCKED, answer_status};
use super::wire::{asked, date, tag_set};

impl UpstreamStore {
    /// The version is looked at first: what is changed is what was there then, and has its id.
    pub(super) async fn change(
        &self,
        address: &VersionAddress,
        change: VersionChange,
    ) -> Result<ObjectMeta, StoreError> {
        let head = HeadObject { version: address.version, ..HeadObject::default() };
        let mut meta = self.head(&address.object, head).await?;
        let exact = VersionAddress { object: address.object.clone(), version: meta.version };
        match change {
            VersionChange::Tags(tags) => {
                self.needs(Capability::Tags)?;
                self.set_tags(&exact, &tags).await?;
                meta.tags = tags;
            }
            VersionChange::Retention(wanted, bypass) => {
                self.needs(Capability::ObjectLock)?;
                self.set_retention((&exact, &meta), wanted, bypass).await?;
                meta.lock.retention = wanted;
            }
            VersionChange::LegalHold(on) => {
                self.needs(Capability::ObjectLock)?;
                self.set_hold(&exact, on).await?;
                meta.lock.legal_hold = on;
            }
        }
        Ok(meta)
    }

    async fn set_tags(&self, at: &VersionAddress, tags: &Tags) -> Result<(), StoreError> {
        let (bucket, key) = (at.object.bucket.as_str(), at.object.key.as_str());
        if tags.is_empty() {
            let call = self.clients.write.delete_object_tagging().bucket(bucket).key(key);
            let call = call.set_version_id(asked(at.version)).send().await;
            return call.map(drop).map_err(|error| fault("removing tags", error));
        }
        let call = self.clients.write.put_object_tagging().bucket(bucket).key(key);
        let call = call.set_version_id(asked(at.version)).tagging(tag_set(tags)?).send().await;
        call.map(drop).map_err(|error| fault("changing tags", error))
    }

    async fn set_retention(
        &self,
        (at, meta): (&VersionAddress, &ObjectMeta),
        wanted: Option<Retention>,
        bypass: GovernanceBypass,
    ) -> Result<(), StoreError> {
        let mode = |mode| match mode {
            RetentionMode::Governance => ObjectLockRetentionMode::Governance,
            RetentionMode::Compliance => ObjectLockRetentionMode::Compliance,
        };
        let retention = ObjectLockRetention::builder()
            .set_mode(wanted.map(|wanted| mode(wanted.mode)))
            .set_retain_until_date(wanted.map(|wanted| date(wanted.until)))
            .build();
        let call = self.clients.write.put_object_retention().bucket(at.object.bucket.as_str());
        let call = call
            .key(at.object.key.as_str())
            .set_version_id(asked(at.version))
            .set_bypass_governance_retention((bypass == GovernanceBypass::Yes).then_some(true))
            .retention(retention)
            .send()
            .await;
        let Err(error) = call else { return Ok(()) };
        if answer_status(&error) == Some(403) && meta.lock.retention.is_some() {
            return Err(StoreError::Locked { why: LOCKED });
        }
        Err(fault("changing a retention", error))
    }

    async fn set_hold(&self, at: &VersionAddress, on: bool) -> Result<(), StoreError> {
        let status =
            if on { ObjectLockLegalHoldStatus::On } else { ObjectLockLegalHoldStatus::Off };
        let call = self.clients.write.put_object_legal_hold().bucket(at.object.bucket.as_str());
        let call = call
            .key(at.object.key.as_str())
            .set_version_id(asked(at.version))
            .legal_hold(ObjectLockLegalHold::builder().status(status).build())
            .send()
            .await;
        call.map(drop).map_err(|error| fault("changing a legal hold", error))
    }

    /// The number of a delete marker; `None` where it is gone.
    pub(super) async fn marker_number(
        &self,
        address: &wh_objects::ObjectAddress,
        version: VersionId,
    ) -> Result<Option<u64>, StoreError> {
        let Ok(prefix) = wh_names::KeyPrefix::parse(address.key.as_str()) else { return Ok(None) };
        let list =
            wh_objects::ListVersions { prefix, delimiter: None, after: None, max_keys: 1000 };
        let page = self.list_versions(&address.bucket, list).await?;
        let found = page.entries.iter().find_map(|entry| match entry {
            wh_objects::VersionEntry::Version(one)
                if one.key == address.key && one.version == version && one.object.is_none() =>
            {
                Some(one.sequence)
            }
            wh_objects::VersionEntry::Version(_) | wh_objects::VersionEntry::CommonPrefix(_) => {
                None
            }
        });
        Ok(found)
    }
}
