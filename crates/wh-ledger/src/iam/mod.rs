//! Rows of the embedded authority: users, groups, roles, policies, instance profiles.
//!
//! The authority keeps all of them in memory. It reads everything once and writes one thing at a
//! time, each with what hangs on it in one transaction.

mod groups;
mod oidc;
mod users;

pub use groups::GroupRow;
pub use oidc::OidcProviderRow;
pub use users::{AccessKeyRow, AccessKeyStatus, AccessKeyUse, PoliciesRow, UserRow};

use std::collections::BTreeMap;

use jiff::Timestamp;
use wh_names::{AccessKeyId, GroupName, RoleName, UserName};

use crate::open::{millis, timestamp};
use crate::sql::{self, Row, Tx};
use crate::versions::{Kept, raise, version};
use crate::{Ledger, LedgerError};

/// A role and all that hangs on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleRow {
    /// Its name, unique ignoring case.
    pub name: RoleName,
    /// Its path, beginning and ending with `/`.
    pub path: String,
    /// `AROA…`: a role that is deleted and made again has another one.
    pub role_id: String,
    /// What it is for; may be empty.
    pub description: String,
    /// The longest session, in seconds.
    pub max_session_s: u32,
    /// The trust policy's text.
    pub trust: String,
    /// The ARN of the managed policy that is its permissions boundary.
    pub boundary: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// Its inline policies: name to text.
    pub inline: BTreeMap<String, String>,
    /// The ARNs of the managed policies that are attached to it, sorted.
    pub attached: Vec<String>,
}

/// A customer-managed policy with its versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyRow {
    /// Its name, unique ignoring case.
    pub name: String,
    /// Its path, beginning and ending with `/`.
    pub path: String,
    /// `ANPA…`.
    pub policy_id: String,
    /// What it is for; may be empty.
    pub description: String,
    /// The version that counts.
    pub default_version: u32,
    /// The number that the next version gets; numbers are never used twice.
    pub next_version: u32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its versions last changed.
    pub updated_at: Timestamp,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// Its versions by number.
    pub versions: BTreeMap<u32, PolicyVersionRow>,
}

/// One version of a managed policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyVersionRow {
    /// The policy's text.
    pub document: String,
    /// When it was made.
    pub created_at: Timestamp,
}

/// An instance profile: the box in which a role reaches an instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstanceProfileRow {
    /// Its name, unique ignoring case.
    pub name: String,
    /// Its path, beginning and ending with `/`.
    pub path: String,
    /// `AIPA…`.
    pub profile_id: String,
    /// The role in it, at most one.
    pub role: Option<RoleName>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

/// All of IAM, each map keyed by the name in lower case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IamRows {
    /// Raised by each change; a change names the version that it was judged by.
    pub version: i64,
    /// The users.
    pub users: BTreeMap<String, UserRow>,
    /// The groups.
    pub groups: BTreeMap<String, GroupRow>,
    /// The `OpenID` Connect providers, by their issuers.
    pub oidc_providers: BTreeMap<String, OidcProviderRow>,
    /// The roles.
    pub roles: BTreeMap<String, RoleRow>,
    /// The managed policies.
    pub policies: BTreeMap<String, PolicyRow>,
    /// The instance profiles.
    pub profiles: BTreeMap<String, InstanceProfileRow>,
}

/// One change of IAM. What is put replaces what has the same name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IamWrite {
    /// Writes a user with its tags, policies, memberships and access keys.
    PutUser(UserRow),
    /// Writes a user in the place of the one of this name.
    RenameUser(UserName, UserRow),
    /// Writes a user without an access key that it had, and forgets when the key was used.
    DropAccessKey(AccessKeyId, UserRow),
    /// Removes a user with all that hangs on it.
    DeleteUser(UserName),
    /// Writes a group with its policies.
    PutGroup(GroupRow),
    /// Writes a group in the place of the one of this name.
    RenameGroup(GroupName, GroupRow),
    /// Removes a group with its policies.
    DeleteGroup(GroupName),
    /// Writes an `OpenID` Connect provider.
    PutOidcProvider(OidcProviderRow),
    /// Removes the `OpenID` Connect provider of this issuer.
    DeleteOidcProvider(String),
    /// Writes a role with its tags, inline policies and attachments.
    PutRole(RoleRow),
    /// Removes a role with all that hangs on it.
    DeleteRole(RoleName),
    /// Writes a managed policy with its versions and tags.
    PutPolicy(PolicyRow),
    /// Removes the managed policy of this name.
    DeletePolicy(String),
    /// Writes an instance profile.
    PutInstanceProfile(InstanceProfileRow),
    /// Removes the instance profile of this name.
    DeleteInstanceProfile(String),
}

