//! The decision matrix: roles × actions × locations, as the evaluator decides on the standard estate; and what
//! can be asked for over the wire, held against the real server.
//!
//! `WELLHOUSE_RENEW=1 cargo nextest run --workspace -E 'test(the_decision_matrix)'` writes it anew; whoever
//! reviews it reads who may do what.

mod wire;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use wh_names::{
    AccountId, Action, Arn, BucketName, KeyPrefix, Partition, Region, RoleName, RoleSessionName,
    Serving,
};
use wh_policy::rails::acting_on;
use wh_policy::s3::session_policy;
use wh_policy::{
    Context, NamedPolicy, Outcome, PolicySet, PolicyType, Request, Subject, evaluate, tables,
};
use wh_provision::{Estate, Settings, StandardEstate, Target};

pub(crate) const BUCKET: &str = "wellhouse";
pub(crate) const OTHER_BUCKET: &str = "elsewhere";
/// Whoever asks; a placeholder in the document, a real person's on the wire.
const UID: &str = "01bbbbbbbbbbbbbbbbbbbbbbbb";
const ACCOUNT: &str = "000000000000";

/// A column: a role, and the grant that narrows its sessions; none narrows a machine's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Column {
    pub(crate) title: &'static str,
    /// Nobody has none.
    pub(crate) role: Option<&'static str>,
    pub(crate) grant: Option<&'static str>,
}

pub(crate) const COLUMNS: [Column; 6] = [
    Column { title: "nobody", role: None, grant: None },
    Column { title: "Regular", role: Some("RegularUserRole"), grant: Some("shared/") },
    Column { title: "S3Access", role: Some("S3AccessRole"), grant: Some("home/${uid}/") },
    Column { title: "Upload", role: Some("UploadRole"), grant: Some("shared/inbox/") },
    Column { title: "EC2Upload", role: Some("EC2UploadRole"), grant: None },
    Column { title: "Admin", role: Some("AdminRole"), grant: Some("") },
];

/// Where: the title, and the key or what is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Object(&'static str),
    /// An object of another bucket.
    Elsewhere(&'static str),
    /// A file in which the scan for malware found something.
    Infected(&'static str),
    /// The bucket, asked about with a prefix.
    Listing(&'static str),
    /// The bucket itself.
    Bucket,
    OtherBucket,
    /// No bucket in particular.
    Account,
}

pub(crate) const PLACES: [(&str, Place); 13] = [
    ("A file in one's own home", Place::Object("home/${uid}/note.txt")),
    ("A file in another's home", Place::Object("home/01cccccccccccccccccccccccc/note.txt")),
    ("A file in `shared/`", Place::Object("shared/plan.txt")),
    ("A file in a drop box, `shared/inbox/`", Place::Object("shared/inbox/form.txt")),
    ("A file that a machine uploaded, in `instances/`", Place::Object("instances/i-1/log.txt")),
    ("A file in no folder", Place::Object("top.txt")),
    (
        "A file in `shared/` in which the scan for malware found something",
        Place::Infected("shared/bad.txt"),
    ),
    ("A file in another bucket of the account", Place::Elsewhere("note.txt")),
    ("The bucket, with the prefix `shared/`", Place::Listing("shared/")),
    ("The bucket, with the prefix of one's own home", Place::Listing("home/${uid}/")),
    ("The bucket itself, without a prefix", Place::Bucket),
    ("Another bucket of the account", Place::OtherBucket),
    ("The account: no bucket in particular", Place::Account),
];

/// How a cell came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Cell {
    Yes,
    /// No policy of the role allows it.
    NoRole,
    /// The boundary does not.
    NoBoundary,
    /// The grant does not reach it.
    NoGrant,
    /// Nobody signed, and no bucket policy allows it.
    NoBucket,
    /// A statement denies it: of the bucket policy, or of another.
    DeniedByBucket,
    DeniedByBoundary,
    DeniedByRole,
}

impl Cell {
    pub(crate) fn allowed(self) -> bool {
        self == Self::Yes
    }

    fn sign(self) -> &'static str {
        match self {
            Self::Yes => "✔",
            Self::NoRole => "·",
            Self::NoBoundary => "· boundary",
            Self::NoGrant => "· grant",
            Self::NoBucket => "· bucket",
            Self::DeniedByBucket => "✘ bucket",
            Self::DeniedByBoundary => "✘ boundary",
            Self::DeniedByRole => "✘ role",
        }
    }
}

