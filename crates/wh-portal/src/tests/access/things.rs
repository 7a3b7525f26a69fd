//! What a route is about: made anew for everybody who asks, so that it is there whoever asked before.

use axum::http::Method;
use serde_json::{Value, json};

use super::cast::{Cast, Who};
use crate::tests::doors::{Route, body_for};
use crate::tests::house::{House, PASSWORD};
use crate::tests::store::CRC;

const NEW_PASSWORD: &str = "another long and winding password";

/// What stands in the places of an address, and what bodies name.
#[derive(Debug, Default)]
pub(super) struct Things {
    id: String,
    uid: String,
    /// The token of a link.
    token: String,
    /// The regular person's home.
    home: String,
    /// A name that nobody has.
    name: String,
}

impl Things {
    pub(super) async fn of(house: &House, cast: &Cast, template: &str, who: Who) -> Self {
        let name = format!("guest {}", who.name().replace('-', " "));
        let id = "01arz3ndektsv4rrffq69g5fav".to_owned();
        let things = Self { id, name, home: cast.home.clone(), ..Self::default() };
        let path = template.trim_start_matches("/api/v1/");
        match path.split('/').next().unwrap_or_default() {
            "account" | "file-requests" | "jobs" | "keys" | "links" | "tokens" | "uploads"
            | "locations" | "watches" => things.of_the_regular_person(house, cast, path).await,
            "people" if path.contains("{uid}") => things.of_somebody(house, path).await,
            "groups" if path.contains("{id}") => things.of_a_group(house, path).await,
            "grants" if path.contains("{id}") => things.of_a_grant(house).await,
            "access-requests" if path.contains("{id}") => things.of_a_request(house, cast).await,
            "quotas" if path.contains("{id}") => {
                let form = json!({ "for": { "kind": "every-person" }, "limit_bytes": 1_u64 << 40 });
                let set = house.ask(Method::PUT, "/api/v1/quotas", &house.admin, Some(form)).await;
                let id = set.json()["id"].as_str().expect("an id").to_owned();
                Self { id, ..things }
            }
            "scans" if path.contains("{id}") => {
                let id = house.finding(&format!("shared/{}", things.name), "a test").await;
                Self { id, ..things }
            }
            "invitation" | "invitations" => things.of_an_invitation(house).await,
            "new-password" => things.of_a_password_link(house).await,
            "mail-check" => things.of_a_mail(house, who).await,
            _other => things,
        }
    }

    async fn of_the_regular_person(mut self, house: &House, cast: &Cast, path: &str) -> Self {
        let alice = &cast.regular;
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        self.id = match path.split("/{id}").next().unwrap_or_default() {
            "account/sessions" => {
                let form = json!({ "name": "alice", "password": PASSWORD });
                house.post("/api/v1/session", "", form).await;
                let all = house.get("/api/v1/account/sessions", alice).await.json();
                let all = all["sessions"].as_array().expect("sessions").clone();
                let other = all.iter().rfind(|one| one["current"] == json!(false));
                text(&other.expect("another session")["id"])
            }
            "keys" if path.contains("{id}") => {
                let all = house.get("/api/v1/keys", alice).await.json();
                match all["keys"].as_array().and_then(|keys| keys.first()) {
                    Some(key) => text(&key["id"]),
                    None => text(&house.made("/api/v1/keys", alice, self.key()).await["key"]["id"]),
                }
            }
            "tokens" if path.contains("{id}") => {
                text(&house.made("/api/v1/tokens", alice, self.token()).await["token"]["id"])
            }
            "links" if path.contains("{id}") => {
                text(&house.made("/api/v1/links", alice, self.link()).await["link"]["id"])
            }
            "file-requests" if path.contains("{id}") => {
                let made = house.made("/api/v1/file-requests", alice, self.file_request()).await;
                text(&made["request"]["id"])
            }
            "watches" => {
                house.confirm_address("alice").await;
                text(&house.made("/api/v1/watches", alice, self.watch()).await["id"])
            }
            "uploads" if path.contains("{id}") => {
                text(&house.made("/api/v1/uploads", alice, self.upload()).await["id"])
            }
            "jobs" if path.contains("{id}") => {
                let all = house.get("/api/v1/jobs", alice).await.json();
                match all["jobs"].as_array().and_then(|jobs| jobs.first()) {
                    Some(job) => text(&job["id"]),
                    None => text(&house.made("/api/v1/jobs", alice, self.job()).await["id"]),
                }
            }
            "locations" => cast.home.clone(),
            _other => "01arz3ndektsv4rrffq69g5fav".to_owned(),
        };
        self
    }

    async fn of_somebody(mut self, house: &House, path: &str) -> Self {
        let verb = path.rsplit('/').next().unwrap_or_default();
        if verb == "approve" {
            house.registration("approval").await;
            let form = json!({ "name": self.name, "password": PASSWORD });
            house.made("/api/v1/registration", "", form).await;
            house.registration("open").await;
            self.uid = house.uid_of(&self.name).await.to_string();
            return self;
        }
        let cookie = house.register(&self.name).await;
        self.uid = house.uid_of(&self.name).await.to_string();
        match verb {
            "enable" => house.on_person(&self.name, "disable").await,
            "reset-second-factor" => drop(house.enrol(&cookie).await),
            _other => {
                let all = house.get("/api/v1/account/sessions", &cookie).await.json();
                self.id = all["sessions"][0]["id"].as_str().expect("an id").to_owned();
            }
        }
        self
    }

