//! The worked example of README.md, on a real server: an administrator gives too much, is refused with a
//! request that shows why, gives less, and the store does what was shown.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::actors::{Actor, Keys};
use crate::sdk::client;
use crate::server::{Server, wellhouse};

const ROLE: &str = "RegularUserRole";

/// Whether the store tells the access control list of a file, by somebody's own keys.
async fn tells_acl(keys: &Keys) -> Result<(), String> {
    let ask = client(keys).await.get_object_acl().bucket(&keys.bucket).key("shared/plan.txt");
    ask.send().await.map(drop).map_err(|error| {
        let error = error.into_service_error();
        error.meta().code().unwrap_or("nothing").to_owned()
    })
}

/// The permissions of a role as they are in force, with one more statement.
fn with(ada: &mut Actor, statement: Value) -> Value {
    let (_, roles) = ada.get("/roles");
    let roles = roles["roles"].as_array().expect("roles").clone();
    let role = roles.iter().find(|role| role["name"] == ROLE).expect("the role");
    let text = role["policies"][0]["document"].as_str().expect("text");
    let mut document: Value = serde_json::from_str(text).expect("JSON");
    document["Statement"].as_array_mut().expect("statements").push(statement);
    json!({ "kind": "permissions", "role": ROLE, "document": document.to_string() })
}

fn seen(ada: &mut Actor, change: &Value) -> Value {
    let (status, set) = ada.post("/changes/preview", &json!({ "change": change }));
    assert_eq!(status, 200, "{set}");
    set
}

fn make(ada: &mut Actor, change: &Value, set: &Value) -> (u16, Value) {
    ada.post("/changes", &json!({ "change": change, "digest": set["digest"], "note": "a try" }))
}

/// Runs a command beside the server's data folder.
#[track_caller]
fn ran(server: &Server, arguments: &[&str], code: i32) -> String {
    let mut command = wellhouse();
    command.args(arguments).arg("--data").arg(server.data());
    command.env("WELLHOUSE_S3__LISTEN", server.s3.trim_start_matches("http://"));
    command.env("WELLHOUSE_PORTAL__LISTEN", server.portal.trim_start_matches("http://"));
    let output = command.current_dir(server.scratch()).output().expect("it runs");
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8(text).expect("text");
    assert_eq!(output.status.code(), Some(code), "{arguments:?}\n{text}");
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_shown_refused_made_smaller_and_enforced() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    let mut bob = Actor::approved(&server, &mut ada, "bob");
    let keys = bob.keys("shared/");
    let body = b"a plan".to_vec().into();
    let admin = ada.keys("");
    let put = client(&admin).await.put_object().bucket(&admin.bucket).key("shared/plan.txt");
    put.body(body).send().await.expect("the administrator may");
    assert_eq!(tells_acl(&keys).await, Err("AccessDenied".to_owned()));
    let shared = format!("arn:aws:s3:::{}/shared/*", keys.bucket);

    let too_much =
        json!({ "Sid": "Shared", "Effect": "Allow", "Action": "s3:*", "Resource": shared });
    let change = with(&mut ada, too_much);
    let set = seen(&mut ada, &change);
    assert_eq!(set["warnings"], json!(["new-write", "everyone"]), "{set}");
    let rail = &set["refusals"][0];
    assert_eq!(rail["name"], "regular-users-write-only-at-home");
    assert_eq!(rail["request"]["resource"], format!("arn:aws:s3:::{}/shared/", keys.bucket));
    let (status, refused) = make(&mut ada, &change, &set);
    assert_eq!((status, &refused["code"]), (409, &json!("change-refused")), "{refused}");

    let less = json!({ "Sid": "Shared", "Effect": "Allow", "Action": "s3:GetObjectAcl",
        "Resource": shared });
    let change = with(&mut ada, less);
    let set = seen(&mut ada, &change);
    assert_eq!(set["refusals"], json!([]));
    let (status, made) = make(&mut ada, &change, &set);
    assert_eq!((status, &made["version"]), (200, &json!(1)), "{made}");
    // Sessions that were issued before have it too: a role's permissions are not sealed into them.
    assert_eq!(tells_acl(&keys).await, Ok(()));
    let plan = ran(&server, &["plan"], 0);
    assert!(!plan.contains("PutRolePolicy"), "what was saved is what should be: {plan}");
    let proved = ran(&server, &["policy", "prove", "--from", "running"], 0);
    assert!(proved.contains("proved: nothing-is-public"), "{proved}");

    // It is there after a restart, which makes the estate again.
    let server = server.restart();
    let mut ada = ada.elsewhere(&server, crate::actors::PASSWORD);
    let mut bob = Actor::stranger(&server);
    bob.sign_in("bob");
    let keys = bob.keys("shared/");
    assert_eq!(tells_acl(&keys).await, Ok(()));
    let back = json!({ "kind": "standard-permissions", "role": ROLE });
    let set = seen(&mut ada, &back);
    let (status, made) = make(&mut ada, &back, &set);
    assert_eq!((status, &made["version"]), (200, &json!(2)), "{made}");
    let begun = Instant::now();
    while tells_acl(&keys).await.is_ok() {
        assert!(begun.elapsed() < Duration::from_secs(5), "it is still told");
    }
}

