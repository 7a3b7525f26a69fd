//! A provider of the tests, which may be told to lie.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, Header, encode};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use url::Url;

use super::keys::{public_keys, signing_key};
use crate::tests::secret;
use crate::{Asking, Outbound, ProviderOptions, StrongClaims};

pub(super) const ISSUER: &str = "https://id.example.org/realms/main";

/// A token of these claims.
pub(super) fn token(kid: Option<&str>, algorithm: Algorithm, claims: &Value) -> String {
    let mut header = Header::new(algorithm);
    header.kid = kid.map(str::to_owned);
    encode(&header, claims, &signing_key(algorithm)).expect("a token")
}

/// One that says of itself what it is.
pub(super) fn token_of_type(kind: Option<&str>, claims: &Value) -> String {
    let mut header = Header::new(Algorithm::RS256);
    (header.kid, header.typ) = (Some("rsa".to_owned()), kind.map(str::to_owned));
    encode(&header, claims, &signing_key(Algorithm::RS256)).expect("a token")
}

/// A token that nobody signed.
pub(super) fn unsigned(claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.", part(&json!({ "alg": "none", "kid": "rsa" })), part(claims))
}

/// What the provider was asked to do when somebody left for it.
#[derive(Debug, Clone)]
pub(super) struct Asked(pub(super) BTreeMap<String, String>);

impl Asked {
    pub(super) fn of(location: &str) -> Self {
        let url = Url::parse(location).expect("an address");
        Self(url.query_pairs().map(|(k, v)| (k.into_owned(), v.into_owned())).collect())
    }

    #[track_caller]
    pub(super) fn get(&self, key: &str) -> &str {
        self.0.get(key).map_or_else(|| panic!("{key}: {:?}", self.0), String::as_str)
    }
}

pub(super) type Forging = Arc<dyn Fn(&Value) -> String + Send + Sync>;

/// What the provider does.
#[derive(Clone)]
pub(super) struct Manners {
    /// What it says of whoever signs in, besides what every token says.
    pub(super) claims: Value,
    /// How the token is made of all claims.
    pub(super) sign: Forging,
    /// What its document says besides or instead.
    pub(super) document: Value,
    /// Its key set.
    pub(super) keys: Value,
    /// What it says at `userinfo`; who it is and nothing else, where that is null.
    pub(super) userinfo: Value,
    /// What it answers at every door, if it answers nothing better.
    pub(super) down: Option<Result<(u16, Vec<u8>), String>>,
}

/// A provider, and what was asked of it.
#[derive(Clone)]
pub(super) struct Faked {
    pub(super) manners: Arc<Mutex<Manners>>,
    /// What somebody left with, by the code that the provider gave them.
    codes: Arc<Mutex<BTreeMap<String, Asked>>>,
    /// Every address that was asked.
    pub(super) log: Arc<Mutex<Vec<String>>>,
    now: Arc<dyn Fn() -> i64 + Send + Sync>,
    issuer: String,
}

impl Faked {
    pub(super) fn new(now: impl Fn() -> i64 + Send + Sync + 'static, issuer: &str) -> Self {
        let manners = Manners {
            claims: json!({ "sub": "ada-1", "preferred_username": "ada" }),
            sign: Arc::new(|claims| token(Some("rsa"), Algorithm::RS256, claims)),
            document: json!({}),
            keys: public_keys(),
            userinfo: Value::Null,
            down: None,
        };
        Self {
            manners: Arc::new(Mutex::new(manners)),
            codes: Arc::default(),
            log: Arc::default(),
            now: Arc::new(now),
            issuer: issuer.to_owned(),
        }
    }

    pub(super) fn options(&self, id: &str) -> ProviderOptions {
        ProviderOptions {
            id: id.to_owned(),
            name: id.to_uppercase(),
            issuer: self.issuer.clone(),
            client_id: "wellhouse".to_owned(),
            client_secret: Some(secret("a client's secret")),
            scopes: vec!["profile".to_owned(), "email".to_owned()],
            groups_claim: Some("groups".to_owned()),
            groups: [("fin", "Finance"), ("ops", "Operations"), ("lost", "Nowhere")]
                .map(|(value, group)| (value.to_owned(), group.to_owned()))
                .into(),
            second_factor: StrongClaims::default(),
            domains: vec!["example.org".to_owned()],
        }
    }

