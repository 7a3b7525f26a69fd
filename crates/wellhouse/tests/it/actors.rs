//! Who asks: a stranger, a person, the administrator — each with a cookie of their own.

use serde_json::{Value, json};

use crate::kept;
use crate::server::Server;

/// The password that every actor of the tests has.
pub(crate) const PASSWORD: &str = "seven wet otters juggle";

/// The CRC-64/NVME of `123456789`, as every implementation gives it.
pub(crate) const CRC_OF_DIGITS: &str = "rosUhgp5mIg=";

/// Somebody at the portal.
#[derive(Debug, Clone)]
pub(crate) struct Actor {
    agent: ureq::Agent,
    base: String,
    cookie: Option<String>,
    /// Each signs its person in once, in the place of a one-time code.
    recovery_codes: Vec<String>,
}

/// Temporary credentials of a person, as the own-tools card shows them.
#[derive(Debug, Clone)]
pub(crate) struct Keys {
    pub(crate) access_key_id: String,
    pub(crate) secret: String,
    pub(crate) token: String,
    pub(crate) endpoint: String,
    pub(crate) bucket: String,
    pub(crate) prefix: String,
}

impl Actor {
    /// Somebody without a session.
    pub(crate) fn stranger(server: &Server) -> Self {
        let agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        Self {
            agent,
            base: format!("{}/api/v1", server.portal),
            cookie: None,
            recovery_codes: Vec::new(),
        }
    }

    /// The first administrator, made by the one-time link; registration by approval, homes on.
    pub(crate) fn administrator(server: &Server) -> Self {
        let mut actor = Self::stranger(server);
        let token = server.setup_token.as_deref().expect("a one-time link");
        let form = json!({ "token": token, "name": "ada", "password": PASSWORD,
            "registration": "approval", "homes": true });
        let (status, body) = actor.post("/setup", &form);
        assert_eq!(status, 201, "{body}");
        actor.set_up_second_factor();
        actor
    }

    /// Sets up two-step sign-in, as administering asks it, and gives the secret that was shown.
    pub(crate) fn set_up_second_factor(&mut self) -> String {
        let path = "/account/second-factor";
        let (status, offer) = self.post(path, &json!({}));
        assert_eq!(status, 201, "{offer}");
        let uri = offer["uri"].as_str().expect("a URI");
        let authenticator = totp_rs::Totp::from_url(uri).expect("an otpauth address");
        let code = authenticator.generate_current().to_string();
        let (status, codes) = self.post(&format!("{path}/confirm"), &json!({ "code": code }));
        assert_eq!(status, 200, "{codes}");
        let codes = codes["codes"].as_array().expect("codes").iter();
        self.recovery_codes = codes.filter_map(Value::as_str).map(str::to_owned).collect();
        offer["secret"].as_str().expect("a secret").to_owned()
    }

    /// The administrator in another browser, signed in by password and recovery code.
    pub(crate) fn elsewhere(&mut self, server: &Server, password: &str) -> Self {
        let mut other = Self::stranger(server);
        let form = json!({ "name": "ada", "password": password });
        let (status, body) = other.post("/session", &form);
        assert_eq!(status, 202, "{body}");
        let code = json!({ "recovery_code": self.recovery_codes.pop().expect("a code") });
        let (status, body) = other.post("/session/second-factor", &code);
        assert_eq!(status, 200, "{body}");
        other
    }

    /// A person who registered and was approved by `administrator`.
    pub(crate) fn approved(server: &Server, administrator: &mut Self, name: &str) -> Self {
        let mut actor = Self::stranger(server);
        let (status, body) =
            actor.post("/registration", &json!({ "name": name, "password": PASSWORD }));
        assert_eq!((status, body["status"].as_str()), (201, Some("pending")), "{body}");
        let (_, people) = administrator.get("/people");
        let people = people["people"].as_array().expect("people").clone();
        let person = people.iter().find(|p| p["name"] == name).expect("the person");
        let uid = person["uid"].as_str().expect("a uid");
        let (status, body) = administrator.post(&format!("/people/{uid}/approve"), &json!({}));
        assert_eq!(status, 204, "{body}");
        actor.sign_in(name);
        actor
    }

    /// The cookie of the session, as it is sent.
    pub(crate) fn cookie(&self) -> String {
        self.cookie.clone().expect("a session")
    }

    /// The token of the session.
    pub(crate) fn session_token(&self) -> String {
        self.cookie().split_once('=').expect("a pair").1.to_owned()
    }

    /// Sets up two-step sign-in, and tells every secret that came with it.
    pub(crate) fn second_factor_secrets(&mut self) -> Vec<String> {
        let secret = self.set_up_second_factor();
        let mut secrets = self.recovery_codes.clone();
        secrets.push(secret);
        secrets
    }

    /// Signs in with the tests' password.
    pub(crate) fn sign_in(&mut self, name: &str) {
        let (status, body) = self.post("/session", &json!({ "name": name, "password": PASSWORD }));
        assert_eq!(status, 200, "{body}");
    }

    /// GET: status and JSON.
    pub(crate) fn get(&mut self, path: &str) -> (u16, Value) {
        let mut request = self.agent.get(format!("{}{path}", self.base));
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        self.read(request.call())
    }