/// An estate with a rail of its own and one expectation, in a folder of its own.
fn described(more: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let text = format!(
        "installation = \"main\"\naccount = \"000000000000\"\nregion = \"us-east-1\"\n\
         target = \"embedded\"\n[[bucket]]\nname = \"wellhouse\"\n{more}"
    );
    std::fs::write(folder.path().join("estate.toml"), text).expect("written");
    folder
}

#[track_caller]
fn policy(folder: &tempfile::TempDir, arguments: &[&str], code: i32, words: &[&str]) {
    let mut command = wellhouse();
    command.arg("policy").args(arguments).current_dir(folder.path());
    command.env("WELLHOUSE_ESTATE__FILE", folder.path().join("estate.toml"));
    let output = command.output().expect("it runs");
    let text = String::from_utf8([output.stdout, output.stderr].concat()).expect("text");
    assert_eq!(output.status.code(), Some(code), "{arguments:?}\n{text}");
    for word in words {
        assert!(text.contains(word), "`{word}` is not in\n{text}");
    }
}

#[test]
fn rails_and_expectations_of_a_description_are_proved_and_run() {
    let good = described(
        r#"
[[rail]]
name = "drop-boxes-read-nothing"
who = ["UploadRole"]
never = ["read", "list"]
on = ["*"]
except_on = []

[[expect]]
name = "everybody reads what is shared"
role = "RegularUserRole"
action = "s3:GetObject"
on = "wellhouse/shared/plan.txt"
decision = "allow"
"#,
    );
    // `ListMultipartUploadParts` is in the class of reading what one sends.
    policy(
        &good,
        &["prove"],
        1,
        &["broken: drop-boxes-read-nothing", "s3:ListMultipartUploadParts"],
    );
    policy(&good, &["test"], 0, &["1 passed, 0 failed"]);
    let wide = described(
        r#"
[[policy]]
role = "RegularUserRole"
document = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}'

[[expect]]
name = "nobody deletes what is shared"
role = "RegularUserRole"
action = "s3:DeleteObject"
on = "wellhouse/shared/plan.txt"
decision = "deny"
"#,
    );
    let broken = ["regular-users-write-only-at-home", "only-administrators-delete-versions"];
    policy(&wide, &["prove"], 1, &broken);
    policy(
        &wide,
        &["prove", "--output", "json"],
        1,
        &["\"proved\": false", "\"who\": \"RegularUserRole\""],
    );
    policy(&wide, &["test"], 1, &["FAILED nobody deletes what is shared"]);
    let file = wide.path().join("estate.toml");
    let file = file.to_str().expect("text");
    policy(
        &good,
        &["diff", "standard", file, "--role", "RegularUserRole"],
        2,
        &["≠ RegularUserRole"],
    );
    policy(&good, &["diff", file, file], 0, &["unchanged"]);
    let nobody = described("[[rail]]\nname = \"x\"\nwho = [\"Reglar\"]\nnever = [\"write\"]\n");
    policy(&nobody, &["prove"], 1, &["`Reglar` is no role of this estate"]);
}

/// What administrators saved is not taken back by a description that knows nothing of it, and grants are weighed on
/// the machine, too.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_saved_is_not_taken_back_by_a_description_that_somebody_names() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    Actor::approved(&server, &mut ada, "bob");
    let bucket = ada.keys("").bucket;
    let less = json!({ "Sid": "Shared", "Effect": "Allow", "Action": "s3:GetObjectAcl",
        "Resource": format!("arn:aws:s3:::{bucket}/shared/*") });
    let change = with(&mut ada, less);
    let set = seen(&mut ada, &change);
    let (status, made) = make(&mut ada, &change, &set);
    assert_eq!(status, 200, "{made}");
    let description = ran(&server, &["estate", "show"], 0);
    let named = server.scratch().join("named.toml");
    std::fs::write(&named, description).expect("written");
    let named = named.to_str().expect("text");
    let plan = ran(&server, &["plan", "--estate", named], 2);
    assert!(
        plan.contains("takes back what administrators saved in the portal for RegularUserRole"),
        "{plan}"
    );
    let refused = ran(&server, &["apply", "--estate", named, "--yes"], 1);
    assert!(refused.contains("--take-back-saved"), "{refused}");
    assert!(refused.contains("nothing was changed"), "{refused}");
    ran(&server, &["plan"], 0);
    ran(&server, &["apply", "--estate", named, "--yes", "--take-back-saved"], 0);

    let grant = ["grant", "add", "S3AccessRole", "team/", "--person", "bob"];
    let dry = ran(&server, &[&grant[..], &["--dry-run"]].concat(), 0);
    assert!(dry.contains("bob: gain by S3AccessRole") && dry.contains("s3:PutObject"), "{dry}");
    let none = ran(&server, &["grant", "list"], 0);
    assert!(!none.contains("team/"), "{none}");
    let given = ran(&server, &grant, 0);
    assert!(given.contains("bob: gain by S3AccessRole"), "{given}");
    let grants = ran(&server, &["grant", "list"], 0);
    let id_of = |role: &str| {
        let line = grants.lines().find(|line| line.contains(role)).expect("a grant");
        line.split_whitespace().next().expect("an id").to_owned()
    };
    let last = ran(&server, &["grant", "remove", &id_of("AdminRole"), "--dry-run"], 1);
    assert!(last.contains("this would leave no administrator"), "{last}");
    ran(&server, &["grant", "remove", &id_of("AdminRole")], 1);
    let gone = ran(&server, &["grant", "remove", &id_of("S3AccessRole at")], 0);
    assert!(gone.contains("taken away"), "{gone}");
}
