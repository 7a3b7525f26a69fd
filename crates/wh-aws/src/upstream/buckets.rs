//! Buckets of the upstream store, and what they do with their objects.

use aws_sdk_s3::types::{
    Bucket, BucketLocationConstraint, BucketVersioningStatus, CreateBucketConfiguration,
    DefaultRetention as SdkRetention, ObjectLockConfiguration, ObjectLockEnabled,
    ObjectLockRetentionMode, ObjectLockRule, VersioningConfiguration,
};
use wh_names::{BucketName, KeyPrefix};
use wh_objects::{
    BucketChange, BucketMeta, BucketSettings, Capability, DefaultRetention, ListUploads,
    ListVersions, ObjectAddress, ObjectLockState, RetentionMode, RetentionPeriod, StoreError,
    UploadMeta, Versioning,
};

use super::UpstreamStore;
use super::clients::Clients;
use super::control::shared;
use super::fault::{answer, fault};
use super::wire::{broken, mode_told, time};

/// Makes the control bucket where it is missing.
pub(super) async fn make_control(
    clients: &Clients,
    (bucket, region): (&BucketName, &str),
) -> Result<(), StoreError> {
    match exists(clients, bucket).await {
        Err(StoreError::NoSuchBucket) => {}
        other => return other,
    }
    match create(clients, (bucket, region), BucketSettings::default()).await {
        // Another gateway was faster.
        Err(StoreError::BucketAlreadyExists) => exists(clients, bucket).await,
        other => other,
    }
}

async fn exists(clients: &Clients, bucket: &BucketName) -> Result<(), StoreError> {
    let call = clients.read.head_bucket().bucket(bucket.as_str()).send().await;
    match call.map(drop).map_err(|error| fault("looking for a bucket", error)) {
        // An answer to HEAD has no words.
        Err(StoreError::NoSuchKey) => Err(StoreError::NoSuchBucket),
        other => other,
    }
}

async fn create(
    clients: &Clients,
    (bucket, region): (&BucketName, &str),
    settings: BucketSettings,
) -> Result<(), StoreError> {
    let place = BucketLocationConstraint::from(region);
    let place = CreateBucketConfiguration::builder().location_constraint(place).build();
    // Source: S3 API Reference, CreateBucket: us-east-1 is where a bucket is that names no place.
    let place = (region != "us-east-1").then_some(place);
    let lock = settings.object_lock.map(|_| true);
    let call = clients.write.create_bucket().bucket(bucket.as_str());
    let call = call.set_object_lock_enabled_for_bucket(lock);
    let call = call.set_create_bucket_configuration(place).send().await;
    call.map(drop).map_err(|error| fault("making a bucket", error))
}

impl UpstreamStore {
    pub(super) async fn make_bucket(
        &self,
        bucket: &BucketName,
        settings: BucketSettings,
    ) -> Result<(), StoreError> {
        let _turn = self.housekeeping.lock().await;
        settings.judge()?;
        self.may_have(settings)?;
        if self.visible(bucket).is_err() {
            return Err(StoreError::BucketAlreadyExists);
        }
        // Some stores say yes to the making of a bucket that is there.
        match exists(&self.clients, bucket).await {
            Ok(()) => return Err(StoreError::BucketAlreadyExists),
            Err(StoreError::NoSuchBucket) => {}
            Err(error) => return Err(error),
        }
        self.control.forget(bucket).await?;
        create(&self.clients, (bucket, &self.region), settings).await?;
        let settled = self.settle(bucket, settings).await;
        if settled.is_err() {
            // It is empty: nobody has heard of it yet.
            self.delete_empty(bucket).await?;
        }
        self.control.changed();
        settled
    }

    /// Refuses settings that the upstream does not know.
    fn may_have(&self, settings: BucketSettings) -> Result<(), StoreError> {
        if settings.quota_bytes.is_some() {
            self.needs(Capability::Quotas)?;
        }
        if settings.object_lock.is_some() {
            self.needs(Capability::ObjectLock)?;
        }
        match settings.versioning {
            Versioning::Unversioned => Ok(()),
            Versioning::Enabled | Versioning::Suspended => self.needs(Capability::Versioning),
        }
    }

    /// Gives a new bucket what S3 cannot make it with. Object lock brings versioning along.
    async fn settle(
        &self,
        bucket: &BucketName,
        settings: BucketSettings,
    ) -> Result<(), StoreError> {
        match (settings.object_lock, settings.versioning) {
            (Some(ObjectLockState { default: None }), _) | (None, Versioning::Unversioned) => {
                Ok(())
            }
            (Some(state), _) => self.set_lock(bucket, state).await,
            (None, wanted) => self.set_versioning(bucket, wanted).await,
        }
    }