    async fn of_a_group(mut self, house: &House, path: &str) -> Self {
        house.register(&self.name).await;
        self.uid = house.uid_of(&self.name).await.to_string();
        let form = json!({ "name": format!("of {}", self.name) });
        let group = house.made("/api/v1/groups", &house.admin, form).await;
        group["id"].as_str().expect("an id").clone_into(&mut self.id);
        if path.ends_with("{uid}") {
            let member = format!("/api/v1/groups/{}/members/{}", self.id, self.uid);
            let done = house.ask(Method::PUT, &member, &house.admin, None).await;
            assert_eq!(done.status, 204, "{}", done.body);
        }
        self
    }

    async fn of_a_grant(mut self, house: &House) -> Self {
        house.register(&self.name).await;
        let path = format!("/api/v1/people/{}/grants", house.uid_of(&self.name).await);
        let given = house.made(&path, &house.admin, grant()).await;
        given["id"].as_str().expect("an id").clone_into(&mut self.id);
        self
    }

    async fn of_a_request(mut self, house: &House, cast: &Cast) -> Self {
        let shared = house.location(&cast.regular, "shared/").await;
        let path = format!("/api/v1/locations/{shared}/access-requests");
        let wish = json!({ "path": format!("{}/", self.name), "action": "s3:PutObject" });
        let asked = house.made(&path, &cast.regular, wish).await;
        asked["id"].as_str().expect("an id").clone_into(&mut self.id);
        self
    }

    async fn of_an_invitation(mut self, house: &House) -> Self {
        let made = house.made("/api/v1/invitations", &house.admin, json!({})).await;
        made["id"].as_str().expect("an id").clone_into(&mut self.id);
        self.token = token_of(&made);
        self
    }

    async fn of_a_password_link(mut self, house: &House) -> Self {
        house.register(&self.name).await;
        let path = format!("/api/v1/people/{}/password-link", house.uid_of(&self.name).await);
        self.token = token_of(&house.made(&path, &house.admin, json!({})).await);
        self
    }

    async fn of_a_mail(mut self, house: &House, who: Who) -> Self {
        let email = format!("{}@example.org", who.name().replace(' ', "-"));
        let form = json!({ "name": self.name, "password": PASSWORD, "email": email });
        house.made("/api/v1/registration", "", form).await;
        while let Some(mail) = house.mail().await {
            if mail.recipient == email {
                let (_, token) = mail.body.split_once("#token=").expect("a link");
                self.token = token.chars().take_while(char::is_ascii_alphanumeric).collect();
            }
        }
        self
    }

    /// The address to ask at.
    pub(super) fn path(&self, template: &str) -> String {
        let query = match template.rsplit('/').next().unwrap_or_default() {
            "explain" => "?action=s3:GetObject",
            "properties" | "versions" => "?path=a.txt",
            "past" => "?at=2026-01-01T00:00:00Z",
            "links" if template.contains("locations") => "?path=a.txt",
            "export" if template.contains("documentation") => "?format=markdown",
            "export" => "?format=csv",
            "use" => "?role=S3AccessRole",
            "favourites" | "one" => "?location=01arz3ndektsv4rrffq69g5fav",
            _other => "",
        };
        format!(
            "{}{query}",
            template.replace("{id}", &self.id).replace("{uid}", &self.uid).replace("{n}", "1")
        )
    }

