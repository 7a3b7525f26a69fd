//! Section `people.providers`: by whom people may sign in.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use wh_names::Secret;
use wh_people::{Provider, ProviderOptions, StrongClaims};

use crate::secret_file;

/// An `OpenID` Connect provider.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProviderConfig {
    /// Its short name in addresses: the provider sends browsers back to `PUBLIC_URL/sign-in/ID`.
    pub(crate) id: String,
    /// What people read on the button.
    pub(crate) name: String,
    /// As its tokens name it: HTTPS, or plain HTTP on the loopback.
    pub(crate) issuer: String,
    /// What it calls this house.
    pub(crate) client_id: String,
    /// The file of the client's secret; a public client has none.
    #[serde(default)]
    pub(crate) client_secret_file: Option<PathBuf>,
    /// What is asked for besides `openid`.
    #[serde(default = "usual_scopes")]
    pub(crate) scopes: Vec<String>,
    /// The claim that lists groups: a name, or a JSON pointer such as `/realm_access/roles`.
    #[serde(default)]
    pub(crate) groups_claim: Option<String>,
    /// Which group a value of that claim puts a person in, by the group's name here.
    #[serde(default)]
    pub(crate) groups: BTreeMap<String, String>,
    /// Values of `amr` of which one says that the provider asked for a second factor that counts here.
    #[serde(default)]
    pub(crate) second_factor_amr: Vec<String>,
    /// The same of `acr`; it is asked for.
    #[serde(default)]
    pub(crate) second_factor_acr: Vec<String>,
    /// The mail domains for which its word lets somebody new in, in the registration mode by domains.
    #[serde(default)]
    pub(crate) domains: Vec<String>,
}

fn usual_scopes() -> Vec<String> {
    vec!["profile".to_owned(), "email".to_owned()]
}

impl ProviderConfig {
    /// The provider; without its secret where that is not needed.
    fn provider(&self, client_secret: Option<Secret>) -> Result<Provider> {
        let (amr, acr) = (self.second_factor_amr.clone(), self.second_factor_acr.clone());
        let provider = Provider::new(ProviderOptions {
            id: self.id.clone(),
            name: self.name.clone(),
            issuer: self.issuer.clone(),
            client_id: self.client_id.clone(),
            client_secret,
            scopes: self.scopes.clone(),
            groups_claim: self.groups_claim.clone(),
            groups: self.groups.clone(),
            second_factor: StrongClaims { amr, acr },
            domains: self.domains.clone(),
        });
        provider.with_context(|| format!("people.providers `{}`", self.id))
    }

    /// The provider with its secret.
    pub(crate) fn with_secret(&self) -> Result<Provider> {
        let field = "people.providers client_secret_file";
        let secret = self.client_secret_file.as_deref().map(|path| secret_file::read(field, path));
        let secret = secret.transpose();
        self.provider(secret.with_context(|| format!("people.providers `{}`", self.id))?)
    }
}

/// That each is one, and none is there twice.
pub(super) fn check(providers: &[ProviderConfig]) -> Result<()> {
    let (mut ids, mut issuers) = (BTreeSet::new(), BTreeSet::new());
    for provider in providers {
        provider.provider(None)?;
        if !ids.insert(&provider.id) {
            bail!("people.providers `{}`: id: another one has it; choose another", provider.id);
        }
        if !issuers.insert(&provider.issuer) {
            bail!(
                "people.providers `{}`: issuer: another one has it; one client of an issuer is enough",
                provider.id
            );
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use figment::Figment;
    use figment::providers::{Format, Toml};

    use super::{ProviderConfig, check};

    #[derive(serde::Deserialize)]
    struct Written {
        providers: Vec<ProviderConfig>,
    }

    const GOOD: &str = "[[providers]]\nid = \"k\"\nname = \"Keycloak\"\nclient_id = \"wellhouse\"\n\
                        issuer = \"https://id.example.org/realms/main\"\n";

    #[track_caller]
    fn refused(toml: &str, words: &str) {
        let written: Written = Figment::from(Toml::string(toml)).extract().expect("it parses");
        let error = format!("{:#}", check(&written.providers).expect_err("refused"));
        assert!(error.contains(words), "{error}");
    }

    #[test]
    fn what_is_wrong_about_a_provider_is_named_with_its_key_and_the_fix() {
        let written: Written = Figment::from(Toml::string(GOOD)).extract().expect("it parses");
        assert_eq!(written.providers[0].scopes, ["profile", "email"]);
        check(&written.providers).expect("good");
        let with = |from: &str, to: &str| GOOD.replace(from, to);
        refused(&with("\"k\"", "\"K k\""), "people.providers `K k`: id: write 1–32 of a–z");
        refused(&with("\"Keycloak\"", "\" \""), "name: write what people call it");
        refused(
            &with("https:", "http:"),
            "issuer: `http://id.example.org/realms/main`: write an https",
        );
        refused(&with("/main\"", "/main?a=b\""), "without a query");
        refused(&with("\"wellhouse\"", "\"\""), "client_id: write");
        refused(&format!("{GOOD}{GOOD}"), "id: another one has it");
        refused(&format!("{GOOD}{}", with("\"k\"", "\"l\"")), "issuer: another one has it");
        refused(&format!("{GOOD}groups = {{ a = \"A team\" }}\n"), "groups_claim: write the claim");
        refused(&format!("{GOOD}scopes = [\"a b\"]\n"), "scopes: `a b` is no scope");
        let loopback = with("https://id.example.org", "http://127.0.0.1:9999");
        let written: Written = Figment::from(Toml::string(&loopback)).extract().expect("it parses");
        check(&written.providers).expect("this machine");
    }
}