    /// POST with a JSON body: status and JSON.
    pub(crate) fn post(&mut self, path: &str, body: &Value) -> (u16, Value) {
        kept::secrets_in(body);
        let mut request = self.agent.post(format!("{}{path}", self.base));
        request = request.header("sec-fetch-site", "same-origin");
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        let answer = request.send_json(body);
        self.read(answer)
    }

    /// PUT without a body: status and JSON.
    pub(crate) fn put(&mut self, path: &str) -> (u16, Value) {
        let mut request = self.agent.put(format!("{}{path}", self.base));
        request = request.header("sec-fetch-site", "same-origin");
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        self.read(request.send_empty())
    }

    /// PUT with a JSON body: status and JSON.
    pub(crate) fn put_json(&mut self, path: &str, body: &Value) -> (u16, Value) {
        let mut request = self.agent.put(format!("{}{path}", self.base));
        request = request.header("sec-fetch-site", "same-origin");
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        let answer = request.send_json(body);
        self.read(answer)
    }

    /// PUT of a part, its bytes as they are: status and JSON.
    pub(crate) fn put_part(&mut self, path: &str, crc: &str, bytes: &str) -> (u16, Value) {
        let mut request = self.agent.put(format!("{}{path}", self.base));
        request = request.header("sec-fetch-site", "same-origin");
        request = request.header("content-type", "application/octet-stream");
        request = request.header("x-amz-checksum-crc64nvme", crc);
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        let answer = request.send(bytes);
        self.read(answer)
    }

    /// DELETE: status and JSON.
    pub(crate) fn delete(&mut self, path: &str) -> (u16, Value) {
        let mut request = self.agent.delete(format!("{}{path}", self.base));
        request = request.header("sec-fetch-site", "same-origin");
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        self.read(request.call())
    }

    fn read(&mut self, answer: Result<http::Response<ureq::Body>, ureq::Error>) -> (u16, Value) {
        let answer = answer.expect("an answer");
        if let Some(cookie) = answer.headers().get("set-cookie") {
            let cookie = cookie.to_str().expect("text").split(';').next().expect("a pair");
            kept::secret(cookie.split_once('=').expect("a pair").1);
            self.cookie = Some(cookie.to_owned());
        }
        let status = answer.status().as_u16();
        let text = answer.into_body().read_to_string().expect("a body");
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        kept::secrets_in(&body);
        (status, body)
    }

    /// The id of the location whose prefix begins with `prefix`.
    pub(crate) fn location(&mut self, prefix: &str) -> String {
        let (status, body) = self.get("/locations");
        assert_eq!(status, 200, "{body}");
        let found = body["locations"].as_array().expect("locations").iter().find(|location| {
            let theirs = location["prefix"].as_str().unwrap_or("?");
            if prefix.is_empty() { theirs.is_empty() } else { theirs.starts_with(prefix) }
        });
        let id = found.unwrap_or_else(|| panic!("no location {prefix}: {body}"))["id"].as_str();
        id.expect("an id").to_owned()
    }

    /// Uploads `123456789` as the page does: begin, have the part signed, send it to the store,
    /// complete. Gives what completing answered.
    pub(crate) fn upload_digits(&mut self, location: &str, path: &str) -> Value {
        let begin = json!({ "location": location, "path": path, "size": 9,
            "content_type": "text/plain", "last_modified": 0, "conflict": "replace" });
        let (status, upload) = self.post("/uploads", &begin);
        assert_eq!(status, 201, "{upload}");
        let id = upload["id"].as_str().expect("an id");
        let parts = json!({ "parts": [{ "n": 1, "size": 9, "crc": CRC_OF_DIGITS }] });
        let (status, signed) = self.post(&format!("/uploads/{id}/parts"), &parts);
        assert_eq!(status, 200, "{signed}");
        let part = &signed["parts"][0];
        let mut put = ureq::put(part["url"].as_str().expect("a URL"));
        for (name, value) in part["headers"].as_object().expect("headers") {
            put = put.header(name, value.as_str().expect("text"));
        }
        put.send("123456789").expect("the part is taken");
        let complete = format!("/uploads/{id}/complete");
        let (status, done) = self.post(&complete, &json!({ "crc": CRC_OF_DIGITS }));
        assert_eq!(status, 200, "{done}");
        done
    }

    /// Temporary credentials for a location.
    pub(crate) fn keys(&mut self, prefix: &str) -> Keys {
        let location = self.location(prefix);
        let (status, body) = self.post("/credentials", &json!({ "location": location }));
        assert_eq!(status, 200, "{body}");
        let text = |name: &str| body[name].as_str().expect(name).to_owned();
        Keys {
            access_key_id: text("access_key_id"),
            secret: text("secret_access_key"),
            token: text("session_token"),
            endpoint: text("endpoint"),
            bucket: text("bucket"),
            prefix: text("prefix"),
        }
    }
}

impl Keys {
    /// The environment by which AWS's tools take the credentials.
    pub(crate) fn environment(&self) -> [(&'static str, &str); 7] {
        [
            ("AWS_ACCESS_KEY_ID", &self.access_key_id),
            ("AWS_SECRET_ACCESS_KEY", &self.secret),
            ("AWS_SESSION_TOKEN", &self.token),
            ("AWS_ENDPOINT_URL", &self.endpoint),
            ("AWS_DEFAULT_REGION", "us-east-1"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
            ("AWS_PAGER", ""),
        ]
    }
}
