//! The estate as it is in force: read back over the wire.

use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use wh_aws::{AwsCloud, AwsCredentials, ClientOptions, PortalCredentials};
use wh_names::{Arn, BucketName, Region, RoleName};
use wh_policy::PolicyKind;
use wh_provision::{BucketSetting, BucketSettingKind, Cloud, RoleState};

use super::{Role, Source, World, layout, role_path};
use crate::config::{Config, StoreKind};
use crate::{estate, keys};

/// How long a local listener may take to answer the door.
const KNOCK_MAX: Duration = Duration::from_secs(2);

pub(super) fn read(config: &Config) -> Result<World> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(read_back(config))
}

async fn read_back(config: &Config) -> Result<World> {
    let cloud = match config.store.kind {
        StoreKind::Aws => estate::amazons_cloud(config).await?,
        StoreKind::Embedded | StoreKind::Gateway => embedded_cloud(config).await?,
    };
    let mut world = World::empty(Source::Running, config)?;
    let path = role_path(config);
    for name in cloud.roles_under(&path).await.context("cannot list the roles")? {
        let role = RoleName::parse(&name)?;
        let read = cloud.role(&role).await.with_context(|| format!("cannot read the role {name}"));
        // A role that was deleted a moment ago is not there.
        let Some(state) = read? else { continue };
        add_role(&mut world, &cloud, &name, &state).await?;
    }
    if world.roles.is_empty() {
        bail!("the running store has no roles under `{path}`: is estate.installation right?");
    }
    let bucket = BucketName::parse(&config.store.bucket).context("store.bucket")?;
    let setting = cloud.bucket_setting(&bucket, BucketSettingKind::Policy).await;
    let cannot = || format!("cannot read the policy of the bucket {bucket}");
    if let Some(BucketSetting::Policy(text)) = setting.with_context(cannot)?.setting {
        let (place, kind) = (layout::bucket(bucket.as_str()), PolicyKind::Resource);
        let policy = world.stored(place, "bucket policy", kind, &text);
        world.buckets.insert(bucket.to_string(), policy);
    }
    Ok(world)
}

async fn add_role(
    world: &mut World,
    cloud: &AwsCloud,
    name: &str,
    state: &RoleState,
) -> Result<()> {
    let trust = world.stored(layout::trust(name), "trust", PolicyKind::Trust, &state.trust);
    let (mut permissions, mut places) = (Vec::new(), Vec::new());
    for (policy, text) in &state.inline {
        let place = layout::permission(name, policy);
        places.push(place.clone());
        permissions.push(world.stored(place, policy, PolicyKind::Identity, text));
    }
    for arn in &state.attached {
        let (policy, text) = managed(cloud, arn).await?;
        let place = layout::permission(name, &policy);
        places.push(place.clone());
        permissions.push(world.stored(place, &policy, PolicyKind::ManagedIdentity, &text));
    }
    let mut boundary = None;
    if let Some(arn) = &state.boundary {
        let (policy, text) = managed(cloud, arn).await?;
        let place = layout::boundary(name);
        boundary = Some(world.stored(place, &policy, PolicyKind::Boundary, &text));
    }
    let (arn, trust) = (Arn::parse(&state.arn)?, Some(trust));
    world.roles.insert(name.to_owned(), Role { arn, trust, permissions, places, boundary });
    Ok(())
}

/// The name and the document of a managed policy.
async fn managed(cloud: &AwsCloud, arn: &str) -> Result<(String, String)> {
    let parsed = Arn::parse(arn)?;
    let name = parsed.resource().rsplit('/').next().unwrap_or_default().to_owned();
    let read = cloud.managed_policy(&parsed).await;
    let state = read.with_context(|| format!("cannot read the policy {arn}"))?;
    let state = state.with_context(|| format!("the policy {arn} is attached, and is not there"))?;
    Ok((name, state.document))
}

/// The embedded store of a running `wellhouse serve`, asked as its root user.
async fn embedded_cloud(config: &Config) -> Result<AwsCloud> {
    let Some(keys) = keys::read(&config.data)? else {
        bail!(
            "there is no running estate in {}: start `wellhouse serve` first, or name its data \
             folder with --data DIR",
            config.data.display()
        );
    };
    let listen = config.s3.listen;
    if TcpStream::connect_timeout(&listen, KNOCK_MAX).is_err() {
        bail!(
            "nothing answers at {listen}: start `wellhouse serve` first; where it listens \
             elsewhere, set s3.listen (WELLHOUSE_S3__LISTEN)"
        );
    }
    let root = AwsCredentials {
        access_key_id: keys.root_access_key_id().clone(),
        secret: keys.root_secret().clone(),
        session_token: None,
        expires: None,
    };
    let options = ClientOptions {
        region: Region::parse(&config.store.region).context("store.region")?,
        endpoint_url: Some(format!("http://{listen}")),
        public_s3_url: None,
        path_style: true,
        credentials: PortalCredentials::Static(root),
    };
    Ok(AwsCloud::new(options).await)
}
