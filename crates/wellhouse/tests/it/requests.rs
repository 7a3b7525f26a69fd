//! How many requests to S3 one thing that a person does comes to: that is what is paid for, and waited for.

use serde_json::json;

use crate::actors::{Actor, CRC_OF_DIGITS};
use crate::aws_mode::{BUCKET, Moto, settings};
use crate::server::{Server, wellhouse};
use crate::wire::Wire;

/// A portal whose every call goes over a wire that counts.
struct House {
    server: Server,
    wire: Wire,
    _moto: Moto,
}

impl House {
    fn new() -> Self {
        let moto = Moto::start();
        let folder = tempfile::tempdir().expect("a folder");
        let mut apply = wellhouse();
        apply.envs(settings(&moto)).args(["apply", "--yes"]).current_dir(folder.path());
        assert!(apply.output().expect("it runs").status.success());
        // moto judges a bucket policy's denies without their conditions.
        let cleared = ureq::delete(format!("{}/{BUCKET}?policy", moto.url)).call();
        assert_eq!(cleared.expect("an answer").status().as_u16(), 204);
        let wire = Wire::to(&moto.url, usize::MAX);
        let over = [("WELLHOUSE_STORE__ENDPOINT_URL".to_owned(), wire.url.clone())];
        let settings: Vec<(String, String)> = settings(&moto).into_iter().chain(over).collect();
        let borrowed: Vec<(&str, &str)> =
            settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        Self { server: Server::start_with(&borrowed), wire, _moto: moto }
    }

    /// The calls of S3 that this comes to, each as its method: what STS and IAM are asked is not S3's.
    fn calls(&self, what: impl FnOnce()) -> Vec<String> {
        let before = self.wire.calls().len();
        what();
        let calls = self.wire.calls();
        let of_s3 = calls.iter().skip(before).filter(|call| call.contains(BUCKET));
        of_s3.map(|call| call.split(' ').next().unwrap_or_default().to_owned()).collect()
    }
}

#[test]
fn what_a_person_does_comes_to_so_many_requests_to_s3_and_no_more() {
    let house = House::new();
    let mut ada = Actor::administrator(&house.server);
    let mut bob = Actor::approved(&house.server, &mut ada, "bob");
    let home = bob.location("home/");
    // The first sight of it takes the session.
    bob.upload_digits(&home, "a/b/c.txt");

    let upload = house.calls(|| {
        bob.upload_digits(&home, "a/b/d.txt");
    });
    // What is there already is looked at, so that nobody's file is written over unasked; it is begun, each
    // part is sent, the parts are held against what was sent, and it is completed.
    assert_eq!(upload, ["HEAD", "POST", "PUT", "GET", "POST"], "n parts are n + 4 requests");
    let named = house.calls(|| {
        send_named(&mut bob, &home, "a/b/e.txt", None);
    });
    assert_eq!(
        named,
        ["POST", "PUT", "POST"],
        "who has seen that nothing is there, and names the parts"
    );
    let wrong = house.calls(|| {
        send_named(&mut bob, &home, "a/b/f.txt", Some("00000000000000000000000000000000"));
    });
    assert_eq!(wrong, ["POST", "PUT", "POST", "GET", "POST"], "names that are wrong are looked up");
    let listing = house.calls(|| {
        let (status, body) = bob.get(&format!("/locations/{home}/entries?path=a/b/"));
        assert_eq!((status, body["entries"].as_array().map(Vec::len)), (200, Some(4)), "{body}");
    });
    assert_eq!(listing, ["GET"], "a page of a folder is one listing, its path costs none");
    let download = house.calls(|| {
        let ask = json!({ "path": "a/b/c.txt" });
        let (status, link) = bob.post(&format!("/locations/{home}/downloads"), &ask);
        assert_eq!(status, 200, "{link}");
        let got = ureq::get(link["url"].as_str().expect("a URL")).call().expect("the object");
        assert_eq!(got.into_body().read_to_string().expect("text"), "123456789");
    });
    assert_eq!(download, ["GET"], "a download is the GET of whoever follows the link");
    let looking = house.calls(|| {
        let (status, _) = bob.get("/locations");
        assert_eq!(status, 200);
    });
    assert_eq!(looking, [""; 0], "what may be done where is known without asking S3");
}

/// Uploads as a page does that has seen that nothing is there: the parts named by their entity tags.
fn send_named(bob: &mut Actor, home: &str, path: &str, name: Option<&str>) {
    let begin = json!({ "location": home, "path": path, "size": 9, "content_type": "text/plain",
        "last_modified": 0, "conflict": "fail-at-end" });
    let (status, upload) = bob.post("/uploads", &begin);
    assert_eq!(status, 201, "{upload}");
    let id = upload["id"].as_str().expect("an id");
    let parts = json!({ "parts": [{ "n": 1, "size": 9, "crc": CRC_OF_DIGITS }] });
    let (status, signed) = bob.post(&format!("/uploads/{id}/parts"), &parts);
    assert_eq!(status, 200, "{signed}");
    let part = &signed["parts"][0];
    let mut put = ureq::put(part["url"].as_str().expect("a URL"));
    for (header, value) in part["headers"].as_object().expect("headers") {
        put = put.header(header, value.as_str().expect("text"));
    }
    let taken = put.send("123456789").expect("the part is taken");
    let etag = taken.headers()["etag"].to_str().expect("text").to_owned();
    let etags = [name.map_or(etag, str::to_owned)];
    let done = json!({ "crc": CRC_OF_DIGITS, "etags": etags });
    let (status, done) = bob.post(&format!("/uploads/{id}/complete"), &done);
    assert_eq!(status, 200, "{done}");
}
