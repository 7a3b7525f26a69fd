//! Whoever watches a folder is told by mail, in a running house: what others did, once, also after the process was
//! killed before the letter was written; and watching at the command line.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::actors::Actor;
use crate::keeping::put;
use crate::server::Server;
use crate::tokens::{Machine, token};

/// How soon a letter lies in the folder.
const LETTER_WITHIN: Duration = Duration::from_mins(1);

const SUBJECT: &str = "Subject: News of folders that you watch";

const MAIL: (&str, &str) = ("WELLHOUSE_MAIL__TRANSPORT", "file");

fn mails(server: &Server, with: &str) -> Vec<String> {
    let files = std::fs::read_dir(server.data().join("mail")).into_iter().flatten().flatten();
    let eml = files.map(|file| file.path()).filter(|path| is_mail(path));
    let texts = eml.filter_map(|path| std::fs::read_to_string(path).ok());
    texts.map(|text| text.replace("=\r\n", "")).filter(|text| text.contains(with)).collect()
}

fn is_mail(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "eml")
}

/// Waits for so many mails of which this is a part.
#[track_caller]
fn mail(server: &Server, with: &str, count: usize) -> Vec<String> {
    let began = Instant::now();
    loop {
        let found = mails(server, with);
        if found.len() >= count {
            return found;
        }
        assert!(began.elapsed() < LETTER_WITHIN, "{with}: {found:?}\n{}", server.log());
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// Gives somebody an address, and follows the link that is sent there.
fn confirm(server: &Server, actor: &mut Actor, email: &str) {
    let (status, body) = actor.put_json("/account/email", &json!({ "email": email }));
    assert_eq!(status, 202, "{body}");
    let link = mail(server, "/mail-check#token", 1).remove(0).replace("=3D", "=");
    let (_, token) = link.split_once("/mail-check#token=").expect("a link");
    let token: String = token.chars().take(64).collect();
    let (status, body) = actor.post("/mail-check", &json!({ "token": token }));
    assert!(status < 300, "{status} {body}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happened_before_the_process_was_killed_is_told_once_after_it() {
    let late = ("WELLHOUSE_ACTIVITY__LETTER_MINUTES", "1440");
    let server = Server::start_with(&[MAIL, late]);
    let mut ada = Actor::administrator(&server);
    let mut bob = Actor::approved(&server, &mut ada, "bob");
    confirm(&server, &mut bob, "bob@example.org");
    let home = bob.location("home/");
    let (_, secret) = token(&mut bob, &[&home], &["list"]);
    let machine = Machine::new(&server, "laptop");
    machine.log_in(&secret);
    machine.ends(&["watch", "list"], 0, &["Nothing is watched."]);
    machine.ends(&["watch", "add", "home", "plans/"], 0, &["soon", "plans/"]);
    let (hers, his) = (ada.keys(""), bob.keys("home/"));
    let key = |path: &str| format!("{}{path}", his.prefix);
    put(&his, &key("plans/own.txt"), vec![1; 10]).await;
    put(&hers, &key("plans/a.txt"), vec![1; 10]).await;
    put(&hers, &key("elsewhere.txt"), vec![1; 10]).await;
    let began = Instant::now();
    while bob.get("/activity").1["entries"].as_array().map(Vec::len) < Some(3) {
        assert!(began.elapsed() < LETTER_WITHIN);
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert_eq!(mails(&server, SUBJECT), Vec::<String>::new(), "it is gathered");

    let soon = ("WELLHOUSE_ACTIVITY__LETTER_MINUTES", "0");
    let server = server.again_after_kill(&[MAIL, soon]);
    let letter = mail(&server, SUBJECT, 1).remove(0);
    assert!(letter.contains("To: bob@example.org"), "{letter}");
    assert!(letter.contains("\"ada\" added \"a.txt\" in \"plans/\""), "{letter}");
    assert!(!letter.contains("own.txt") && !letter.contains("elsewhere"), "{letter}");
    put(&hers, &key("plans/b.txt"), vec![1; 10]).await;
    let both = mail(&server, SUBJECT, 2);
    assert_eq!(both.iter().filter(|text| text.contains("\"a.txt\"")).count(), 1, "{both:?}");

    let told = machine.ends(&["watch", "list", "--output", "json"], 0, &[]);
    let told: Value = serde_json::from_str(&told).expect("JSON");
    assert_eq!(
        (&told["mail"], &told["watches"][0]["state"]),
        (&json!("reaches"), &json!("standing"))
    );
    let id = told["watches"][0]["id"].as_str().expect("an id").to_owned();
    machine.ends(&["watch", "remove", "../x"], 1, &["no id of a watch"]);
    machine.ends(&["watch", "remove", &id], 0, &["watched no longer"]);
    machine.ends(&["watch", "remove", &id], 1, &["no-such-watch"]);
}

#[test]
fn a_house_without_mail_says_so_at_the_command_line() {
    let server = Server::start();
    let mut ada = Actor::administrator(&server);
    let mut bob = Actor::approved(&server, &mut ada, "bob");
    let home = bob.location("home/");
    let (_, secret) = token(&mut bob, &[&home], &["list"]);
    let machine = Machine::new(&server, "laptop");
    machine.log_in(&secret);
    machine.ends(&["watch", "add", "home"], 1, &["watch-mail-not-set-up"]);
    machine.ends(&["watch", "list"], 0, &["This house sends no mail"]);
}