    pub(super) async fn remove_bucket(&self, bucket: &BucketName) -> Result<(), StoreError> {
        let _turn = self.housekeeping.lock().await;
        self.visible(bucket)?;
        let mut removed = self.delete_empty(bucket).await;
        if matches!(removed, Err(StoreError::BucketNotEmpty)) && self.holds_nothing(bucket).await? {
            self.abort_all(bucket).await?;
            removed = self.delete_empty(bucket).await;
        }
        self.control.changed();
        if matches!(removed, Ok(()) | Err(StoreError::NoSuchBucket)) {
            // Also when it was gone before: an earlier removal may have ended in the middle.
            self.control.forget(bucket).await?;
        }
        removed
    }

    async fn delete_empty(&self, bucket: &BucketName) -> Result<(), StoreError> {
        let call = self.clients.write.delete_bucket().bucket(bucket.as_str()).send().await;
        call.map(drop).map_err(|error| fault("removing a bucket", error))
    }

    /// Whether only unfinished uploads keep a bucket from being removed.
    async fn holds_nothing(&self, bucket: &BucketName) -> Result<bool, StoreError> {
        let prefix = KeyPrefix::everything();
        let list = ListVersions { prefix, delimiter: None, after: None, max_keys: 1 };
        Ok(self.list_versions(bucket, list).await?.entries.is_empty())
    }

    async fn abort_all(&self, bucket: &BucketName) -> Result<(), StoreError> {
        loop {
            let list = ListUploads {
                prefix: KeyPrefix::everything(),
                delimiter: None,
                after: None,
                max: 1000,
            };
            let page = self.uploads(bucket, list).await?;
            for upload in &page.uploads {
                self.give_up(bucket, upload).await?;
            }
            if !page.truncated {
                return Ok(());
            }
        }
    }

    async fn give_up(&self, bucket: &BucketName, upload: &UploadMeta) -> Result<(), StoreError> {
        let at = ObjectAddress { bucket: bucket.clone(), key: upload.key.clone() };
        match self.abort(&at, &upload.id).await {
            Ok(()) | Err(StoreError::NoSuchUpload) => Ok(()),
            Err(error) => Err(error),
        }
    }

    pub(super) async fn one_bucket(&self, bucket: &BucketName) -> Result<BucketMeta, StoreError> {
        self.settings_of(bucket).await?;
        let found = self.every_bucket(Some(bucket.as_str())).await?;
        let found = found.into_iter().find(|one| one.name == *bucket);
        found.ok_or_else(|| broken("listing buckets", "none of a name that is there"))
    }

    /// Every bucket whose name begins so, but the control bucket.
    pub(super) async fn every_bucket(
        &self,
        prefix: Option<&str>,
    ) -> Result<Vec<BucketMeta>, StoreError> {
        const DOING: &str = "listing buckets";
        let (mut found, mut token) = (Vec::new(), None);
        loop {
            let call = self.clients.read.list_buckets().set_prefix(prefix.map(str::to_owned));
            let call = call.set_continuation_token(token).send().await;
            let page = call.map_err(|error| fault(DOING, error))?;
            for bucket in page.buckets() {
                found.extend(self.listed_bucket(bucket)?);
            }
            token = page.continuation_token;
            if token.is_none() {
                break;
            }
        }
        found.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(found)
    }

    /// A bucket of a list. One whose name we could not take from a client is nobody's here.
    fn listed_bucket(&self, bucket: &Bucket) -> Result<Option<BucketMeta>, StoreError> {
        let name = BucketName::parse(bucket.name().unwrap_or_default()).ok();
        let Some(name) = name.filter(|name| self.visible(name).is_ok()) else { return Ok(None) };
        Ok(Some(BucketMeta { name, created: time(bucket.creation_date())? }))
    }

    /// What a bucket does with its objects, at most half a second old.
    pub(super) async fn settings_of(
        &self,
        bucket: &BucketName,
    ) -> Result<BucketSettings, StoreError> {
        self.visible(bucket)?;
        let name = (bucket.clone(), self.control.now());
        let found = self.settings.try_get_with(name, self.ask_settings(bucket)).await;
        found.map_err(|error| shared(&error))
    }

    async fn ask_settings(&self, bucket: &BucketName) -> Result<BucketSettings, StoreError> {
        let read = &self.clients.read;
        if self.needs(Capability::Versioning).is_err() {
            exists(&self.clients, bucket).await?;
            return Ok(BucketSettings::default());
        }
        let told = read.get_bucket_versioning().bucket(bucket.as_str()).send().await;
        let told = told.map_err(|error| fault("asking for versioning", error))?;
        let versioning = match told.status() {
            Some(BucketVersioningStatus::Enabled) => Versioning::Enabled,
            Some(BucketVersioningStatus::Suspended) => Versioning::Suspended,
            Some(_) | None => Versioning::Unversioned,
        };
        let object_lock = self.ask_lock(bucket).await?;
        Ok(BucketSettings { versioning, object_lock, quota_bytes: None })
    }