/// The estate of a house with or without a scan for malware.
fn estate(scan: Option<Serving>) -> Estate {
    Estate::standard(StandardEstate {
        partition: Partition::parse("aws").expect("a partition"),
        account: AccountId::parse(ACCOUNT).expect("an account"),
        region: Region::parse("us-east-1").expect("a region"),
        bucket: BucketName::parse(BUCKET).expect("a bucket"),
        instance_prefix: KeyPrefix::parse("instances/").expect("a prefix"),
        installation: "main".to_owned(),
        portal_origins: vec!["http://localhost:8080".to_owned()],
        target: Target::Embedded,
        settings: Settings::All,
        scan,
    })
    .expect("the standard estate")
}

/// Decides for one estate.
pub(crate) struct Bench {
    plain: Estate,
    scanned: Estate,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self { plain: estate(None), scanned: estate(Some(Serving::AllButInfected)) }
    }

    pub(crate) fn cell(&self, column: Column, action: &str, place: Place) -> Cell {
        let infected = matches!(place, Place::Infected(_));
        let estate = if infected { &self.scanned } else { &self.plain };
        let account = AccountId::parse(ACCOUNT).expect("an account");
        let partition = Partition::parse("aws").expect("a partition");
        let (resource, own) = on(place);
        let mut context = context(column, action, place);
        if infected {
            context.set("s3:ExistingObjectTag/wellhouse-scan", "infected");
        }
        let role = column.role.map(|name| {
            let name = RoleName::parse(name).expect("a role");
            estate.role(&name).expect("the estate's")
        });
        let session = column.grant.map(|prefix| {
            let prefix = KeyPrefix::parse(&prefix.replace("${uid}", UID)).expect("a prefix");
            let bucket = BucketName::parse(BUCKET).expect("a bucket");
            let document = session_policy(&partition, &bucket, &prefix);
            [NamedPolicy { name: "grant".to_owned(), document: Arc::new(document) }]
        });
        let subject = role.map_or(Subject::Anonymous, |role| {
            let name = RoleSessionName::parse("u-any").expect("a name");
            Subject::RoleSession {
                role_arn: role.arn.clone(),
                session_arn: Arn::assumed_role(&partition, &account, &role.name, &name),
            }
        });
        let policies = PolicySet {
            identity: role.map(|role| role.permissions.as_slice()).unwrap_or_default(),
            boundary: role.map(|role| &role.boundary),
            session: session.as_ref().map(|session| &session[..]),
            resource: own.then(|| estate.bucket_policy()),
            ..PolicySet::default()
        };
        let request = Request {
            subject: &subject,
            action: &Action::parse(action).expect("an action"),
            resource: &resource,
            resource_account: &account,
            context: &context,
        };
        let told = evaluate(&policies, &request).explanation();
        kind(told.outcome, told.policy_type, column)
    }
}

fn kind(outcome: Outcome, by: Option<PolicyType>, column: Column) -> Cell {
    match (outcome, by) {
        (Outcome::Allow, _) => Cell::Yes,
        (Outcome::ExplicitDeny, Some(PolicyType::Resource)) => Cell::DeniedByBucket,
        (Outcome::ExplicitDeny, Some(PolicyType::Boundary)) => Cell::DeniedByBoundary,
        (Outcome::ExplicitDeny, _) => Cell::DeniedByRole,
        (Outcome::ImplicitDeny, Some(PolicyType::Boundary)) => Cell::NoBoundary,
        (Outcome::ImplicitDeny, Some(PolicyType::Session)) => Cell::NoGrant,
        (Outcome::ImplicitDeny, _) if column.role.is_none() => Cell::NoBucket,
        (Outcome::ImplicitDeny, _) => Cell::NoRole,
    }
}

/// The resource, and whether it is of everyone's files' bucket.
fn on(place: Place) -> (Arn, bool) {
    let arn = |path: &str| {
        let path = path.replace("${uid}", UID);
        Arn::parse(&format!("arn:aws:s3:::{path}")).expect("an arn")
    };
    match place {
        Place::Object(key) | Place::Infected(key) => (arn(&format!("{BUCKET}/{key}")), true),
        Place::Elsewhere(key) => (arn(&format!("{OTHER_BUCKET}/{key}")), false),
        Place::Listing(_) | Place::Bucket => (arn(BUCKET), true),
        Place::OtherBucket => (arn(OTHER_BUCKET), false),
        Place::Account => (arn("*"), false),
    }
}

