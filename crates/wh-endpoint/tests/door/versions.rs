//! Versions over the wire.

use crate::house::House;
use crate::signer::Ask;
use crate::steps::{check, of_version, put, root};

fn versioning(status: &str) -> Ask {
    let body =
        format!("<VersioningConfiguration><Status>{status}</Status></VersioningConfiguration>");
    Ask::new("PUT", "/files").query("versioning", "").body(body)
}

pub(crate) async fn versioned() -> House {
    let house = House::open().await;
    check(&root(&house, versioning("Enabled")).await, 200);
    house
}

#[tokio::test]
async fn a_bucket_says_whether_it_keeps_versions() {
    let house = House::open().await;
    let asked = || Ask::new("GET", "/files").query("versioning", "");
    assert_eq!(root(&house, asked()).await.element("Status"), "");
    assert_eq!(put(&house, "/files/a", "x").await, "");
    for status in ["Enabled", "Suspended", "Enabled"] {
        check(&root(&house, versioning(status)).await, 200);
        assert_eq!(root(&house, asked()).await.element("Status"), status);
        let id = put(&house, "/files/a", "x").await;
        assert_eq!(id == "null", status == "Suspended", "{id}");
    }
    let wrong = root(&house, versioning("Unheard")).await;
    assert_eq!(wrong.code(), "IllegalVersioningConfigurationException");
    let mfa = "<VersioningConfiguration><Status>Enabled</Status><MfaDelete>Enabled</MfaDelete>\
               </VersioningConfiguration>";
    let mfa = root(&house, Ask::new("PUT", "/files").query("versioning", "").body(mfa)).await;
    assert_eq!(mfa.code(), "NotImplemented");
    house.close().await;
}

#[tokio::test]
async fn what_was_replaced_or_deleted_comes_back() {
    let house = versioned().await;
    let one = put(&house, "/files/a", "one").await;
    let two = put(&house, "/files/a", "two").await;
    let got = root(&house, of_version("GET", "/files/a", &one)).await;
    assert_eq!((got.text().as_str(), got.header("x-amz-version-id")), ("one", one.as_str()));
    let head = root(&house, Ask::new("HEAD", "/files/a")).await;
    assert_eq!(head.header("x-amz-version-id"), two);
    let deleted = root(&house, Ask::new("DELETE", "/files/a")).await;
    check(&deleted, 204);
    assert_eq!(deleted.header("x-amz-delete-marker"), "true");
    let marker = deleted.header("x-amz-version-id").to_owned();
    for method in ["GET", "HEAD"] {
        let gone = root(&house, Ask::new(method, "/files/a")).await;
        check(&gone, 404);
        assert_eq!(gone.header("x-amz-delete-marker"), "true", "{method}");
        assert_eq!(gone.header("x-amz-version-id"), marker, "{method}");
        let named = root(&house, of_version(method, "/files/a", &marker)).await;
        check(&named, 405);
        assert_eq!(named.header("x-amz-delete-marker"), "true", "{method}");
    }
    assert_eq!(root(&house, Ask::new("GET", "/files/a")).await.code(), "NoSuchKey");
    let undone = root(&house, of_version("DELETE", "/files/a", &marker)).await;
    check(&undone, 204);
    assert_eq!(undone.header("x-amz-delete-marker"), "true");
    assert_eq!(undone.header("x-amz-version-id"), marker);
    assert_eq!(house.object("/files/a").await.as_deref(), Some(b"two".as_slice()));
    let copied = Ask::new("PUT", "/files/b")
        .header("x-amz-copy-source", &format!("/files/a?versionId={one}"));
    let copied = root(&house, copied).await;
    assert_eq!(copied.header("x-amz-copy-source-version-id"), one);
    assert_eq!(house.object("/files/b").await.as_deref(), Some(b"one".as_slice()));
    let copied = Ask::new("PUT", "/files/b").header("x-amz-copy-source", "/files/a");
    assert_eq!(root(&house, copied).await.header("x-amz-copy-source-version-id"), two);
    let gone = root(&house, of_version("DELETE", "/files/a", &one)).await;
    assert_eq!(gone.header("x-amz-delete-marker"), "");
    let missing = root(&house, of_version("GET", "/files/a", &one)).await;
    check(&missing, 404);
    assert_eq!(missing.code(), "NoSuchVersion");
    for id in ["", "x", "NULL", "0"] {
        let wrong = root(&house, of_version("GET", "/files/a", id)).await;
        assert_eq!(wrong.code(), "InvalidArgument", "{id}");
    }
    house.close().await;
}

/// What a listing holds, in the order of its pages: `key:id`, and `-` for a delete marker.
async fn listed(house: &House, path: &str, page: &str, more: &[(&str, &str)]) -> Vec<String> {
    let (mut found, mut after) = (Vec::new(), None::<(String, String)>);
    for _ in 0..100 {
        let mut ask = Ask::new("GET", path).query("versions", "").query("max-keys", page);
        for (name, value) in more {
            ask = ask.query(name, value);
        }
        if let Some((key, version)) = &after {
            ask = ask.query("key-marker", key);
            if !version.is_empty() {
                ask = ask.query("version-id-marker", version);
            }
        }
        let answer = root(house, ask).await;
        check(&answer, 200);
        let text = answer.text();
        for piece in text.split("<Version>").skip(1) {
            found.push(format!("{}:{}", inner(piece, "Key"), inner(piece, "VersionId")));
        }
        for piece in text.split("<DeleteMarker>").skip(1) {
            found.push(format!("{}:{}-", inner(piece, "Key"), inner(piece, "VersionId")));
        }
        for piece in text.split("<CommonPrefixes>").skip(1) {
            found.push(inner(piece, "Prefix"));
        }
        if answer.element("IsTruncated") == "false" {
            found.sort();
            return found;
        }
        after = Some((answer.element("NextKeyMarker"), answer.element("NextVersionIdMarker")));
    }
    panic!("the listing does not end: {found:?}");
}

