//! Tests of the ledger: on SQLite, and on PostgreSQL where `WELLHOUSE_TEST_POSTGRES` names one.

mod access;
mod activity;
mod api_tokens;
mod audit;
mod file_requests;
mod following;
mod groups;
mod identities;
mod jobs;
mod known_devices;
mod machines;
mod mails;
mod passkeys;
mod places;
mod policy_versions;
mod postgres;
mod posture;
mod quotas;
mod quotas_model;
mod racing;
mod role_uses;
mod rows;
mod scans;
mod second_factors;
mod share_links;
mod sqlite;
mod viewings;
mod watches;

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

use jiff::Timestamp;
use wh_names::{BucketName, Clock, Entropy, KeyPrefix, ObjectKey, RoleName, Secret, Uid};

use crate::*;

fn entropy() -> Entropy {
    let counter = std::sync::atomic::AtomicU64::new(1);
    Entropy::new(move |out| {
        for chunk in out.chunks_mut(8) {
            let n = counter.fetch_add(1, Ordering::Relaxed);
            let bytes = n.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes();
            chunk.copy_from_slice(&bytes[..chunk.len()]);
        }
    })
}

/// The machine's clock, which the tests' server has too.
#[expect(clippy::disallowed_methods, reason = "the server compares it with its own")]
fn clock() -> Clock {
    Clock::new(Timestamp::now)
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).expect("a time")
}

/// What is given up at these seconds: what has not changed, by requests, and what sent nothing.
fn stale_at(unchanged: i64, of_requests: i64, unsent: i64) -> Stale {
    Stale {
        unchanged: at(unchanged),
        of_requests: at(of_requests),
        of_requests_begun: Timestamp::MIN,
        unsent: at(unsent),
    }
}

/// The variable with the address of a PostgreSQL that `cargo xtask test` started for the tests.
pub(crate) const SERVER: &str = "WELLHOUSE_TEST_POSTGRES";

/// The address of the tests' PostgreSQL, if there is one.
#[expect(clippy::disallowed_methods, reason = "the tests' server is named by the environment")]
fn server() -> Option<String> {
    std::env::var(SERVER).ok()
}

/// How often each race of fifty is run: more often where `cargo xtask sign-ins` says so.
#[expect(clippy::disallowed_methods, reason = "the chore says how often")]
fn rounds() -> usize {
    const FEW: usize = 3;
    std::env::var("WELLHOUSE_TEST_RACES").map_or(FEW, |rounds| rounds.parse().expect("a number"))
}

/// A schema that no other test has, in the tests' PostgreSQL.
fn schema(server: &str) -> PostgresOptions {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let next = NEXT.fetch_add(1, Ordering::Relaxed);
    let started = START.get_or_init(Instant::now).elapsed().as_nanos();
    let name = format!("ledger_{}_{next}_{started}", std::process::id());
    PostgresOptions::new(server, None, &name).expect("the tests' server")
}

static START: OnceLock<Instant> = OnceLock::new();

/// Where a ledger is kept.
enum Place {
    File(tempfile::TempDir),
    Schema(Box<PostgresOptions>),
}

impl Place {
    async fn open(&self) -> Ledger {
        match self {
            Self::File(folder) => Ledger::open(&folder.path().join(FILE)).await,
            Self::Schema(options) => Ledger::connect(options, clock()).await,
        }
        .expect("a ledger")
    }
}

const FILE: &str = "ledger.sqlite";

/// A ledger as the house has it.
struct House {
    place: Place,
    ledger: Ledger,
    entropy: Entropy,
}

impl House {
    async fn at(place: Place) -> Self {
        Self { ledger: place.open().await, place, entropy: entropy() }
    }

    async fn on_sqlite() -> Self {
        Self::at(Place::File(tempfile::tempdir().expect("a folder"))).await
    }

    /// On PostgreSQL, where there is one.
    async fn on_postgres() -> Option<Self> {
        Some(Self::at(Place::Schema(Box::new(schema(&server()?)))).await)
    }

    async fn of_each_engine() -> Vec<Self> {
        let sqlite = Self::on_sqlite().await;
        std::iter::once(sqlite).chain(Self::on_postgres().await).collect()
    }

    /// The file of SQLite.
    fn path(&self) -> std::path::PathBuf {
        match &self.place {
            Place::File(folder) => folder.path().join(FILE),
            Place::Schema(_) => panic!("not a file"),
        }
    }

    /// The same ledger, opened by another node.
    async fn other_node(&self) -> Ledger {
        self.place.open().await
    }

    async fn reopen(&mut self) {
        self.ledger.close().await;
        self.ledger = self.place.open().await;
    }

    async fn person(&self, name: &str) -> PersonRow {
        let row = PersonRow {
            uid: Uid::generate(at(0), &self.entropy),
            name: name.to_owned(),
            name_key: name.to_lowercase(),
            name_look: name.to_lowercase(),
            email: Some(format!("{name}@example.org")),
            email_key: None,
            email_checked_at: None,
            password_phc: PasswordPhc::from_phc("$argon2id$one"),
            status: PersonStatus::Active,
            created_at: at(0),
            approved_at: Some(at(0)),
        };
        self.ledger.insert_person(&row, &[]).await.expect("inserted");
        row
    }

    async fn session(&self, person: &PersonRow) -> SessionRow {
        let row = self.draw_session(&person.uid);
        assert!(self.ledger.insert_session(&row, &person.password_phc).await.expect("inserted"));
        row
    }

    /// A session that has not begun.
    fn draw_session(&self, uid: &Uid) -> SessionRow {
        let digest = Secret::random(&self.entropy).digest();
        SessionRow {
            digest,
            sid: SessionRow::name_of(&digest),
            uid: uid.clone(),
            created_at: at(0),
            seen_at: at(0),
            expires_at: at(3600),
            user_agent: Some("a browser".to_owned()),
            ip: Some("2001:db8::1".to_owned()),
            proved_at: at(0),
            proved_by: ProofKind::Password,
        }
    }

    fn grant(&self, subject: GrantSubject) -> GrantRow {
        GrantRow {
            id: RowId::generate(at(0), &self.entropy),
            subject,
            role: RoleName::parse("AdminRole").expect("a role"),
            bucket: BucketName::parse("wellhouse-files").expect("a bucket"),
            prefix: KeyPrefix::everything(),
            title: "Everything".to_owned(),
            created_at: at(0),
            created_by: None,
            ends_at: None,
        }
    }

    fn upload(&self, uid: &Uid, condition: UploadCondition) -> UploadRow {
        UploadRow {
            id: RowId::generate(at(0), &self.entropy),
            uid: uid.clone(),
            grant_id: RowId::generate(at(0), &self.entropy),
            bucket: BucketName::parse("wellhouse-files").expect("a bucket"),
            key: ObjectKey::parse("home/🦀/ключ").expect("a key"),
            size: 5 << 40,
            part_size: 1 << 30,
            content_type: "text/plain".to_owned(),
            upload_id: None,
            condition,
            status: UploadStatus::Begun,
            created_at: at(0),
            updated_at: at(0),
            last_modified_ms: Some(-1),
            object: None,
        }
    }
}

fn keep(grant: &GrantRow) -> Holding {
    let GrantRow { role, bucket, prefix, .. } = grant.clone();
    Holding { role, bucket, prefix }
}