    /// A body that could stand, so that what is refused is whoever asks. A route that is not here gets an
    /// empty one, and is refused as `invalid-body` by whoever was let in.
    pub(super) fn body(&self, route: &Route, who: Who) -> Option<Value> {
        let typed = who.types().unwrap_or("nobody");
        let path = route.template.trim_start_matches("/api/v1/");
        let known = match (&route.method, path) {
            (&Method::POST, "session") => json!({ "name": typed, "password": PASSWORD }),
            (&Method::POST, "session/proof") => json!({ "password": PASSWORD }),
            (&Method::POST, "session/second-factor" | "account/second-factor/confirm") => {
                json!({ "code": "000000" })
            }
            (&Method::POST, "registration") => json!({ "name": self.name, "password": PASSWORD }),
            (&Method::POST, "setup") => {
                json!({ "token": "0".repeat(64), "name": self.name, "password": PASSWORD,
                    "registration": "open", "homes": true })
            }
            (&Method::POST, "account/password") => {
                json!({ "current": PASSWORD, "new": NEW_PASSWORD, "keep_programs": true })
            }
            (&Method::PATCH, "account/passkeys/{id}") => json!({ "name": "Key" }),
            (&Method::POST, "viewing") => json!({ "kind": "role", "role": "UploadRole" }),
            (&Method::POST, "credentials") => json!({ "location": self.home }),
            (&Method::POST, "tokens") => self.token(),
            (&Method::POST, "keys") => self.key(),
            (&Method::POST, "uploads") => self.upload(),
            (&Method::POST, "jobs") => self.job(),
            (&Method::POST, "links") => self.link(),
            (&Method::POST, "file-requests") => self.file_request(),
            (&Method::POST, "watches") => self.watch(),
            (&Method::PUT, "link-rules") => {
                json!({ "enabled": true, "password": false, "days_max": null })
            }
            (&Method::PUT, "quotas") => quota(),
            (&Method::POST, "uploads/{id}/parts") => {
                json!({ "parts": [{ "n": 1, "size": 9, "crc": CRC }] })
            }
            (&Method::POST, "uploads/{id}/complete") => json!({ "crc": CRC }),
            (&Method::POST, "locations/{id}/folders") => json!({ "path": "b/" }),
            (&Method::POST, "places/favourites") => json!({ "location": self.home, "path": "a/" }),
            (&Method::POST, "places/recent") => {
                json!({ "visits": [{ "location": self.home, "path": "a/" }] })
            }
            (&Method::PUT, "places/recent") => json!({ "keep": true }),
            (&Method::POST, "locations/{id}/access-requests") => {
                json!({ "path": "", "action": "s3:PutBucketPolicy" })
            }
            (&Method::POST, "people/{uid}/grants") => grant(),
            (&Method::POST, "grants") => {
                let mut grant = grant();
                grant["to"] = json!({ "kind": "everyone" });
                grant
            }
            (&Method::POST, "changes/preview") => json!({ "change": standard_permissions() }),
            (&Method::POST, "policies/check") => json!({ "document": "{}" }),
            (&Method::POST, "changes") => {
                json!({ "change": standard_permissions(), "digest": "never seen" })
            }
            (&Method::POST, "groups") | (&Method::PUT, "groups/{id}") => {
                json!({ "name": format!("a group of {}", self.name) })
            }
            (&Method::POST, "invitation" | "mail-check") => json!({ "token": self.token }),
            (&Method::POST, "invitation/accept") => {
                json!({ "token": self.token, "name": self.name, "password": PASSWORD })
            }
            (&Method::POST, "new-password") => {
                json!({ "token": self.token, "password": NEW_PASSWORD })
            }
            (&Method::POST, "password-reset") => json!({ "who": typed }),
            (&Method::PUT, "account/email") => json!({ "email": "new@example.org" }),
            (&Method::PUT, "settings") => json!({ "registration": "open", "homes": true }),
            (method, path) => return of_file(method, path).or_else(|| body_for(method)),
        };
        Some(known)
    }

    fn token(&self) -> Value {
        json!({ "name": "t", "locations": [self.home], "actions": ["list"] })
    }

    fn key(&self) -> Value {
        json!({ "name": "k", "location": self.home, "days": 1, "actions": null,
            "password": PASSWORD })
    }

    fn job(&self) -> Value {
        json!({ "kind": "delete", "location": self.home, "paths": ["a.txt"] })
    }

    fn link(&self) -> Value {
        json!({ "location": self.home, "path": "a.txt" })
    }

    fn watch(&self) -> Value {
        json!({ "location": self.home, "path": "plans/" })
    }

    fn file_request(&self) -> Value {
        json!({ "location": self.home, "path": "inbox/", "title": "Receipts" })
    }

    fn upload(&self) -> Value {
        json!({ "location": self.home, "path": "b.txt", "size": 9, "content_type": "",
            "last_modified": 1, "conflict": "replace" })
    }
}

fn standard_permissions() -> Value {
    json!({ "kind": "standard-permissions", "role": "RegularUserRole" })
}

fn quota() -> Value {
    json!({ "for": { "kind": "every-person" }, "limit_bytes": 1_u64 << 40, "limit_objects": null })
}

fn grant() -> Value {
    json!({ "role": "UploadRole", "prefix": "inbox/", "title": "Drop box" })
}

fn token_of(made: &Value) -> String {
    let path = made["path"].as_str().expect("a path");
    path.split_once("#token=").expect("a token").1.to_owned()
}

/// What is sent about the file `a.txt` of a location.
fn of_file(method: &Method, path: &str) -> Option<Value> {
    let form = match (method, path.strip_prefix("locations/{id}/")?) {
        (&Method::POST, "delete" | "archives") => json!({ "paths": ["a.txt"] }),
        (&Method::POST, "puts") => {
            json!({ "files": [{ "path": "a.txt", "size": 9, "content_type": "", "crc": CRC }] })
        }
        (&Method::PUT, "tags") => {
            json!({ "path": "a.txt", "tags": [{ "key": "team", "value": "a" }] })
        }
        (&Method::POST, "versions") => json!({ "path": "a.txt", "version": "0", "over": null }),
        (&Method::PUT, "metadata") => {
            json!({ "path": "a.txt", "etag": "0", "content_type": "", "metadata": {} })
        }
        (&Method::POST, "downloads") => json!({ "path": "a.txt" }),
        (_method, _other) => return None,
    };
    Some(form)
}
