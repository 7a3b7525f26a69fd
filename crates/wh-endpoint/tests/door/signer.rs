//! A small SigV4 signer, written against the specification and not against the code under test.

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

/// A request in the making. Path and query are kept raw, as they go over the wire.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ask {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Ask {
    pub(crate) fn new(method: &str, path: &str) -> Self {
        Self { method: method.to_owned(), path: path.to_owned(), ..Self::default() }
    }

    pub(crate) fn query(mut self, name: &str, value: &str) -> Self {
        self.query.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.headers.retain(|(n, _)| n != name);
        self.headers.push((name.to_owned(), value.to_owned()));
    }

    pub(crate) fn get(&self, name: &str) -> &str {
        self.headers.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v.as_str())
    }
}

/// Somebody who signs.
#[derive(Debug, Clone)]
pub(crate) struct Signer {
    pub(crate) access_key: String,
    pub(crate) secret: String,
    pub(crate) token: Option<String>,
    pub(crate) region: String,
    pub(crate) service: String,
    pub(crate) at: Timestamp,
}

/// What chunk signatures hang on.
pub(crate) struct Seed {
    key: Vec<u8>,
    stamp: String,
    scope: String,
    signature: String,
}

pub(crate) fn sha256(data: &[u8]) -> String {
    hex::encode(Sha256::digest(data))
}

