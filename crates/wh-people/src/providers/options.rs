//! Providers as the operator configures them, checked.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use url::{Host, Url};
use wh_names::Secret;

use crate::mail::MailAddress;
use crate::name::PersonName;
use crate::providers::Outbound;

/// The longest short name of a provider, in characters.
const ID_CHARS_MAX: usize = 32;

/// The longest name that is shown, in characters.
const NAME_CHARS_MAX: usize = 64;

/// A provider, as it is written in the configuration.
#[derive(Debug, Clone)]
pub struct ProviderOptions {
    /// Its short name in addresses.
    pub id: String,
    /// What people read on the button.
    pub name: String,
    /// As its tokens name it: `https://accounts.example.com`.
    pub issuer: String,
    /// What it calls this house.
    pub client_id: String,
    /// By which the house proves who it is; a public client has none.
    pub client_secret: Option<Secret>,
    /// What is asked for besides `openid`.
    pub scopes: Vec<String>,
    /// The claim that lists groups: a name, or a JSON pointer that begins with `/`.
    pub groups_claim: Option<String>,
    /// Which group a value of that claim puts a person in, by the group's name.
    pub groups: BTreeMap<String, String>,
    /// Which claims say that the provider asked for a second factor, where that counts here.
    pub second_factor: StrongClaims,
    /// The mail domains of which its word lets somebody new in where the settings list them, too.
    pub domains: Vec<String>,
}

/// The values of `amr` and `acr` of which one says that there was a second factor. Without any, ours is
/// asked.
#[derive(Debug, Clone, Default)]
pub struct StrongClaims {
    /// Methods. Source: RFC 8176.
    pub amr: Vec<String>,
    /// Classes.
    pub acr: Vec<String>,
}

/// What signing in by providers is made of.
#[derive(Debug)]
pub struct SignOnOptions {
    /// The providers, in the order of their buttons.
    pub providers: Vec<Provider>,
    /// By which they are asked.
    pub outbound: Outbound,
    /// For so long after somebody last came by a provider the groups count that its word gave.
    pub groups_last: SignedDuration,
}

/// Long enough for a weekend, short enough for whoever was put out at the provider.
const GROUPS_LAST: SignedDuration = SignedDuration::from_hours(7 * 24);

impl Default for SignOnOptions {
    fn default() -> Self {
        Self { providers: Vec::new(), outbound: Outbound::default(), groups_last: GROUPS_LAST }
    }
}

/// A provider whose options are such that it can be asked.
#[derive(Debug, Clone)]
pub struct Provider {
    options: ProviderOptions,
    /// The folded names of groups by the values of the claim.
    groups: BTreeMap<String, String>,
}

/// An option of a provider that is not as it must be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {why}")]
pub struct ProviderOptionsError {
    /// Which one, as the configuration names it.
    pub field: &'static str,
    /// What it must be.
    pub why: String,
}

impl ProviderOptionsError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        "provider-options"
    }
}

fn refused(field: &'static str, why: impl Into<String>) -> ProviderOptionsError {
    ProviderOptionsError { field, why: why.into() }
}

impl Provider {
    /// A provider, if its options are as they must be.
    pub fn new(options: ProviderOptions) -> Result<Self, ProviderOptionsError> {
        let id = options.id.as_str();
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if id.is_empty() || id.len() > ID_CHARS_MAX || !id.chars().all(plain) {
            return Err(refused("id", "write 1–32 of a–z, 0–9 and -, like \"keycloak\""));
        }
        let chars = options.name.trim().chars().count();
        if chars == 0 || chars > NAME_CHARS_MAX || options.name.chars().any(char::is_control) {
            return Err(refused("name", "write what people call it, in 1–64 characters"));
        }
        check_issuer(&options.issuer)?;
        if options.client_id.trim().is_empty() {
            return Err(refused("client_id", "write what the provider calls this client"));
        }
        for scope in &options.scopes {
            let fits = |b: u8| b.is_ascii_graphic() && b != b'"' && b != b'\\';
            if scope.is_empty() || !scope.bytes().all(fits) {
                let why = format!("`{scope}` is no scope; write one word each, like \"email\"");
                return Err(refused("scopes", why));
            }
        }
        if options.groups_claim.is_none() && !options.groups.is_empty() {
            let why = "write the claim that lists the groups, like \"groups\"";
            return Err(refused("groups_claim", why));
        }
        for domain in &options.domains {
            let why = format!("`{domain}` is no domain; write names like \"example.org\"");
            let address = MailAddress::parse(&format!("somebody@{domain}"));
            let address = address.map_err(|_| refused("domains", why.clone()))?;
            if address.domain() != *domain {
                return Err(refused("domains", format!("{why}, in lower case")));
            }
        }
        let mut groups = BTreeMap::new();
        for (value, group) in &options.groups {
            let name = PersonName::parse(group);
            let name = name.map_err(|error| refused("groups", format!("`{group}`: {error}")))?;
            groups.insert(value.clone(), name.key().to_owned());
        }
        Ok(Self { options, groups })
    }

    /// What it was made of.
    pub fn options(&self) -> &ProviderOptions {
        &self.options
    }

    /// A mail address that the provider has verified, if it may let somebody in by its domain.
    pub(crate) fn vouches_for<'a>(&self, address: &'a MailAddress) -> Option<&'a str> {
        self.options.domains.contains(&address.domain()).then(|| address.as_str())
    }

    /// Whether a second factor of this provider counts.
    pub(crate) fn has_factor(&self) -> bool {
        let StrongClaims { amr, acr } = &self.options.second_factor;
        !amr.is_empty() || !acr.is_empty()
    }

    /// The folded name of the group that a value of the claim gives.
    pub(crate) fn group_of(&self, value: &str) -> Option<&str> {
        self.groups.get(value).map(String::as_str)
    }
}

/// That an issuer is an `https` address without query and fragment; `http` is enough on this machine.
fn check_issuer(issuer: &str) -> Result<(), ProviderOptionsError> {
    let no = |why: &str| Err(refused("issuer", format!("`{issuer}`: {why}")));
    let Ok(url) = Url::parse(issuer) else {
        return no("write the provider's https:// address");
    };
    if !may_be_asked(&url) {
        return no("write an https:// address; http:// is for this machine alone (127.0.0.1)");
    }
    let has_user = !url.username().is_empty() || url.password().is_some();
    if url.query().is_some() || url.fragment().is_some() || has_user {
        return no("write it without a query, a fragment, a name and a password");
    }
    Ok(())
}

/// Whether an address is one that secrets may be sent to: `https`, or `http` on this machine.
pub(crate) fn may_be_asked(url: &Url) -> bool {
    url.host().is_some() && (url.scheme() == "https" || is_loopback_http(url))
}

/// Whether an address is plain `http` on this machine.
pub(crate) fn is_loopback_http(url: &Url) -> bool {
    let here = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    url.scheme() == "http" && here
}
