//! Tags over the wire.

use crate::signer::Ask;
use crate::steps::{check, of_version, put, root};
use crate::versions::versioned;

fn tagging(pairs: &[(&str, &str)]) -> String {
    let tag = |(k, v): &(&str, &str)| format!("<Tag><Key>{k}</Key><Value>{v}</Value></Tag>");
    let tags: String = pairs.iter().map(tag).collect();
    format!("<Tagging><TagSet>{tags}</TagSet></Tagging>")
}

#[tokio::test]
async fn tags_are_kept_read_replaced_and_removed() {
    let house = versioned().await;
    let ask = |method: &str| Ask::new(method, "/files/a").query("tagging", "");
    let with = Ask::new("PUT", "/files/a").header("x-amz-tagging", "one=1&t%20wo=%C3%BC&three");
    let first = root(&house, with).await;
    let first = first.header("x-amz-version-id").to_owned();
    let second = put(&house, "/files/a", "x").await;
    assert_eq!(root(&house, ask("GET")).await.text().matches("<Tag>").count(), 0);
    let kept = root(&house, ask("GET").query("versionId", &first)).await;
    assert_eq!(kept.header("x-amz-version-id"), first);
    for pair in ["<Key>t wo</Key><Value>ü</Value>", "<Key>three</Key><Value></Value>"] {
        let short = pair.replace("<Value></Value>", "<Value/>");
        assert!(kept.text().contains(pair) || kept.text().contains(&short), "{}", kept.text());
    }
    let head = root(&house, of_version("HEAD", "/files/a", &first)).await;
    assert_eq!(head.header("x-amz-tagging-count"), "3");
    let put_tags = root(&house, ask("PUT").body(tagging(&[("a", "1")]))).await;
    check(&put_tags, 200);
    assert_eq!(put_tags.header("x-amz-version-id"), second);
    let copy = || Ask::new("PUT", "/files/b").header("x-amz-copy-source", "/files/a");
    check(&root(&house, copy()).await, 200);
    let of_copy = || Ask::new("GET", "/files/b").query("tagging", "");
    assert_eq!(root(&house, of_copy()).await.element("Key"), "a");
    check(&root(&house, copy().header("x-amz-tagging-directive", "REPLACE")).await, 200);
    assert_eq!(root(&house, of_copy()).await.element("Key"), "");
    let lost = root(&house, copy().header("x-amz-tagging", "k=v")).await;
    assert_eq!(lost.code(), "InvalidRequest");
    let unknown = root(&house, copy().header("x-amz-tagging-directive", "X")).await;
    assert_eq!(unknown.code(), "InvalidArgument");
    check(&root(&house, ask("DELETE")).await, 204);
    assert_eq!(root(&house, ask("GET")).await.text().matches("<Tag>").count(), 0);
    let (long, eleven) = ("k".repeat(129), [("", "")].repeat(11));
    for pairs in [&[(long.as_str(), "")][..], &eleven, &[("a", "1"), ("A", "2")]] {
        let refused = root(&house, ask("PUT").body(tagging(pairs))).await;
        assert_eq!(refused.code(), "InvalidTag", "{pairs:?}");
    }
    let digest = ask("PUT").header("content-md5", "AAAA").body(tagging(&[]));
    assert_eq!(root(&house, digest).await.code(), "BadDigest");
    let missing = Ask::new("GET", "/files/absent").query("tagging", "");
    assert_eq!(root(&house, missing).await.code(), "NoSuchKey");
    house.close().await;
}
