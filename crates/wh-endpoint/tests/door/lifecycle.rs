//! Lifecycle rules over the wire.

use crate::house::House;
use crate::signer::Ask;
use crate::steps::{check, root};

#[tokio::test]
async fn rules_of_a_lifecycle_come_back_as_they_were_given() {
    let house = House::open().await;
    let ask = |method: &str| Ask::new(method, "/files").query("lifecycle", "");
    let none = root(&house, ask("GET")).await;
    assert_eq!((none.status, none.code().as_str()), (404, "NoSuchLifecycleConfiguration"));
    let rules = |inside: &str| {
        let rule = format!("<Rule><ID>r</ID><Status>Enabled</Status>{inside}</Rule>");
        ask("PUT").body(format!("<LifecycleConfiguration>{rule}</LifecycleConfiguration>"))
    };
    for inside in [
        "<Filter><Prefix>a/</Prefix></Filter><Expiration><Days>3</Days></Expiration>",
        "<Filter><And><Prefix>a/</Prefix><Tag><Key>k</Key><Value>v</Value></Tag>\
         <ObjectSizeGreaterThan>9</ObjectSizeGreaterThan></And></Filter>\
         <NoncurrentVersionExpiration><NoncurrentDays>2</NoncurrentDays>\
         <NewerNoncurrentVersions>1</NewerNoncurrentVersions></NoncurrentVersionExpiration>",
        "<Filter><Prefix></Prefix></Filter><AbortIncompleteMultipartUpload>\
         <DaysAfterInitiation>7</DaysAfterInitiation></AbortIncompleteMultipartUpload>",
        "<Filter><Prefix></Prefix></Filter><Expiration>\
         <ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>",
    ] {
        check(&root(&house, rules(inside)).await, 200);
        let kept = root(&house, ask("GET")).await.text();
        for piece in inside.split('<').filter(|piece| piece.contains('>')) {
            let (name, value) = piece.split_once('>').expect("a piece of XML");
            if !value.is_empty() {
                assert!(kept.contains(&format!("<{name}>{value}</{name}>")), "{piece}: {kept}");
            }
        }
    }
    let old = "<Prefix>old/</Prefix><Expiration><Date>2027-01-01T00:00:00Z</Date></Expiration>";
    check(&root(&house, rules(old)).await, 200);
    assert_eq!(root(&house, ask("GET")).await.element("Prefix"), "old/");
    for (inside, code) in [
        ("<Filter/>", "InvalidArgument"),
        ("<Filter/><Expiration><Days>0</Days></Expiration>", "InvalidArgument"),
        ("<Filter/><Expiration><Days>-1</Days></Expiration>", "MalformedXML"),
        (
            "<Filter/><Expiration><Days>1</Days><Date>2027-01-01T00:00:00Z</Date></Expiration>",
            "MalformedXML",
        ),
        (
            "<Filter/><Transition><Days>1</Days><StorageClass>GLACIER</StorageClass></Transition>",
            "NotImplemented",
        ),
        (
            "<Filter><Prefix>a</Prefix><ObjectSizeLessThan>1</ObjectSizeLessThan></Filter>\
             <Expiration><Days>1</Days></Expiration>",
            "MalformedXML",
        ),
    ] {
        assert_eq!(root(&house, rules(inside)).await.code(), code, "{inside}");
    }
    check(&root(&house, ask("DELETE")).await, 204);
    assert_eq!(root(&house, ask("GET")).await.status, 404);
    house.close().await;
}
