//! The smallest grant by which a person could do what they were refused.

use wh_ledger::GrantRow;
use wh_names::{Action, BucketName, KeyPrefix, RoleName};
use wh_people::Person;
use wh_policy::s3::action;

use crate::access::{Access, Target};
use crate::{EntryPath, Files, FilesError, FolderPath, PathError};

/// What a role is weighed by: the less of it a role allows, the smaller it is.
const WEIGHED: [&str; 10] = [
    action::LIST_BUCKET,
    action::GET_OBJECT,
    "s3:GetObjectVersion",
    "s3:ListBucketVersions",
    action::PUT_OBJECT,
    action::DELETE_OBJECT,
    "s3:DeleteObjectVersion",
    "s3:PutObjectTagging",
    "s3:PutBucketPolicy",
    "s3:PutLifecycleConfiguration",
];

/// A grant that would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmallestGrant {
    /// The bucket.
    pub bucket: BucketName,
    /// The folder, as the beginning of keys.
    pub prefix: KeyPrefix,
    /// The role that allows least of those that allow what is asked.
    pub role: RoleName,
}

impl Files {
    /// The grant that would let the person do `action` to `path` in one of their locations, on the folder
    /// that it is in and by the role that allows least besides. Never by that of administrators.
    pub async fn smallest_grant(
        &self,
        person: &Person,
        location: &str,
        path: Option<&EntryPath>,
        action: &str,
    ) -> Result<SmallestGrant, FilesError> {
        let action = Action::parse(action).map_err(|_| FilesError::Action)?;
        let access = self.access(person, location).await?;
        let prefix = folder_of(path)?.prefix_under(&access.grant.prefix)?;
        if access.judge(&action, &wanted(&access, &action, path)?).explained.allowed() {
            return Err(FilesError::AllowedAlready);
        }
        let never = self.options.people.never_given_for_asking();
        let roles = self.options.roles.names().into_iter().filter(|role| role != never);
        let smallest = roles.filter_map(|role| {
            let grant =
                GrantRow { role: role.clone(), prefix: prefix.clone(), ..access.grant.clone() };
            let would = self.open(person, grant);
            let target = below(&would, &action).ok()?;
            let allows = would.judge(&action, &target).explained.allowed();
            allows.then(|| (weight(&would), role))
        });
        let (_weight, role) = smallest.min().ok_or(FilesError::NoRoleWould)?;
        Ok(SmallestGrant { bucket: access.grant.bucket.clone(), prefix, role })
    }
}

/// The folder that a path is, or is in.
fn folder_of(path: Option<&EntryPath>) -> Result<FolderPath, PathError> {
    match path {
        None => Ok(FolderPath::root()),
        Some(EntryPath::Folder(folder)) => Ok(folder.clone()),
        Some(EntryPath::File(file)) => {
            let name_at = file.as_str().len() - file.name().len();
            FolderPath::parse(file.as_str().get(..name_at).unwrap_or_default())
        }
    }
}

fn wanted(
    access: &Access<'_>,
    action: &Action,
    path: Option<&EntryPath>,
) -> Result<Target, FilesError> {
    match path {
        Some(EntryPath::File(file)) if !is_of_bucket(action) => {
            Ok(access.object_target(&file.key_under(&access.grant.prefix)?))
        }
        Some(EntryPath::Folder(folder)) if !is_of_bucket(action) => {
            access.everything_below(folder.prefix_under(&access.grant.prefix)?.as_str())
        }
        _location => below(access, action),
    }
}

/// Everything in the grant's own place.
fn below(access: &Access<'_>, action: &Action) -> Result<Target, FilesError> {
    let prefix = access.grant.prefix.as_str();
    if is_of_bucket(action) {
        return Ok(access.listing_target(prefix));
    }
    access.everything_below(prefix)
}

fn is_of_bucket(action: &Action) -> bool {
    action.as_str().contains("Bucket")
}

/// How many of the weighed actions a grant allows.
fn weight(access: &Access<'_>) -> usize {
    let allows = |name: &&&str| {
        let Ok(action) = Action::parse(name) else { return true };
        let target = below(access, &action);
        target.is_ok_and(|target| access.judge(&action, &target).explained.allowed())
    };
    WEIGHED.iter().filter(allows).count()
}