fn hmac(key: &[u8], data: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any key");
    mac.update(data.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

pub(crate) fn encode(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, b| {
        if b.is_ascii_alphanumeric() || b"-_.~".contains(&b) {
            out.push(char::from(b));
        } else {
            out.push_str(&format!("%{b:02X}"));
        }
        out
    })
}

impl Signer {
    fn stamp(&self) -> String {
        self.at.strftime("%Y%m%dT%H%M%SZ").to_string()
    }

    fn scope(&self) -> String {
        let date = self.at.strftime("%Y%m%d");
        format!("{date}/{}/{}/aws4_request", self.region, self.service)
    }

    /// The fields of a form that say who signs it.
    pub(crate) fn form_credentials(&self) -> Vec<(String, String)> {
        let field = |name: &str, value: String| (name.to_owned(), value);
        let mut fields = vec![
            field("x-amz-algorithm", "AWS4-HMAC-SHA256".to_owned()),
            field("x-amz-credential", format!("{}/{}", self.access_key, self.scope())),
            field("x-amz-date", self.stamp()),
        ];
        fields.extend(self.token.clone().map(|token| field("x-amz-security-token", token)));
        fields
    }

    /// The signature of a form's policy.
    pub(crate) fn policy_signature(&self, policy: &str) -> String {
        let mut key = format!("AWS4{}", self.secret).into_bytes();
        for step in self.scope().split('/') {
            key = hmac(&key, step);
        }
        hex::encode(hmac(&key, policy))
    }

    fn signature(&self, ask: &Ask, signed: &[String], payload: &str) -> Seed {
        let mut query: Vec<_> = ask.query.iter().map(|(n, v)| (encode(n), encode(v))).collect();
        query.sort();
        let query: Vec<_> = query.into_iter().map(|(n, v)| format!("{n}={v}")).collect();
        let headers: Vec<_> =
            signed.iter().map(|name| format!("{name}:{}\n", ask.get(name))).collect();
        let canonical = [
            &ask.method,
            &ask.path,
            &query.join("&"),
            &headers.concat(),
            &signed.join(";"),
            &payload.to_owned(),
        ]
        .map(String::as_str)
        .join("\n");
        let (stamp, scope) = (self.stamp(), self.scope());
        let mut key = format!("AWS4{}", self.secret).into_bytes();
        for step in scope.split('/') {
            key = hmac(&key, step);
        }
        let text = format!("AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{}", sha256(canonical.as_bytes()));
        let signature = hex::encode(hmac(&key, &text));
        Seed { key, stamp, scope, signature }
    }

    /// Signs in the header. `payload` is the value of `x-amz-content-sha256`.
    pub(crate) fn sign(&self, ask: &mut Ask, payload: &str) -> Seed {
        ask.set("x-amz-date", &self.stamp());
        ask.set("x-amz-content-sha256", payload);
        if let Some(token) = &self.token {
            ask.set("x-amz-security-token", token);
        }
        let mut signed: Vec<String> = ask.headers.iter().map(|(n, _)| n.clone()).collect();
        signed.sort();
        signed.dedup();
        self.sign_headers(ask, payload, &signed)
    }

    /// Signs in the header, and only the named headers.
    pub(crate) fn sign_headers(&self, ask: &mut Ask, payload: &str, signed: &[String]) -> Seed {
        let seed = self.signature(ask, signed, payload);
        let value = format!(
            "AWS4-HMAC-SHA256 Credential={}/{}, SignedHeaders={}, Signature={}",
            self.access_key,
            self.scope(),
            signed.join(";"),
            seed.signature
        );
        ask.headers.push(("authorization".to_owned(), value));
        seed
    }

    /// Signs a whole body.
    pub(crate) fn signed(&self, mut ask: Ask) -> Ask {
        let payload = sha256(&ask.body);
        self.sign(&mut ask, &payload);
        ask
    }

    /// Signs in the query, with `host` and all headers so far.
    pub(crate) fn presigned(&self, mut ask: Ask, expires: &str) -> Ask {
        let mut signed: Vec<String> = ask.headers.iter().map(|(n, _)| n.clone()).collect();
        signed.sort();
        let credential = format!("{}/{}", self.access_key, self.scope());
        ask = ask
            .query("X-Amz-Algorithm", "AWS4-HMAC-SHA256")
            .query("X-Amz-Credential", &credential)
            .query("X-Amz-Date", &self.stamp())
            .query("X-Amz-Expires", expires)
            .query("X-Amz-SignedHeaders", &signed.join(";"));
        if let Some(token) = &self.token {
            ask = ask.query("X-Amz-Security-Token", token);
        }
        let seed = self.signature(&ask, &signed, "UNSIGNED-PAYLOAD");
        ask.query("X-Amz-Signature", &seed.signature)
    }
}

impl Seed {
    fn chunk(&mut self, data: &[u8]) -> String {
        let text = format!(
            "AWS4-HMAC-SHA256-PAYLOAD\n{}\n{}\n{}\n{}\n{}",
            self.stamp,
            self.scope,
            self.signature,
            sha256(b""),
            sha256(data)
        );
        self.signature = hex::encode(hmac(&self.key, &text));
        self.signature.clone()
    }

    /// A body of signed chunks; `trailers` as `name:value`.
    pub(crate) fn chunks(mut self, chunks: &[&[u8]], trailers: &[&str]) -> Vec<u8> {
        let mut out = Vec::new();
        for data in chunks {
            let signature = self.chunk(data);
            out.extend(format!("{:x};chunk-signature={signature}\r\n", data.len()).into_bytes());
            out.extend_from_slice(data);
            out.extend_from_slice(b"\r\n");
        }
        out.extend(format!("0;chunk-signature={}\r\n", self.chunk(b"")).into_bytes());
        if !trailers.is_empty() {
            let text = format!("{}\n", trailers.join("\n"));
            let text = format!(
                "AWS4-HMAC-SHA256-TRAILER\n{}\n{}\n{}\n{}",
                self.stamp,
                self.scope,
                self.signature,
                sha256(text.as_bytes())
            );
            let signature = hex::encode(hmac(&self.key, &text));
            for trailer in trailers {
                out.extend(format!("{trailer}\r\n").into_bytes());
            }
            out.extend(format!("x-amz-trailer-signature:{signature}\r\n").into_bytes());
        }
        out.extend_from_slice(b"\r\n");
        out
    }
}

/// A body of unsigned chunks.
pub(crate) fn unsigned_chunks(chunks: &[&[u8]], trailers: &[&str]) -> Vec<u8> {
    let mut out = Vec::new();
    for data in chunks {
        out.extend(format!("{:x}\r\n", data.len()).into_bytes());
        out.extend_from_slice(data);
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b"0\r\n");
    for trailer in trailers {
        out.extend(format!("{trailer}\r\n").into_bytes());
    }
    out.extend_from_slice(b"\r\n");
    out
}
