//! Input that was made to hurt: without an end, nested, or senseless.

use crate::advisories::keys;
use crate::house::House;
use crate::signer::{Ask, sha256};

/// MinIO: a line without an end was read into memory. The line that announces a chunk is short.
#[tokio::test]
async fn cve_2026_39414_a_line_without_an_end_is_not_read() {
    let house = House::open().await;
    let endless = "1".repeat(1 << 20);
    let extension = format!("5;chunk-signature={}", "a".repeat(1 << 20));
    for line in [endless.as_str(), &extension, &"0".repeat(1 << 20), &" ".repeat(1 << 20)] {
        for form in ["STREAMING-UNSIGNED-PAYLOAD-TRAILER", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"] {
            let ask = Ask::new("PUT", "/files/a").header("x-amz-decoded-content-length", "5");
            let mut ask = house.hosted(ask.header("x-amz-trailer", "x-amz-checksum-crc32"));
            house.root.sign(&mut ask, form);
            ask.body = line.as_bytes().to_vec();
            let answer = house.raw(&ask).await;
            assert_eq!(answer.status, 400, "{form}: {}", answer.text());
        }
    }
    assert_eq!(keys(&house, "/files").await, Vec::<String>::new());
    house.close().await;
}

/// File Browser: what came in was kept in memory, however much it was. A form's fields have a size
/// and a number.
#[tokio::test]
async fn cve_2025_53893_the_fields_of_a_form_have_a_size_and_a_number() {
    let house = House::open().await;
    let field = |name: &str, value: &str| {
        format!("--B\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let large = field("key", &"x".repeat(2 << 20));
    let many: Vec<String> = (0..20_000).map(|n| field(&format!("x-ignore-{n}"), "")).collect();
    let head = format!("--B\r\nContent-Disposition: form-data; name=\"{}\r\n", "n".repeat(1 << 20));
    for body in [large, many.concat(), head] {
        let ask =
            Ask::new("POST", "/files").header("content-type", "multipart/form-data; boundary=B");
        let answer = house.raw(&house.hosted(ask.body(body))).await;
        assert_eq!(answer.status, 400, "{}", answer.text());
    }
    house.close().await;
}

/// quick-xml, and every reader of XML: entities that unfold, and nesting without an end. Neither is
/// read, and nothing is fetched.
#[tokio::test]
async fn rustsec_2026_0194_a_document_has_no_entities_and_no_depth() {
    let house = House::open().await;
    let laughs: Vec<String> = (1..10)
        .map(|n| format!("<!ENTITY l{n} \"{}\">", format!("&l{};", n - 1).repeat(10)))
        .collect();
    let laughs = format!(
        "<!DOCTYPE T [<!ENTITY l0 \"ha\">{}]><Tagging><TagSet><Tag><Key>&l9;</Key>\
         <Value>v</Value></Tag></TagSet></Tagging>",
        laughs.concat()
    );
    let external = "<!DOCTYPE T [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><Tagging><TagSet><Tag>\
                    <Key>k</Key><Value>&x;</Value></Tag></TagSet></Tagging>";
    let parameter = "<!DOCTYPE T [<!ENTITY % x SYSTEM \"http://127.0.0.1:1/\"> %x;]><Tagging/>";
    let deep = format!("{}{}", "<a>".repeat(20_000), "</a>".repeat(20_000));
    let attributes: Vec<String> = (0..10_000).map(|n| format!(" a{n}=\"\"")).collect();
    let attributes = format!("<Tagging{}><TagSet/></Tagging>", attributes.concat());
    let twice = "<Tagging a=\"1\" a=\"2\"><TagSet></TagSet></Tagging>";
    put_nothing(&house, &[&laughs, external, parameter, &deep]).await;
    for odd in [attributes.as_str(), twice] {
        let answer = house.ask(&house.root, tagging(odd)).await;
        assert!(answer.status < 500, "{}", answer.text());
    }
    house.close().await;
}

fn tagging(document: &str) -> Ask {
    Ask::new("PUT", "/files/a").query("tagging", "").body(document)
}

/// None of these is taken as tags, as a bucket's rules, or as a list of what to delete.
async fn put_nothing(house: &House, documents: &[&str]) {
    crate::advisories::put(house, "/files/a", "a").await;
    for document in documents {
        let delete = Ask::new("POST", "/files").query("delete", "").body(*document);
        let sum = sha256(document.as_bytes());
        let cors = Ask::new("PUT", "/files").query("cors", "").body(*document);
        for ask in [tagging(document), cors, delete] {
            let answer = house.ask(&house.root, ask).await;
            assert_eq!(answer.status, 400, "{sum}: {}", answer.text());
            assert!(!answer.text().contains("root:"), "a file of this machine came back");
        }
    }
    let tags = house.ask(&house.root, Ask::new("GET", "/files/a").query("tagging", "")).await;
    assert_eq!(tags.element("Key"), "", "{}", tags.text());
    assert_eq!(keys(house, "/files").await, ["a"]);
}

/// RustFS: input that nobody had thought of ended the process. Whatever comes is answered, and the
/// next one too.
#[tokio::test]
async fn ghsa_gw2x_nonsense_is_answered_and_ends_nothing() {
    let house = House::open().await;
    let numbers = ["-1", "0", "99999999999999999999", "1e9", "0x1", "NaN", " ", "%", "\u{0}", "１"];
    let names = [
        "max-keys",
        "partNumber",
        "part-number-marker",
        "max-uploads",
        "X-Amz-Expires",
        "versionId",
        "continuation-token",
        "uploadId",
        "key-marker",
        "encoding-type",
    ];
    for (name, value) in names.iter().flat_map(|n| numbers.iter().map(move |v| (n, v))) {
        for (method, path) in [("GET", "/files"), ("GET", "/files/a"), ("PUT", "/files/a")] {
            let ask = Ask::new(method, path).query(name, value).query("list-type", "2");
            let answer = house.ask(&house.root, ask).await;
            assert!(
                answer.status < 500 || answer.status == 501,
                "{name}={value:?}: {}",
                answer.text()
            );
        }
    }
    let headers = [
        "range",
        "x-amz-copy-source-range",
        "x-amz-decoded-content-length",
        "if-match",
        "x-amz-date",
        "x-amz-object-lock-retain-until-date",
        "x-amz-tagging",
        "content-md5",
        "x-amz-checksum-crc32",
        "x-amz-mp-object-size",
        "if-modified-since",
        "expires",
    ];
    let values = [
        "-1",
        "bytes=-0",
        "bytes=9-1",
        "bytes=99999999999999999999-",
        "=",
        "==",
        "a=b=c",
        "%zz",
        "\u{e9}",
        "9999-99-99T99:99:99Z",
        "18446744073709551616",
        "\"",
    ];
    for (name, value) in headers.iter().flat_map(|n| values.iter().map(move |v| (n, v))) {
        let ask = Ask::new("PUT", "/files/b").header(name, value).body("b");
        let signed = house.root.signed(house.hosted(ask.clone()));
        for ask in [signed, house.hosted(ask)] {
            let answer = house.raw(&ask).await;
            assert!(
                answer.status < 500 || answer.status == 501,
                "{name}: {value}: {}",
                answer.text()
            );
        }
    }
    crate::advisories::put(&house, "/files/c", "still here").await;
    house.close().await;
}
