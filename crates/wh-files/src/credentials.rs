//! Credentials for a person's own tools: their role session for one location, handed out.

use jiff::Timestamp;
use wh_aws::AwsCredentials;
use wh_ledger::GrantRow;
use wh_people::{Person, Scope};

use crate::{Files, FilesError};

/// Temporary credentials and the place that they are for.
#[derive(Debug, Clone)]
pub struct ToolCredentials {
    /// The credentials.
    pub credentials: AwsCredentials,
    /// When they end.
    pub expires: Timestamp,
    /// The grant that they are narrowed to.
    pub grant: GrantRow,
}

impl Files {
    /// Temporary credentials that can do what the person can do in this location, and no more.
    pub async fn credentials(
        &self,
        person: &Person,
        location: &str,
    ) -> Result<ToolCredentials, FilesError> {
        let access = self.access(person, location).await?;
        let session = access.session().await?;
        let credentials = session.credentials().clone();
        // What they are narrowed to ends with the grant and with the API token that asks, whatever the
        // store says of the session.
        let ends = access.grant.ends_at.into_iter().chain(person.scope().map(Scope::expires));
        let expires = ends.fold(session.expires(), Timestamp::min);
        Ok(ToolCredentials { credentials, expires, grant: access.grant })
    }
}
