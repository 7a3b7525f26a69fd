//! `OpenID` Connect providers over the wire.

use wh_authority::{IamRequest, OidcCall, OidcProvider};

use super::seconds;
use crate::fault::Fault;
use crate::query::form::{Form, Xml};
use crate::query::unknown_action;

/// Reads a request about `OpenID` Connect providers.
pub(super) fn read(action: &str, form: &mut Form) -> Result<IamRequest, Fault> {
    let call = match action {
        "CreateOpenIDConnectProvider" => {
            return Ok(IamRequest::CreateOpenIdConnectProvider {
                url: form.need("Url")?,
                client_ids: form.list("ClientIDList"),
                thumbprints: form.list("ThumbprintList"),
            });
        }
        "ListOpenIDConnectProviders" => return Ok(IamRequest::ListOpenIdConnectProviders),
        "GetOpenIDConnectProvider" => OidcCall::Get,
        "DeleteOpenIDConnectProvider" => OidcCall::Delete,
        "AddClientIDToOpenIDConnectProvider" => {
            OidcCall::AddClientId { id: form.need("ClientID")? }
        }
        "RemoveClientIDFromOpenIDConnectProvider" => {
            OidcCall::RemoveClientId { id: form.need("ClientID")? }
        }
        "UpdateOpenIDConnectProviderThumbprint" => {
            OidcCall::UpdateThumbprints { thumbprints: form.list("ThumbprintList") }
        }
        _ => return Err(unknown_action(action)),
    };
    Ok(IamRequest::OidcProvider(form.need("OpenIDConnectProviderArn")?, call))
}

/// Writes a provider. AWS tells the issuer without its scheme.
pub(super) fn write(xml: Xml, provider: &OidcProvider) -> Xml {
    let row = &provider.row;
    xml.text("Url", &row.issuer)
        .texts("ClientIDList", &row.client_ids)
        .texts("ThumbprintList", &row.thumbprints)
        .text("CreateDate", seconds(row.created_at))
}