impl Ledger {
    /// Reads all of IAM.
    pub async fn iam(&self) -> Result<IamRows, LedgerError> {
        let mut tx = self.reader().begin_reading().await?;
        let version = version(&mut tx, Kept::Iam).await?;
        let mut rows = IamRows { version, ..IamRows::default() };
        users::read(&mut tx, &mut rows).await?;
        groups::read(&mut tx, &mut rows).await?;
        oidc::read(&mut tx, &mut rows).await?;
        read_roles(&mut tx, &mut rows).await?;
        read_policies(&mut tx, &mut rows).await?;
        read_profiles(&mut tx, &mut rows).await?;
        tx.commit().await?;
        Ok(rows)
    }

    /// Makes one change durable that was judged by `known`, and gives the version that it made. If
    /// another change came first, nothing is changed: [`LedgerError::Stale`].
    pub async fn write_iam(&self, known: i64, write: &IamWrite) -> Result<i64, LedgerError> {
        let mut tx = self.writer().begin().await?;
        let made = raise(&mut tx, Kept::Iam).await?;
        if made != known + 1 {
            return Err(LedgerError::Stale);
        }
        make(&mut tx, write).await?;
        tx.commit().await?;
        Ok(made)
    }
}

async fn make(tx: &mut Tx, write: &IamWrite) -> Result<(), LedgerError> {
    match write {
        IamWrite::PutUser(row) => users::put(tx, row).await?,
        IamWrite::RenameUser(from, row) => {
            delete(tx, DELETE_USER, from.as_str()).await?;
            users::put(tx, row).await?;
        }
        IamWrite::DropAccessKey(id, row) => {
            let sql = "DELETE FROM iam_access_key_uses WHERE access_key_id = $1";
            sql::query(sql).bind(id.as_str()).execute(&mut *tx).await?;
            users::put(tx, row).await?;
        }
        IamWrite::DeleteUser(name) => delete(tx, DELETE_USER, name.as_str()).await?,
        IamWrite::PutGroup(row) => groups::put(tx, row).await?,
        IamWrite::RenameGroup(from, row) => {
            delete(tx, DELETE_GROUP, from.as_str()).await?;
            groups::put(tx, row).await?;
        }
        IamWrite::DeleteGroup(name) => delete(tx, DELETE_GROUP, name.as_str()).await?,
        IamWrite::PutOidcProvider(row) => oidc::put(tx, row).await?,
        IamWrite::DeleteOidcProvider(issuer) => oidc::delete(tx, issuer).await?,
        IamWrite::PutRole(row) => put_role(tx, row).await?,
        IamWrite::DeleteRole(name) => {
            delete(tx, "DELETE FROM iam_roles WHERE role_key = $1", name.as_str()).await?;
        }
        IamWrite::PutPolicy(row) => put_policy(tx, row).await?,
        IamWrite::DeletePolicy(name) => {
            delete(tx, "DELETE FROM iam_policies WHERE policy_key = $1", name).await?;
        }
        IamWrite::PutInstanceProfile(row) => put_profile(tx, row).await?,
        IamWrite::DeleteInstanceProfile(name) => {
            let sql = "DELETE FROM iam_instance_profiles WHERE profile_key = $1";
            delete(tx, sql, name).await?;
        }
    }
    Ok(())
}

const DELETE_USER: &str = "DELETE FROM iam_users WHERE user_key = $1";
const DELETE_GROUP: &str = "DELETE FROM iam_groups WHERE group_key = $1";

