//! Two authorities over one ledger: no change is lost, and what one takes away the other knows.

use std::time::Duration;

use jiff::Timestamp;
use wh_authority::{AccessKeyStatus, UserCall};
use wh_authority::{AuthenticationError, GetSessionTokenError, IamReply, IamRequest as R};
use wh_ledger::{Ledger, PostgresOptions};
use wh_names::{Clock, UserName};

use crate::kit::{ALL_STS, Kit, ask, create, role, trust};

const ROOT: &str = r#"{"AWS":"arn:aws:iam::111122223333:root"}"#;

/// Longer than anything here takes on a busy machine.
const NEVER: Duration = Duration::from_secs(30);

/// Two nodes with the same keys over SQLite; nobody tells one of them what the other does.
async fn on_sqlite(folder: &tempfile::TempDir) -> [Kit; 2] {
    let path = folder.path().join("ledger.sqlite");
    let open = async |ids| {
        let ledger = Ledger::open(&path).await.expect("a ledger");
        Kit::node(ledger, 1, ids).await
    };
    [open(100).await, open(200).await]
}

/// The same over PostgreSQL, where the environment names one.
#[expect(clippy::disallowed_methods, reason = "the tests' server is named by the environment")]
async fn on_postgres(test: &str) -> Option<[Kit; 2]> {
    let server = std::env::var("WELLHOUSE_TEST_POSTGRES").ok()?;
    let now = Timestamp::now().as_nanosecond();
    let schema = format!("authority_{test}_{}_{now}", std::process::id());
    let options = PostgresOptions::new(&server, None, &schema).expect("the tests' server");
    let open = async |ids| {
        let ledger = Ledger::connect(&options, Clock::new(Timestamp::now)).await;
        Kit::node(ledger.expect("a ledger"), 1, ids).await
    };
    Some([open(100).await, open(200).await])
}

async fn names(kit: &Kit) -> Vec<String> {
    let told = kit.iam(R::ListRoles { path_prefix: "/".to_owned() }).await;
    let IamReply::Roles(roles) = told else { panic!("{told:?}") };
    roles.iter().map(|role| role.row.name.as_str().to_owned()).collect()
}

/// Five roles whose names begin with a letter.
async fn make_roles(kit: &Kit, letter: char) {
    for n in 0..5 {
        let trust = trust(ROOT, r#""sts:AssumeRole""#, "");
        kit.iam(R::CreateRole(create(&format!("{letter}{n}"), trust))).await;
    }
}

#[tokio::test]
async fn a_change_on_rows_that_another_node_changed_is_judged_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let both = [Some(on_sqlite(&folder).await), on_postgres("again").await];
    for [one, two] in both.into_iter().flatten() {
        let trust = || trust(ROOT, r#""sts:AssumeRole""#, "");
        one.iam(R::CreateRole(create("First", trust()))).await;
        let again = two.try_iam(R::CreateRole(create("first", trust()))).await;
        assert_eq!(again.expect_err("it is there").code(), "EntityAlreadyExists");
        two.iam(R::CreateRole(create("Second", trust()))).await;
        one.iam(R::CreateRole(create("Third", trust()))).await;
        assert_eq!(names(&one).await, ["First", "Second", "Third"]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn changes_at_the_same_moment_are_all_made() {
    let folder = tempfile::tempdir().expect("a folder");
    let both = [Some(on_sqlite(&folder).await), on_postgres("moment").await];
    for [one, two] in both.into_iter().flatten() {
        tokio::join!(make_roles(&one, 'a'), make_roles(&two, 'b'));
        let rows = one.ledger.iam().await.expect("rows");
        assert_eq!(rows.roles.len(), 10);
    }
}

/// Asks until the answer is that the credentials do not count.
async fn until_refused(kit: &Kit, what: &str, asks: impl Fn(&Kit) -> bool) {
    let waiting = async {
        while asks(kit) {
            kit.authority.in_step().await.expect("in step");
        }
    };
    tokio::time::timeout(NEVER, waiting).await.expect(what);
}

#[tokio::test]
async fn what_is_taken_away_at_one_node_is_gone_at_the_other() {
    let Some([one, two]) = on_postgres("gone").await else { return };
    let portal = one.portal().await;
    let trusts = trust(r#"{"AWS":"arn:aws:iam::111122223333:role/PortalRole"}"#, ALL_STS, "");
    one.iam(R::CreateRole(create("Reader", trusts))).await;
    let session = one.assume(&portal, &ask("Reader")).expect("a session").credentials;
    let token = Some(session.session_token.expose());
    let known = |kit: &Kit| kit.authority.recognise(&session.access_key_id, token).is_ok();
    // Sealed by one, opened by the other, once it has heard of the role.
    until_refused(&two, "a role made at the other", |kit| !known(kit)).await;
    let user = UserName::parse("tool").expect("a name");
    let call = |call| R::User(user.clone(), call);
    let (path, boundary, tags) = ("/".to_owned(), None, Vec::new());
    one.iam(call(UserCall::Create { path, boundary, tags })).await;
    let IamReply::NewAccessKey(key) = one.iam(call(UserCall::CreateAccessKey)).await else {
        panic!("a key")
    };
    until_refused(&two, "a new key", |kit| kit.authority.secret_key(&key.id, None).is_err()).await;
    let (id, status) = (key.id.clone(), AccessKeyStatus::Inactive);
    one.iam(call(UserCall::UpdateAccessKey { id, status })).await;
    until_refused(&two, "a key deactivated", |kit| kit.authority.secret_key(&key.id, None).is_ok())
        .await;
    one.iam(R::DeleteRole { role: role("Reader") }).await;
    until_refused(&two, "a role deleted", known).await;
    let refused = two.authority.recognise(&session.access_key_id, token).expect_err("gone");
    assert_eq!(refused, AuthenticationError::InvalidToken);
    let error = GetSessionTokenError::from(refused);
    assert_eq!(error.code(), "InvalidClientTokenId");
}
