//! A store that answers as it is told to: stores differ in what they say of an object.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::BodyExt;
use wh_aws::{AwsCredentials, Client, ClientOptions, PortalCredentials, Sender};
use wh_names::{AccessKeyId, BucketName, Region, Secret};

use crate::ingest::file::Sum;

const CRC: &str = "x-amz-checksum-crc64nvme";

/// What happens while an object is sent.
type Meanwhile = Box<dyn FnOnce() + Send>;

/// What a store tells of an object.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Tells {
    #[default]
    Sum,
    Nothing,
    /// Its answer is lost.
    NoAnswer,
}

#[derive(Default)]
pub(super) struct Store {
    pub(super) objects: Mutex<HashMap<String, Bytes>>,
    /// What it tells of an object that it made.
    pub(super) tells: Mutex<Tells>,
    /// Whether it lets anybody look.
    pub(super) shows: AtomicBool,
    /// Once, before an object is made.
    pub(super) meanwhile: Mutex<Option<Meanwhile>>,
}

impl Store {
    /// Starts it, and gives what sends to it.
    pub(super) async fn start() -> (Arc<Self>, Sender) {
        let store = Arc::new(Self::default());
        let router = Router::new().fallback(answer).with_state(Arc::clone(&store));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let at = listener.local_addr().expect("an address");
        drop(tokio::spawn(async move { axum::serve(listener, router).await }));
        let credentials = AwsCredentials {
            access_key_id: AccessKeyId::parse("AKIAIOSFODNN7EXAMPLE").expect("an id"),
            secret: Secret::parse("secret").expect("a secret"),
            session_token: None,
            expires: None,
        };
        let client = Client::connect(ClientOptions {
            region: Region::parse("us-east-1").expect("a region"),
            endpoint_url: Some(format!("http://{at}")),
            public_s3_url: None,
            path_style: true,
            credentials: PortalCredentials::Static(credentials),
        });
        (store, Sender::new(&client.await, BucketName::parse("bucket").expect("a name")))
    }

    fn put(&self, parts: &Parts, body: Bytes) -> Response<Body> {
        if let Some(meanwhile) = self.meanwhile.lock().expect("a lock").take() {
            meanwhile();
        }
        let mut objects = self.objects.lock().expect("a lock");
        if objects.contains_key(parts.uri.path()) {
            return said(StatusCode::PRECONDITION_FAILED, &HeaderMap::new(), "");
        }
        let sum = Sum::of(&body);
        objects.insert(parts.uri.path().to_owned(), body);
        let mut headers = HeaderMap::new();
        headers.insert("etag", "\"etag\"".parse().expect("a value"));
        match *self.tells.lock().expect("a lock") {
            Tells::Sum => drop(headers.insert(CRC, sum.parse().expect("a value"))),
            Tells::Nothing => {}
            // Something between us and the store says so.
            Tells::NoAnswer => return said(StatusCode::BAD_GATEWAY, &HeaderMap::new(), ""),
        }
        said(StatusCode::OK, &headers, "")
    }

    fn head(&self, parts: &Parts) -> Response<Body> {
        let objects = self.objects.lock().expect("a lock");
        let (true, Some(body)) =
            (self.shows.load(Ordering::Relaxed), objects.get(parts.uri.path()))
        else {
            return said(StatusCode::FORBIDDEN, &HeaderMap::new(), "");
        };
        let mut headers = HeaderMap::new();
        headers.insert("content-length", body.len().into());
        if parts.headers.contains_key("x-amz-checksum-mode") {
            headers.insert(CRC, Sum::of(body).parse().expect("a value"));
        }
        said(StatusCode::OK, &headers, "")
    }
}

async fn answer(State(store): State<Arc<Store>>, request: Request<Body>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.expect("a body").to_bytes();
    match parts.method {
        Method::PUT => store.put(&parts, body),
        Method::HEAD => store.head(&parts),
        _ => said(StatusCode::NOT_IMPLEMENTED, &HeaderMap::new(), ""),
    }
}

fn said(status: StatusCode, headers: &HeaderMap, text: &str) -> Response<Body> {
    let mut response = Response::new(Body::from(text.to_owned()));
    *response.status_mut() = status;
    response.headers_mut().extend(headers.clone());
    response
}
