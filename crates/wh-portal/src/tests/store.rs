//! A store that holds one object at a time and does as a test tells it: STS and just enough of S3.
//! It judges nobody; what it answers is what Amazon answers.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;

pub(super) const CRC: &str = "rosUhgp5mIg=";
pub(super) const ETAG: &str = "0123456789abcdef-2";

/// What the store holds, and what it was asked.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "one switch for each thing that it refuses")]
pub(super) struct Holding {
    /// The object's size and checksum.
    pub(super) object: Option<(u64, &'static str)>,
    /// The sizes of the parts of the upload; `None` when there is no upload.
    pub(super) parts: Option<Vec<u64>>,
    /// Whether `If-None-Match: *` fails before the upload is looked for.
    pub(super) condition_fails: bool,
    /// Whether objects may be looked at.
    pub(super) hidden: bool,
    /// What may not be listed: whatever begins so.
    pub(super) unlisted: Option<&'static str>,
    /// What may not be listed with all that is below it: whatever begins so.
    pub(super) unlisted_below: Option<&'static str>,
    /// Whether a listing of all that is below something is refused after its first page.
    pub(super) breaks_off: bool,
    /// How often something was listed.
    pub(super) listings: usize,
    /// What is said to whoever reads an object: that they may not, and why.
    pub(super) denied: Option<String>,
    /// Whether roles are not assumed any more.
    pub(super) assumes_nothing: bool,
    /// How often a role was assumed.
    pub(super) assumed: usize,
    /// What was said when a role was assumed last, as a form.
    pub(super) asked_as: String,
    /// What a listing holds, in S3's own words.
    pub(super) listing: String,
    /// Keys and sizes that listings show by prefix and delimiter, all on one page. Where there are any, they are
    /// shown instead.
    pub(super) tree: Vec<(String, u64)>,
    /// How often an upload was completed.
    pub(super) completed: usize,
}

/// A store on a port of its own; it ends with the test's runtime.
#[derive(Debug, Clone)]
pub(super) struct Store {
    pub(super) url: String,
    holding: Arc<Mutex<Holding>>,
}

impl Store {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await;
        let listener = listener.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("its address"));
        let store = Self { url, holding: Arc::default() };
        let router = Router::new().fallback(answer).with_state(store.clone());
        drop(tokio::spawn(async move { axum::serve(listener, router).await }));
        store
    }

    pub(super) fn holding(&self) -> MutexGuard<'_, Holding> {
        self.holding.lock().expect("no test panicked")
    }
}

async fn answer(
    State(store): State<Store>,
    method: Method,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
    body: Bytes,
) -> Response {
    let mut holding = store.holding();
    let query = query.unwrap_or_default();
    let of_upload = query.contains("uploadId=");
    match method.as_str() {
        "HEAD" => head(&holding, &headers),
        "GET" if of_upload => list_parts(&holding),
        "GET" if query.contains("tagging") => xml("<Tagging><TagSet></TagSet></Tagging>"),
        "GET" if query.contains("continuation-token=") && holding.breaks_off => {
            error(StatusCode::FORBIDDEN, "AccessDenied")
        }
        "GET" if query.contains("continuation-token=") => {
            error(StatusCode::BAD_REQUEST, "InvalidArgument")
        }
        "GET" if query.contains("list-type=2") => {
            holding.listings += 1;
            let begins = |below: &str| query.contains(&format!("prefix={below}"));
            let deep = !query.contains("delimiter=");
            if holding.unlisted.is_some_and(begins)
                || (deep && holding.unlisted_below.is_some_and(begins))
            {
                return error(StatusCode::FORBIDDEN, "AccessDenied");
            }
            let end = if deep && holding.breaks_off {
                "<IsTruncated>true</IsTruncated><NextContinuationToken>n</NextContinuationToken>"
            } else {
                "<IsTruncated>false</IsTruncated>"
            };
            let listed = listed(&holding, &query);
            xml(&format!("<ListBucketResult>{end}{listed}</ListBucketResult>"))
        }
        "GET" if holding.denied.is_some() => {
            let why = holding.denied.clone().unwrap_or_default();
            let body = format!("<Error><Code>AccessDenied</Code><Message>{why}</Message></Error>");
            (StatusCode::FORBIDDEN, xml(&body)).into_response()
        }
        "PUT" => [("etag", ETAG), ("x-amz-checksum-crc64nvme", CRC)].into_response(),
        "DELETE" if of_upload => {
            let there = holding.parts.take().is_some();
            if there { StatusCode::NO_CONTENT.into_response() } else { no_such_upload() }
        }
        "POST" if of_upload => complete(&mut holding),
        "POST" if query.contains("uploads") => {
            holding.parts = Some(Vec::new());
            xml(
                "<InitiateMultipartUploadResult><UploadId>U</UploadId></InitiateMultipartUploadResult>",
            )
        }
        "POST" => {
            holding.asked_as = String::from_utf8_lossy(&body).into_owned();
            assume(&mut holding)
        }
        _other => StatusCode::NOT_IMPLEMENTED.into_response(),
    }
}

