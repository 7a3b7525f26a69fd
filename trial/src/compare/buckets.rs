//! What a store answers to operations on buckets, and on the feed.

use wh_objects::{BucketSettings, ObjectStore};

use super::answer::Fault;
use super::names::{bucket, document, setting, stamp};
use super::operation::OnBucket;

pub(super) async fn on_bucket(
    store: &dyn ObjectStore,
    op: OnBucket,
    number: u64,
) -> Result<String, Fault> {
    Ok(match op {
        OnBucket::Make(name) => {
            format!(
                "{:?}",
                store
                    .create_bucket(&bucket(name)?, BucketSettings::default(), &stamp(number)?)
                    .await?
            )
        }
        OnBucket::Remove(name) => format!("{:?}", store.delete_bucket(&bucket(name)?).await?),
        OnBucket::Tell(name) => format!("{:?}", store.bucket(&bucket(name)?).await?),
        OnBucket::TellAll => format!("{:?}", store.list_buckets().await?),
        OnBucket::Keep { bucket: name, kind, text } => {
            let text = text.map(|text| format!("document {text}"));
            let (name, kind) = (bucket(name)?, document(kind));
            format!("{:?}", store.put_bucket_document(&name, kind, text.as_deref()).await?)
        }
        OnBucket::Document { bucket: name, kind } => {
            format!("{:?}", store.bucket_document(&bucket(name)?, document(kind)).await?)
        }
        OnBucket::Change(name, change) => {
            format!("{:?}", store.change_bucket(&bucket(name)?, setting(change)).await?)
        }
        OnBucket::Settings(name) => format!("{:?}", store.bucket_settings(&bucket(name)?).await?),
        OnBucket::Usage(name) => format!("{:?}", store.bucket_usage(&bucket(name)?).await?),
        OnBucket::Events { after, max } => {
            let newest = *store.newest_event().borrow();
            format!("{newest} {:?}", store.events(after, max).await?)
        }
        OnBucket::Trim { before } => format!("{:?}", store.trim_events(before).await?),
    })
}
