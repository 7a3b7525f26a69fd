//! Whoever may knock: what each of them holds.

use axum::http::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::tests::house::{House, PASSWORD};

/// Whoever asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    Nobody,
    /// Registered, and not approved.
    Pending,
    /// Was signed in, and was disabled then.
    Disabled,
    /// Whose things they are that a route names.
    Regular,
    /// Another regular person, who has such things as well.
    Other,
    /// An API token of the regular person that may do all a token may.
    Token,
    /// An administrator whose proof is ten minutes old.
    Unproven,
    /// An administrator with a fresh proof.
    Administrator,
}

impl Who {
    pub(super) const ALL: [Self; 8] = [
        Self::Nobody,
        Self::Pending,
        Self::Disabled,
        Self::Regular,
        Self::Other,
        Self::Token,
        Self::Unproven,
        Self::Administrator,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Nobody => "nobody",
            Self::Pending => "pending",
            Self::Disabled => "disabled",
            Self::Regular => "regular",
            Self::Other => "other",
            Self::Token => "token",
            Self::Unproven => "administrator without step-up",
            Self::Administrator => "administrator",
        }
    }

    /// What they type to sign in; `None` for who has no password.
    pub(super) fn types(self) -> Option<&'static str> {
        match self {
            Self::Nobody | Self::Token => None,
            Self::Pending => Some("frank"),
            Self::Disabled => Some("erin"),
            Self::Regular => Some("alice"),
            Self::Other => Some("robert"),
            Self::Unproven | Self::Administrator => Some("root"),
        }
    }

    /// Whether the house knows who it is.
    pub(super) fn is_somebody(self) -> bool {
        match self {
            Self::Nobody | Self::Pending | Self::Disabled => false,
            Self::Regular | Self::Other | Self::Token | Self::Unproven | Self::Administrator => {
                true
            }
        }
    }
}

/// What they hold.
pub(super) struct Cast {
    disabled: String,
    pub(super) regular: String,
    other: String,
    token: String,
    unproven: String,
    administrator: String,
    pub(super) home: String,
}

impl Cast {
    pub(super) async fn settle(mut house: House) -> (House, Self) {
        house.registration("approval").await;
        let frank = json!({ "name": "frank", "password": PASSWORD });
        let frank = house.post("/api/v1/registration", "", frank).await;
        assert_eq!(frank.json(), json!({ "status": "pending" }), "{}", frank.body);
        house.registration("open").await;
        let disabled = house.register("erin").await;
        house.on_person("erin", "disable").await;
        house.pass(SignedDuration::from_mins(10));
        let unproven = house.admin.clone();
        house.admin = house.root_once_more().await;
        let (regular, other) = (house.register("alice").await, house.register("robert").await);
        let home = house.location(&regular, "home/").await;
        let all = json!(["list", "read", "write", "delete"]);
        let token = json!({ "name": "all", "locations": [home], "actions": all });
        let token = house.made("/api/v1/tokens", &regular, token).await;
        let token = token["secret"].as_str().expect("a token").to_owned();
        let administrator = house.admin.clone();
        (house, Self { disabled, regular, other, token, unproven, administrator, home })
    }

    pub(super) fn cookie(&self, who: Who) -> &str {
        match who {
            Who::Nobody | Who::Pending | Who::Token => "",
            Who::Disabled => &self.disabled,
            Who::Regular => &self.regular,
            Who::Other => &self.other,
            Who::Unproven => &self.unproven,
            Who::Administrator => &self.administrator,
        }
    }

    pub(super) fn token(&self, who: Who) -> Option<&str> {
        (who == Who::Token).then_some(self.token.as_str())
    }
}

impl House {
    pub(super) async fn registration(&self, mode: &str) {
        let settings = json!({ "registration": mode, "homes": true });
        let done = self.ask(Method::PUT, "/api/v1/settings", &self.admin, Some(settings)).await;
        assert_eq!(done.status, 200, "{}", done.body);
    }

    pub(super) async fn on_person(&self, name: &str, verb: &str) {
        let path = format!("/api/v1/people/{}/{verb}", self.uid_of(name).await);
        let done = self.ask(Method::POST, &path, &self.admin, None).await;
        assert_eq!(done.status, 204, "{}", done.body);
    }

    /// Makes something, and gives what was told of it.
    pub(super) async fn made(&self, path: &str, cookie: &str, form: Value) -> Value {
        let made = self.post(path, cookie, form).await;
        assert_eq!(made.status, 201, "{path}: {}", made.body);
        made.json()
    }

    /// Signs the administrator in once more; half a minute passes, so that the next code is another.
    async fn root_once_more(&self) -> String {
        let form = json!({ "name": "root", "password": PASSWORD });
        let half = self.post("/api/v1/session", "", form).await.cookie();
        let authenticator = self.authenticator.as_ref().expect("an authenticator");
        let code = json!({ "code": authenticator.code(self.now()) });
        let done = self.post("/api/v1/session/second-factor", &half, code).await;
        assert_eq!(done.status, 200, "{}", done.body);
        self.pass(SignedDuration::from_secs(30));
        done.cookie()
    }
}