async fn read_roles(tx: &mut Tx, rows: &mut IamRows) -> Result<(), LedgerError> {
    for row in sql::query("SELECT * FROM iam_roles").fetch_all(&mut *tx).await? {
        rows.roles.insert(row.try_get("role_key")?, role(&row)?);
    }
    for row in sql::query("SELECT * FROM iam_role_tags").fetch_all(&mut *tx).await? {
        if let Some(role) = rows.roles.get_mut(row.try_get::<&str>("role_key")?) {
            role.tags.insert(row.try_get("tag_key")?, row.try_get("tag_value")?);
        }
    }
    for row in sql::query("SELECT * FROM iam_role_policies").fetch_all(&mut *tx).await? {
        if let Some(role) = rows.roles.get_mut(row.try_get::<&str>("role_key")?) {
            role.inline.insert(row.try_get("name")?, row.try_get("document")?);
        }
    }
    let attached = "SELECT * FROM iam_role_attachments ORDER BY policy_arn";
    for row in sql::query(attached).fetch_all(&mut *tx).await? {
        if let Some(role) = rows.roles.get_mut(row.try_get::<&str>("role_key")?) {
            role.attached.push(row.try_get("policy_arn")?);
        }
    }
    Ok(())
}

async fn read_policies(tx: &mut Tx, rows: &mut IamRows) -> Result<(), LedgerError> {
    for row in sql::query("SELECT * FROM iam_policies").fetch_all(&mut *tx).await? {
        rows.policies.insert(row.try_get("policy_key")?, policy(&row)?);
    }
    for row in sql::query("SELECT * FROM iam_policy_versions").fetch_all(&mut *tx).await? {
        if let Some(policy) = rows.policies.get_mut(row.try_get::<&str>("policy_key")?) {
            let version = PolicyVersionRow {
                document: row.try_get("document")?,
                created_at: timestamp("created_at", row.try_get("created_at")?)?,
            };
            policy.versions.insert(number(&row, "version")?, version);
        }
    }
    for row in sql::query("SELECT * FROM iam_policy_tags").fetch_all(&mut *tx).await? {
        if let Some(policy) = rows.policies.get_mut(row.try_get::<&str>("policy_key")?) {
            policy.tags.insert(row.try_get("tag_key")?, row.try_get("tag_value")?);
        }
    }
    Ok(())
}

async fn read_profiles(tx: &mut Tx, rows: &mut IamRows) -> Result<(), LedgerError> {
    for row in sql::query("SELECT * FROM iam_instance_profiles").fetch_all(&mut *tx).await? {
        rows.profiles.insert(row.try_get("profile_key")?, profile(&row)?);
    }
    for row in sql::query("SELECT * FROM iam_instance_profile_tags").fetch_all(&mut *tx).await? {
        if let Some(profile) = rows.profiles.get_mut(row.try_get::<&str>("profile_key")?) {
            profile.tags.insert(row.try_get("tag_key")?, row.try_get("tag_value")?);
        }
    }
    Ok(())
}

fn number(row: &Row, column: &'static str) -> Result<u32, LedgerError> {
    u32::try_from(row.try_get::<i64>(column)?).map_err(|_| LedgerError::Corrupt { column })
}

fn role_name(column: &'static str, text: &str) -> Result<RoleName, LedgerError> {
    RoleName::parse(text).map_err(|_| LedgerError::Corrupt { column })
}

fn role(row: &Row) -> Result<RoleRow, LedgerError> {
    Ok(RoleRow {
        name: role_name("name", row.try_get("name")?)?,
        path: row.try_get("path")?,
        role_id: row.try_get("role_id")?,
        description: row.try_get("description")?,
        max_session_s: number(row, "max_session_s")?,
        trust: row.try_get("trust")?,
        boundary: row.try_get("boundary_arn")?,
        created_at: timestamp("created_at", row.try_get("created_at")?)?,
        tags: BTreeMap::new(),
        inline: BTreeMap::new(),
        attached: Vec::new(),
    })
}

fn policy(row: &Row) -> Result<PolicyRow, LedgerError> {
    Ok(PolicyRow {
        name: row.try_get("name")?,
        path: row.try_get("path")?,
        policy_id: row.try_get("policy_id")?,
        description: row.try_get("description")?,
        default_version: number(row, "default_version")?,
        next_version: number(row, "next_version")?,
        created_at: timestamp("created_at", row.try_get("created_at")?)?,
        updated_at: timestamp("updated_at", row.try_get("updated_at")?)?,
        tags: BTreeMap::new(),
        versions: BTreeMap::new(),
    })
}

fn profile(row: &Row) -> Result<InstanceProfileRow, LedgerError> {
    let role: Option<&str> = row.try_get("role")?;
    Ok(InstanceProfileRow {
        name: row.try_get("name")?,
        path: row.try_get("path")?,
        profile_id: row.try_get("profile_id")?,
        role: role.map(|name| role_name("role", name)).transpose()?,
        created_at: timestamp("created_at", row.try_get("created_at")?)?,
        tags: BTreeMap::new(),
    })
}