/// What the endpoint tells of a request that is signed now, by somebody who is who they are.
fn context(column: Column, action: &str, place: Place) -> Context {
    let mut context = Context::new();
    context.set("aws:SecureTransport", "true");
    context.set("s3:signatureAge", "0");
    context.set("aws:ResourceAccount", ACCOUNT);
    context.set("s3:ResourceAccount", ACCOUNT);
    if column.role.is_some() {
        context.set("aws:PrincipalAccount", ACCOUNT);
    }
    if column.grant.is_some() {
        context.set("aws:PrincipalTag/uid", UID);
        context.set("aws:SourceIdentity", UID);
    }
    if column.role == Some("EC2UploadRole") {
        context.set("ec2:RoleDelivery", "2.0");
    }
    // AWS knows no prefix of the listing of unfinished uploads.
    let knows = tables::action(action).is_some_and(|row| row.keys.contains(&"s3:prefix"));
    if let Place::Listing(prefix) = place
        && knows
    {
        context.set("s3:prefix", prefix.replace("${uid}", UID));
        context.set("s3:max-keys", "1000");
    }
    context
}

/// The actions that can be asked for at a place.
fn actions_at(place: Place) -> Vec<&'static str> {
    match place {
        Place::Object(_) | Place::Elsewhere(_) | Place::Infected(_) => acting_on("object"),
        Place::Bucket | Place::OtherBucket => acting_on("bucket"),
        Place::Listing(_) => {
            vec!["s3:ListBucket", "s3:ListBucketMultipartUploads", "s3:ListBucketVersions"]
        }
        Place::Account => {
            let rows = tables::actions().iter().filter(|row| row.name.starts_with("s3:"));
            rows.filter(|row| row.resources.is_empty()).map(|row| row.name).collect()
        }
    }
}

const HEAD: &str = "# Who may do what\n\n\
Each role of the standard estate, with the grant that it usually has, each action of S3, and places that stand \
for the others. The policy engine decides; a test decides anew and asks the real endpoint for every action that \
an operation of it asks for (not: changes of ACLs, `BypassGovernanceRetention`, and files in which the scan found something; of \
changes to settings only those that are refused). Written by `WELLHOUSE_RENEW=1 cargo nextest run --workspace -E \
'test(the_decision_matrix)'`; what a role may do in general is in [roles-and-policies.md](roles-and-policies.md).\n\n\
| sign | means |\n|---|---|\n\
| ✔ | allowed |\n\
| · | not allowed: no policy of the role does |\n\
| · boundary | the role's policy does, its boundary does not |\n\
| · grant | the role does, but the grant does not reach there |\n\
| · bucket | nobody signed, and the bucket policy lets nobody in |\n\
| ✘ bucket, ✘ boundary, ✘ role | a statement of that policy denies it, whatever else allows it |\n\n\
Asked is over TLS, signed now. The columns: *nobody*; `RegularUserRole` on `shared/`; `S3AccessRole` on \
`home/${uid}/`; `UploadRole` on `shared/inbox/`; `EC2UploadRole` of a machine, which no grant narrows; \
`AdminRole` on the whole bucket.\n";

fn document() -> String {
    let bench = Bench::new();
    let mut out = HEAD.to_owned();
    for (title, place) in PLACES {
        let mut rows: BTreeMap<Vec<Cell>, Vec<&str>> = BTreeMap::new();
        for action in actions_at(place) {
            let cells = COLUMNS.map(|column| bench.cell(column, action, place)).to_vec();
            rows.entry(cells).or_default().push(action);
        }
        let titles = COLUMNS.map(|column| column.title).join(" | ");
        write!(out, "\n## {title}\n\n| {titles} | actions |\n|{}\n", "---|".repeat(7))
            .expect("text");
        for (cells, actions) in rows {
            let signs: Vec<&str> = cells.into_iter().map(Cell::sign).collect();
            let names: Vec<&str> = actions.iter().map(|name| &name[3..]).collect();
            writeln!(out, "| {} | {} |", signs.join(" | "), names.join(", ")).expect("text");
        }
    }
    out
}

#[expect(clippy::disallowed_methods, reason = "who renews the document says so by the environment")]
fn renews() -> bool {
    std::env::var("WELLHOUSE_RENEW").is_ok()
}

#[test]
fn the_decision_matrix_is_as_it_is_written() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/decision-matrix.md");
    let now = document();
    if renews() {
        std::fs::write(&path, &now).expect("written");
    }
    let written = std::fs::read_to_string(&path).expect("the document");
    let differ = now.lines().zip(written.lines()).find(|(now, written)| now != written);
    assert!(now == written, "decided otherwise, or renewed by nobody: {differ:?}");
}
