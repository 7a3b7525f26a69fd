//! Rows of `OpenID` Connect providers.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::IamRows;
use crate::LedgerError;
use crate::open::{millis, timestamp};
use crate::sql::{self, Tx};

/// An `OpenID` Connect provider that roles may trust.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OidcProviderRow {
    /// Its issuer without the scheme: `accounts.example.com/tenant`.
    pub issuer: String,
    /// The audiences that are accepted of its tokens.
    pub client_ids: BTreeSet<String>,
    /// Digests of certificates, kept as they were given.
    pub thumbprints: BTreeSet<String>,
    /// When it was made.
    pub created_at: Timestamp,
}

pub(super) async fn read(tx: &mut Tx, rows: &mut IamRows) -> Result<(), LedgerError> {
    for row in sql::query("SELECT * FROM iam_oidc_providers").fetch_all(&mut *tx).await? {
        let issuer: String = row.try_get("issuer")?;
        let provider = OidcProviderRow {
            issuer: issuer.clone(),
            client_ids: BTreeSet::new(),
            thumbprints: BTreeSet::new(),
            created_at: timestamp("created_at", row.try_get("created_at")?)?,
        };
        rows.oidc_providers.insert(issuer, provider);
    }
    for row in sql::query("SELECT * FROM iam_oidc_client_ids").fetch_all(&mut *tx).await? {
        if let Some(provider) = rows.oidc_providers.get_mut(row.try_get::<&str>("issuer")?) {
            provider.client_ids.insert(row.try_get("client_id")?);
        }
    }
    for row in sql::query("SELECT * FROM iam_oidc_thumbprints").fetch_all(&mut *tx).await? {
        if let Some(provider) = rows.oidc_providers.get_mut(row.try_get::<&str>("issuer")?) {
            provider.thumbprints.insert(row.try_get("thumbprint")?);
        }
    }
    Ok(())
}

pub(super) async fn put(tx: &mut Tx, row: &OidcProviderRow) -> Result<(), LedgerError> {
    delete(tx, &row.issuer).await?;
    let sql = "INSERT INTO iam_oidc_providers (issuer, created_at) VALUES ($1, $2)";
    let write = sql::query(sql).bind(&row.issuer).bind(millis(row.created_at));
    write.execute(&mut *tx).await?;
    for id in &row.client_ids {
        let sql = "INSERT INTO iam_oidc_client_ids (issuer, client_id) VALUES ($1, $2)";
        sql::query(sql).bind(&row.issuer).bind(id).execute(&mut *tx).await?;
    }
    for print in &row.thumbprints {
        let sql = "INSERT INTO iam_oidc_thumbprints (issuer, thumbprint) VALUES ($1, $2)";
        sql::query(sql).bind(&row.issuer).bind(print).execute(&mut *tx).await?;
    }
    Ok(())
}

pub(super) async fn delete(tx: &mut Tx, issuer: &str) -> Result<(), LedgerError> {
    let sql = "DELETE FROM iam_oidc_providers WHERE issuer = $1";
    sql::query(sql).bind(issuer).execute(&mut *tx).await?;
    Ok(())
}