fn listed(holding: &Holding, query: &str) -> String {
    if holding.tree.is_empty() {
        return holding.listing.clone();
    }
    let asked: BTreeMap<_, _> = url::form_urlencoded::parse(query.as_bytes()).collect();
    let prefix = asked.get("prefix").map(|prefix| &**prefix).unwrap_or_default();
    let by_folder = asked.contains_key("delimiter");
    let (mut objects, mut folders) = (String::new(), BTreeSet::new());
    for (key, size) in &holding.tree {
        let Some(rest) = key.strip_prefix(prefix) else { continue };
        match rest.split_once('/').filter(|_| by_folder) {
            Some((folder, _)) => {
                folders.insert(format!("<Prefix>{prefix}{folder}/</Prefix>"));
            }
            None => objects.push_str(&object(key, *size)),
        }
    }
    let folders = folders.iter().map(|one| format!("<CommonPrefixes>{one}</CommonPrefixes>"));
    folders.fold(objects, |all, one| all + &one)
}

/// An object in a listing, in S3's own words.
pub(super) fn object(key: &str, size: u64) -> String {
    format!(
        "<Contents><Key>{key}</Key><Size>{size}</Size><ETag>e</ETag>\
         <LastModified>2026-01-01T00:00:00.000Z</LastModified></Contents>"
    )
}

fn xml(body: &str) -> Response {
    ([("content-type", "application/xml")], format!("<?xml version=\"1.0\"?>{body}"))
        .into_response()
}

fn error(status: StatusCode, code: &str) -> Response {
    (status, xml(&format!("<Error><Code>{code}</Code><Message>no</Message></Error>")))
        .into_response()
}

fn no_such_upload() -> Response {
    error(StatusCode::NOT_FOUND, "NoSuchUpload")
}

fn head(holding: &Holding, headers: &HeaderMap) -> Response {
    if holding.hidden {
        return StatusCode::FORBIDDEN.into_response();
    }
    let Some((size, crc)) = holding.object else { return StatusCode::NOT_FOUND.into_response() };
    let mut answer = StatusCode::OK.into_response();
    let told = answer.headers_mut();
    let mut tell = |name, value: String| told.insert(name, value.parse().expect("a value"));
    tell("content-length", size.to_string());
    tell("etag", format!("\"{ETAG}\""));
    tell("last-modified", "Fri, 15 Jan 2027 08:00:00 GMT".to_owned());
    if headers.contains_key("x-amz-checksum-mode") {
        tell("x-amz-checksum-crc64nvme", crc.to_owned());
        tell("x-amz-checksum-type", "FULL_OBJECT".to_owned());
    }
    answer
}

fn list_parts(holding: &Holding) -> Response {
    let Some(parts) = &holding.parts else { return no_such_upload() };
    let parts = parts.iter().zip(1..).map(|(size, n)| {
        format!("<Part><PartNumber>{n}</PartNumber><ETag>\"e\"</ETag><Size>{size}</Size></Part>")
    });
    let parts: String = parts.collect();
    xml(&format!("<ListPartsResult><IsTruncated>false</IsTruncated>{parts}</ListPartsResult>"))
}

fn complete(holding: &mut Holding) -> Response {
    if holding.condition_fails {
        return error(StatusCode::PRECONDITION_FAILED, "PreconditionFailed");
    }
    let Some(parts) = holding.parts.take() else { return no_such_upload() };
    holding.object = Some((parts.iter().sum(), CRC));
    holding.completed += 1;
    xml(&format!(
        "<CompleteMultipartUploadResult><ETag>\"{ETAG}\"</ETag>\
         <ChecksumCRC64NVME>{CRC}</ChecksumCRC64NVME></CompleteMultipartUploadResult>"
    ))
}

fn assume(holding: &mut Holding) -> Response {
    holding.assumed += 1;
    if holding.assumes_nothing {
        return error(StatusCode::FORBIDDEN, "AccessDenied");
    }
    xml("<AssumeRoleResponse><AssumeRoleResult><Credentials>\
         <AccessKeyId>ASIAAAAAAAAAAAAAAAAA</AccessKeyId>\
         <SecretAccessKey>not a secret</SecretAccessKey><SessionToken>not a token</SessionToken>\
         <Expiration>2099-01-01T00:00:00Z</Expiration>\
         </Credentials></AssumeRoleResult></AssumeRoleResponse>")
}