    pub(super) fn set(&self, change: impl FnOnce(&mut Manners)) {
        change(&mut self.manners.lock().expect("manners"));
    }

    pub(super) fn says(&self, claims: Value) {
        self.set(|manners| manners.claims = claims);
    }

    pub(super) fn times_asked(&self, end: &str) -> usize {
        self.log.lock().expect("the log").iter().filter(|address| address.ends_with(end)).count()
    }

    /// Signs somebody in who left with this: a code.
    pub(super) fn sign_in(&self, asked: &Asked) -> String {
        let mut codes = self.codes.lock().expect("codes");
        let code = format!("code-{}", codes.len());
        codes.insert(code.clone(), asked.clone());
        code
    }

    /// Answers as its manners are.
    fn answer(&self, asking: &Asking) -> Result<(u16, Vec<u8>), String> {
        self.log.lock().expect("the log").push(asking.address.clone());
        let manners = self.manners.lock().expect("manners").clone();
        if let Some(down) = manners.down {
            return down;
        }
        let path = asking.address.strip_prefix(&self.issuer).unwrap_or_default();
        let body = match path {
            "/.well-known/openid-configuration" => self.document(&manners),
            "/keys" => json!({ "keys": manners.keys }),
            "/me" if manners.userinfo.is_null() => json!({ "sub": manners.claims["sub"] }),
            "/me" => manners.userinfo,
            "/token" => return self.tokens(&manners, asking),
            other => panic!("nobody asks {other}"),
        };
        Ok((200, body.to_string().into_bytes()))
    }

    fn document(&self, manners: &Manners) -> Value {
        let issuer = &self.issuer;
        let mut document = json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/auth?tenant=1"),
            "token_endpoint": format!("{issuer}/token"),
            "jwks_uri": format!("{issuer}/keys"),
            "userinfo_endpoint": format!("{issuer}/me"),
            "code_challenge_methods_supported": ["plain", "S256"],
        });
        for (key, value) in manners.document.as_object().expect("an object") {
            document[key] = value.clone();
        }
        document
    }

    /// A code is spent once, by whoever has its verifier. Source: RFC 7636, 4.6.
    fn tokens(&self, manners: &Manners, asking: &Asking) -> Result<(u16, Vec<u8>), String> {
        let form = asking.form.as_ref().expect("a form").expose().to_owned();
        let form = Asked::of(&format!("https://x.example/?{form}"));
        let fault = Ok((400, br#"{"error":"invalid_grant"}"#.to_vec()));
        let Some(left) = self.codes.lock().expect("codes").remove(form.get("code")) else {
            return fault;
        };
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(form.get("code_verifier")));
        let basic = asking.authorization.as_ref().map(|header| header.expose().to_owned());
        let pair = STANDARD.encode("wellhouse:a+client%27s+secret");
        let fits = left.get("code_challenge") == challenge
            && left.get("redirect_uri") == form.get("redirect_uri")
            && basic == Some(format!("Basic {pair}"));
        if !fits {
            return fault;
        }
        let now = (self.now)();
        let mut claims = json!({
            "iss": self.issuer, "aud": "wellhouse", "exp": now + 300, "iat": now,
            "nonce": left.get("nonce"), "auth_time": now,
        });
        for (key, value) in manners.claims.as_object().expect("an object") {
            claims[key] = value.clone();
        }
        let claims: serde_json::Map<String, Value> = claims
            .as_object()
            .expect("an object")
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        let token = (manners.sign)(&Value::Object(claims));
        let body = json!({ "id_token": token, "access_token": "at", "token_type": "bearer" });
        Ok((200, body.to_string().into_bytes()))
    }
}

/// Asks whichever of these it is.
pub(super) fn outbound(all: Vec<Faked>) -> Outbound {
    Outbound::new(move |asking| {
        let of = all.iter().find(|one| asking.address.starts_with(&one.issuer)).cloned();
        async move { of.expect("a known provider").answer(&asking) }
    })
}