    async fn ask_lock(&self, bucket: &BucketName) -> Result<Option<ObjectLockState>, StoreError> {
        if self.needs(Capability::ObjectLock).is_err() {
            return Ok(None);
        }
        let call = self.clients.read.get_object_lock_configuration().bucket(bucket.as_str());
        let told = match call.send().await {
            Ok(told) => told.object_lock_configuration,
            Err(error) if answer(&error).is_some_and(|a| a.code == NO_LOCK) => return Ok(None),
            Err(error) => return Err(fault("asking for object lock", error)),
        };
        let Some(told) = told.filter(|t| t.object_lock_enabled.is_some()) else { return Ok(None) };
        let default = told.rule.and_then(|rule| rule.default_retention);
        let default = default.map(|default| lock_default(&default)).transpose()?;
        Ok(Some(ObjectLockState { default }))
    }

    pub(super) async fn change_settings(
        &self,
        bucket: &BucketName,
        change: BucketChange,
    ) -> Result<(), StoreError> {
        let settings = self.settings_of(bucket).await?;
        let done = match change {
            BucketChange::Versioning(wanted) => self.set_versioning(bucket, wanted).await,
            BucketChange::ObjectLock(_) if settings.versioning != Versioning::Enabled => {
                let why = "object lock needs a bucket with versioning enabled";
                Err(StoreError::InvalidBucketState { why })
            }
            BucketChange::ObjectLock(state) => self.set_lock(bucket, state).await,
            // There is none to take away.
            BucketChange::Quota(None) => Ok(()),
            BucketChange::Quota(Some(_)) => self.needs(Capability::Quotas),
        };
        self.control.changed();
        done
    }

    async fn set_versioning(
        &self,
        bucket: &BucketName,
        wanted: Versioning,
    ) -> Result<(), StoreError> {
        let status = match wanted {
            Versioning::Enabled => BucketVersioningStatus::Enabled,
            Versioning::Suspended => BucketVersioningStatus::Suspended,
            Versioning::Unversioned => {
                return Err(StoreError::InvalidRequest {
                    why: "versioning is enabled or suspended",
                });
            }
        };
        self.needs(Capability::Versioning)?;
        let wanted = VersioningConfiguration::builder().status(status).build();
        let call = self.clients.write.put_bucket_versioning().bucket(bucket.as_str());
        let call = call.versioning_configuration(wanted).send().await;
        call.map(drop).map_err(|error| fault("changing versioning", error))
    }

    async fn set_lock(
        &self,
        bucket: &BucketName,
        state: ObjectLockState,
    ) -> Result<(), StoreError> {
        state.default.map_or(Ok(()), DefaultRetention::judge)?;
        self.needs(Capability::ObjectLock)?;
        let rule = state.default.map(|default| {
            ObjectLockRule::builder().default_retention(sdk_default(default)).build()
        });
        let wanted = ObjectLockConfiguration::builder()
            .object_lock_enabled(ObjectLockEnabled::Enabled)
            .set_rule(rule)
            .build();
        let call = self.clients.write.put_object_lock_configuration().bucket(bucket.as_str());
        let call = call.object_lock_configuration(wanted).send().await;
        call.map(drop).map_err(|error| fault("changing object lock", error))
    }
}

/// What S3 answers for a bucket without object lock.
pub(super) const NO_LOCK: &str = "ObjectLockConfigurationNotFoundError";

fn lock_default(told: &SdkRetention) -> Result<DefaultRetention, StoreError> {
    let mode = told.mode().map(ObjectLockRetentionMode::as_str).unwrap_or_default();
    let number = |n: Option<i32>| n.and_then(|n| u32::try_from(n).ok()).filter(|n| *n > 0);
    let days = number(told.days()).map(RetentionPeriod::Days);
    let period = days.or_else(|| number(told.years()).map(RetentionPeriod::Years));
    let period = period.ok_or_else(|| broken("asking for object lock", "a period of no length"))?;
    Ok(DefaultRetention { mode: mode_told(mode)?, period })
}

fn sdk_default(default: DefaultRetention) -> SdkRetention {
    let mode = match default.mode {
        RetentionMode::Governance => ObjectLockRetentionMode::Governance,
        RetentionMode::Compliance => ObjectLockRetentionMode::Compliance,
    };
    let number = |n: u32| i32::try_from(n).unwrap_or(i32::MAX);
    let retention = SdkRetention::builder().mode(mode);
    match default.period {
        RetentionPeriod::Days(days) => retention.days(number(days)).build(),
        RetentionPeriod::Years(years) => retention.years(number(years)).build(),
    }
}
