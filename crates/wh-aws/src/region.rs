//! The region that the SDK would take.

use aws_config::default_provider;
use aws_config::meta::region::ProvideRegion;
use wh_names::Region;

/// The region of the environment, the profile or the instance, in this order; `None` where none names
/// one. Source: AWS SDKs and Tools Reference Guide, "AWS Region".
pub async fn region_of_environment() -> Option<Region> {
    let region = default_provider::region::default_provider().region().await?;
    Region::parse(region.as_ref()).ok()
}