fn inner(text: &str, name: &str) -> String {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let rest = text.split_once(&open).map_or("", |(_, rest)| rest);
    rest.split_once(&close).map_or("", |(value, _)| value).to_owned()
}

#[tokio::test]
async fn versions_are_listed_in_pages() {
    let house = versioned().await;
    let mut all = Vec::new();
    for key in ["a", "b/1", "b/2", "c"] {
        for _ in 0..3 {
            let id = put(&house, &format!("/files/{key}"), "x").await;
            all.push(format!("{key}:{id}"));
        }
    }
    for key in ["b/1", "c"] {
        let deleted = root(&house, Ask::new("DELETE", &format!("/files/{key}"))).await;
        all.push(format!("{key}:{}-", deleted.header("x-amz-version-id")));
    }
    all.sort();
    let under = |prefix: &str| -> Vec<String> {
        all.iter().filter(|line| line.starts_with(prefix)).cloned().collect()
    };
    let mut folded = [under("a"), under("c"), vec!["b/".to_owned()]].concat();
    folded.sort();
    for page in ["1", "2", "3", "1000"] {
        assert_eq!(listed(&house, "/files", page, &[]).await, all, "pages of {page}");
        assert_eq!(listed(&house, "/files", page, &[("prefix", "b/")]).await, under("b/"));
        let delimiter = [("delimiter", "/")];
        assert_eq!(listed(&house, "/files", page, &delimiter).await, folded, "pages of {page}");
    }
    let wrong = Ask::new("GET", "/files").query("versions", "").query("version-id-marker", "null");
    assert_eq!(root(&house, wrong).await.code(), "InvalidArgument");
    let newest = root(&house, Ask::new("GET", "/files").query("versions", "")).await;
    assert_eq!(newest.text().matches("<IsLatest>true</IsLatest>").count(), 4);
    house.close().await;
}

#[tokio::test]
async fn many_versions_are_deleted_at_once() {
    let house = versioned().await;
    let one = put(&house, "/files/a", "x").await;
    let etag = root(&house, Ask::new("HEAD", "/files/a")).await.header("etag").to_owned();
    put(&house, "/files/b", "x").await;
    let body = format!(
        "<Delete><Object><Key>a</Key><VersionId>{one}</VersionId></Object>\
         <Object><Key>b</Key></Object><Object><Key>absent</Key><ETag>*</ETag></Object></Delete>"
    );
    let delete = |body: &str| Ask::new("POST", "/files").query("delete", "").body(body);
    let done = root(&house, delete(&body)).await;
    check(&done, 200);
    let text = done.text();
    let of = |key: &str| {
        let with = format!("<Key>{key}</Key>");
        let mut pieces = text.split("<Deleted>").skip(1).filter(|piece| piece.contains(&with));
        pieces.next().unwrap_or_default().to_owned()
    };
    assert_eq!(inner(&of("a"), "VersionId"), one);
    assert_eq!(inner(&of("a"), "DeleteMarker"), "");
    assert_eq!(inner(&of("b"), "DeleteMarker"), "true");
    let marker = inner(&of("b"), "DeleteMarkerVersionId");
    assert!(!marker.is_empty() && inner(&of("b"), "VersionId").is_empty(), "{text}");
    assert_eq!(inner(&text, "Code"), "NoSuchKey", "{text}");
    let undo = format!(
        "<Delete><Quiet>true</Quiet><Object><Key>b</Key><VersionId>{marker}</VersionId></Object>\
         </Delete>"
    );
    let undone = root(&house, delete(&undo)).await;
    assert!(!undone.text().contains("<Deleted>"), "{}", undone.text());
    assert_eq!(house.object("/files/b").await.as_deref(), Some(b"x".as_slice()));
    for (wanted, code) in [("\"0\"", "PreconditionFailed"), (etag.as_str(), "")] {
        let body = format!("<Delete><Object><Key>b</Key><ETag>{wanted}</ETag></Object></Delete>");
        assert_eq!(root(&house, delete(&body)).await.code(), code, "{wanted}");
    }
    assert_eq!(house.object("/files/b").await, None);
    let sized = "<Delete><Object><Key>b</Key><Size>1</Size></Object></Delete>";
    assert_eq!(root(&house, delete(sized)).await.code(), "NoSuchKey");
    house.close().await;
}

#[tokio::test]
async fn a_delete_may_be_conditional() {
    let house = House::open().await;
    put(&house, "/files/a", "hello").await;
    let delete = |etag: &str| Ask::new("DELETE", "/files/a").header("if-match", etag);
    assert_eq!(root(&house, delete("\"0\"")).await.code(), "PreconditionFailed");
    check(&root(&house, delete("\"5d41402abc4b2a76b9719d911017c592\"")).await, 204);
    assert_eq!(root(&house, delete("*")).await.code(), "NoSuchKey");
    put(&house, "/files/a", "hello").await;
    check(&root(&house, delete("*")).await, 204);
    house.close().await;
}
