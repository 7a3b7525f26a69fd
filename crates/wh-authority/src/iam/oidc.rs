//! `OpenID` Connect providers.

use wh_ledger::{IamWrite, OidcProviderRow};

use super::check::validation;
use super::view::OidcProvider;
use super::{Answer, Ground, IamError, IamReply, OidcCall, Verdict};
use crate::oidc::without_scheme;

const CLIENT_IDS_MAX: usize = 100;
const CLIENT_ID_CHARS_MAX: usize = 255;
const THUMBPRINTS_MAX: usize = 5;
const THUMBPRINT_CHARS: usize = 40;

fn changed(row: OidcProviderRow) -> Answer {
    (IamReply::Done, Some(IamWrite::PutOidcProvider(row)))
}

fn check_client(id: &str) -> Result<(), IamError> {
    let length = id.chars().count();
    if (1..=CLIENT_ID_CHARS_MAX).contains(&length) {
        return Ok(());
    }
    Err(validation("a ClientID must have 1 to 255 characters"))
}

fn check_thumbprint(text: &str) -> Result<(), IamError> {
    if text.len() == THUMBPRINT_CHARS && text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Ok(());
    }
    Err(validation("a thumbprint in ThumbprintList must be 40 hexadecimal digits"))
}

impl Ground<'_> {
    fn oidc(&self, arn: &str) -> Result<&OidcProviderRow, IamError> {
        let named = |row: &&OidcProviderRow| self.place.oidc(&row.issuer) == arn;
        self.rows.oidc_providers.values().find(named).ok_or_else(|| IamError::NoSuchEntity {
            what: "OpenID Connect provider",
            name: arn.to_owned(),
        })
    }

    pub(super) fn judge_oidc(&self, arn: &str, call: OidcCall) -> Verdict {
        let mut row = self.oidc(arn)?.clone();
        match call {
            OidcCall::Get => {
                Ok((IamReply::OidcProvider(OidcProvider { arn: arn.to_owned(), row }), None))
            }
            OidcCall::Delete => {
                Ok((IamReply::Done, Some(IamWrite::DeleteOidcProvider(row.issuer))))
            }
            OidcCall::AddClientId { id } => {
                check_client(&id)?;
                row.client_ids.insert(id);
                if row.client_ids.len() > CLIENT_IDS_MAX {
                    let what = "client ids of a provider";
                    return Err(IamError::LimitExceeded { what, max: CLIENT_IDS_MAX });
                }
                Ok(changed(row))
            }
            OidcCall::RemoveClientId { id } => {
                row.client_ids.remove(&id);
                Ok(changed(row))
            }
            OidcCall::UpdateThumbprints { thumbprints } => {
                check_thumbprints(&thumbprints)?;
                row.thumbprints = thumbprints.into_iter().collect();
                Ok(changed(row))
            }
        }
    }

    /// A provider whose issuer the operator has configured: what a caller names is never asked.
    pub(super) fn create_oidc(
        &self,
        url: &str,
        client_ids: Vec<String>,
        thumbprints: Vec<String>,
    ) -> Verdict {
        client_ids.iter().try_for_each(|id| check_client(id))?;
        check_thumbprints(&thumbprints)?;
        if client_ids.len() > CLIENT_IDS_MAX {
            let what = "client ids of a provider";
            return Err(IamError::LimitExceeded { what, max: CLIENT_IDS_MAX });
        }
        let Some(known) = self.issuers.find(url) else {
            let why = format!(
                "the issuer `{url}` at Url is not among those that this server may ask; its \
                 operator adds issuers to the configuration"
            );
            return Err(IamError::InvalidInput { why });
        };
        let issuer = without_scheme(&known.issuer).to_owned();
        if self.rows.oidc_providers.contains_key(&issuer) {
            let what = "OpenID Connect provider";
            return Err(IamError::EntityAlreadyExists { what, name: issuer });
        }
        let arn = self.place.oidc(&issuer);
        let row = OidcProviderRow {
            issuer,
            client_ids: client_ids.into_iter().collect(),
            thumbprints: thumbprints.into_iter().collect(),
            created_at: self.now,
        };
        Ok((IamReply::OidcProviderArn(arn), Some(IamWrite::PutOidcProvider(row))))
    }

    pub(super) fn list_oidc(&self) -> Answer {
        let issuers = self.rows.oidc_providers.keys();
        (IamReply::OidcProviders(issuers.map(|issuer| self.place.oidc(issuer)).collect()), None)
    }
}

fn check_thumbprints(all: &[String]) -> Result<(), IamError> {
    if all.len() > THUMBPRINTS_MAX {
        let what = "thumbprints of a provider";
        return Err(IamError::LimitExceeded { what, max: THUMBPRINTS_MAX });
    }
    all.iter().try_for_each(|text| check_thumbprint(text))
}