async fn delete(tx: &mut Tx, sql: &'static str, name: &str) -> Result<(), LedgerError> {
    sql::query(sql).bind(name.to_ascii_lowercase()).execute(&mut *tx).await?;
    Ok(())
}

async fn put_role(tx: &mut Tx, row: &RoleRow) -> Result<(), LedgerError> {
    let key = row.name.as_str().to_ascii_lowercase();
    delete(tx, "DELETE FROM iam_roles WHERE role_key = $1", &key).await?;
    sql::query(
        "INSERT INTO iam_roles (role_key, name, path, role_id, description, max_session_s, trust,
         boundary_arn, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(&key)
    .bind(row.name.as_str())
    .bind(&row.path)
    .bind(&row.role_id)
    .bind(&row.description)
    .bind(i64::from(row.max_session_s))
    .bind(&row.trust)
    .bind(&row.boundary)
    .bind(millis(row.created_at))
    .execute(&mut *tx)
    .await
    .map_err(|e| LedgerError::of_write("role", e))?;
    for (tag, value) in &row.tags {
        let sql = "INSERT INTO iam_role_tags (role_key, tag_key, tag_value) VALUES ($1, $2, $3)";
        sql::query(sql).bind(&key).bind(tag).bind(value).execute(&mut *tx).await?;
    }
    for (name, document) in &row.inline {
        let sql = "INSERT INTO iam_role_policies (role_key, name, document) VALUES ($1, $2, $3)";
        sql::query(sql).bind(&key).bind(name).bind(document).execute(&mut *tx).await?;
    }
    for arn in &row.attached {
        let sql = "INSERT INTO iam_role_attachments (role_key, policy_arn) VALUES ($1, $2)";
        sql::query(sql).bind(&key).bind(arn).execute(&mut *tx).await?;
    }
    Ok(())
}

async fn put_policy(tx: &mut Tx, row: &PolicyRow) -> Result<(), LedgerError> {
    let key = row.name.to_ascii_lowercase();
    delete(tx, "DELETE FROM iam_policies WHERE policy_key = $1", &key).await?;
    sql::query(
        "INSERT INTO iam_policies (policy_key, name, path, policy_id, description,
         default_version, next_version, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(&key)
    .bind(&row.name)
    .bind(&row.path)
    .bind(&row.policy_id)
    .bind(&row.description)
    .bind(i64::from(row.default_version))
    .bind(i64::from(row.next_version))
    .bind(millis(row.created_at))
    .bind(millis(row.updated_at))
    .execute(&mut *tx)
    .await
    .map_err(|e| LedgerError::of_write("policy", e))?;
    for (version, row) in &row.versions {
        sql::query(
            "INSERT INTO iam_policy_versions (policy_key, version, document, created_at)
             VALUES ($1, $2, $3, $4)",
        )
        .bind(&key)
        .bind(i64::from(*version))
        .bind(&row.document)
        .bind(millis(row.created_at))
        .execute(&mut *tx)
        .await?;
    }
    for (tag, value) in &row.tags {
        let sql =
            "INSERT INTO iam_policy_tags (policy_key, tag_key, tag_value) VALUES ($1, $2, $3)";
        sql::query(sql).bind(&key).bind(tag).bind(value).execute(&mut *tx).await?;
    }
    Ok(())
}

async fn put_profile(tx: &mut Tx, row: &InstanceProfileRow) -> Result<(), LedgerError> {
    let key = row.name.to_ascii_lowercase();
    delete(tx, "DELETE FROM iam_instance_profiles WHERE profile_key = $1", &key).await?;
    sql::query(
        "INSERT INTO iam_instance_profiles (profile_key, name, path, profile_id, role, created_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(&key)
    .bind(&row.name)
    .bind(&row.path)
    .bind(&row.profile_id)
    .bind(row.role.as_ref().map(RoleName::as_str))
    .bind(millis(row.created_at))
    .execute(&mut *tx)
    .await
    .map_err(|e| LedgerError::of_write("instance profile", e))?;
    for (tag, value) in &row.tags {
        let sql = "INSERT INTO iam_instance_profile_tags (profile_key, tag_key, tag_value)
             VALUES ($1, $2, $3)";
        sql::query(sql).bind(&key).bind(tag).bind(value).execute(&mut *tx).await?;
    }
    Ok(())
}
