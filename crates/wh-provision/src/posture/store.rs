//! What is found of the store: buckets, roles and policies, as they were read back.

use std::collections::BTreeMap;

use wh_names::BucketName;
use wh_policy::analysis::Answer;
use wh_policy::lint::{Severity, lint};
use wh_policy::rails::{Breach, Broken};
use wh_policy::{PolicyDocument, PolicyKind};

use super::proofs::{KeptOut, lets_in};
use super::{CheckFound, CheckState, Evidence, Said};
use crate::bucket::{BucketSetting, BucketSettingKind, BucketSpec};
use crate::canonical::returned_document;
use crate::cloud::{Cloud, RoleState};
use crate::description::{Settings, Target};
use crate::estate::Estate;
use crate::plan::{Plan, PlanError, plan};
use crate::step::Subject;
use crate::verify::{Part, PropertyLine, parted};

/// A signature may be so old at most, in seconds, for links to end soon: an hour.
const SIGNED_SECONDS_ADVISED: u32 = 3600;

/// The checks that [`of_store`] makes.
pub const STORE_CHECKS: [&str; 16] = [
    "public-access-blocked",
    "account-public-access-blocked",
    "no-public-policy",
    "no-foreign-statements",
    "tls-only",
    "encrypted-at-rest",
    "key-rotated",
    "versioning",
    "acls-off",
    "lifecycle",
    "signed-links-end",
    "access-logs",
    "trail",
    "no-drift",
    "roles-bounded",
    "no-wide-statements",
];

/// How whoever reaches the store reaches it, beside what policies say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// The policies decide: there is a door for plain HTTP.
    Policies,
    /// Our own door speaks TLS alone.
    OnlyTls,
    /// Our own door speaks plain HTTP, and other machines cannot reach it.
    Loopback,
    /// A proxy is said to speak TLS in front of our own door.
    Proxy,
}

/// What was read back.
#[derive(Debug)]
pub struct ReadBack {
    plan: Plan,
    /// The policies of the buckets of files; none where there is none.
    policies: BTreeMap<BucketName, Option<String>>,
    roles: Vec<(String, Option<RoleState>)>,
    account_is_blocked: Option<bool>,
}

/// Reads the store back: the plan, and the documents themselves.
pub async fn read_back(estate: &Estate, cloud: &dyn Cloud) -> Result<ReadBack, PlanError> {
    let plan = plan(estate, cloud).await?;
    let mut policies = BTreeMap::new();
    for bucket in estate.buckets_of_files() {
        let reading = || PlanError::reading(format!("bucket `{}`", bucket.name));
        let mut text = None;
        if cloud.bucket_exists(&bucket.name).await.map_err(reading())? {
            let found = cloud.bucket_setting(&bucket.name, BucketSettingKind::Policy).await;
            if let Some(BucketSetting::Policy(found)) = found.map_err(reading())?.setting {
                text = Some(found);
            }
        }
        policies.insert(bucket.name.clone(), text);
    }
    let mut roles = Vec::new();
    for role in estate.roles() {
        let reading = PlanError::reading(format!("role `{}`", role.name));
        roles.push((role.name.to_string(), cloud.role(&role.name).await.map_err(reading)?));
    }
    let account_is_blocked = match estate.target() {
        Target::Embedded => None,
        Target::Aws => {
            let reading = PlanError::reading("the account's public access block");
            Some(cloud.account_is_blocked().await.map_err(reading)?)
        }
    };
    Ok(ReadBack { plan, policies, roles, account_is_blocked })
}

impl ReadBack {
    /// What would be changed.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }
}

/// That nothing of the store could be read, and why.
pub fn not_read(why: &Said) -> Vec<CheckFound> {
    STORE_CHECKS.iter().map(|check| CheckFound::unknown(check, why.clone())).collect()
}

/// What was found of the store.
pub fn of_store(estate: &Estate, read: &ReadBack, transport: Transport) -> Vec<CheckFound> {
    let (lines, _others) = parted(estate, &read.plan);
    let files = |line: &PropertyLine| {
        estate.buckets_of_files().any(|b| line.subject == Subject::Bucket(b.name.clone()))
    };
    let setting = |check, kind| {
        let of = |part: &Part, line: &PropertyLine| *part == Part::Setting(kind) && files(line);
        of_setting(estate, (check, kind), by_lines(check, &lines, of))
    };
    let key = |part: &Part, line: &PropertyLine| {
        *part == Part::Rotation && matches!(line.subject, Subject::Key(_))
    };
    let trail = |_: &Part, line: &PropertyLine| matches!(line.subject, Subject::Trail(_));
    let bounded = |part: &Part, _: &PropertyLine| *part == Part::Boundary;
    vec![
        setting("public-access-blocked", BucketSettingKind::PublicAccess),
        of_account(read),
        of_policies("no-public-policy", read, |_, text| public(text)),
        of_foreign(estate, read),
        of_transport(estate, read, transport),
        asked(
            estate,
            estate.description().key.is_some(),
            setting("encrypted-at-rest", BucketSettingKind::Encryption),
        ),
        by_lines("key-rotated", &lines, key),
        setting("versioning", BucketSettingKind::Versioning),
        setting("acls-off", BucketSettingKind::Ownership),
        setting("lifecycle", BucketSettingKind::Lifecycle),
        of_signatures(estate, read),
        asked(
            estate,
            estate.description().logs.is_some(),
            setting("access-logs", BucketSettingKind::Logging),
        ),
        asked(estate, estate.description().trail.is_some(), by_lines("trail", &lines, trail)),
        of_drift(read),
        by_lines("roles-bounded", &lines, bounded),
        of_statements(read),
    ]
}

/// What properties say that were read back. Where none is described there is nothing to hold against what is.
fn by_lines(
    check: &str,
    lines: &[(Part, PropertyLine)],
    of: impl Fn(&Part, &PropertyLine) -> bool,
) -> CheckFound {
    let mut all = lines.iter().filter(|(part, line)| of(part, line)).peekable();
    if all.peek().is_none() {
        let why = Said::both(
            "the estate describes none: it is kept elsewhere, or is not asked for",
            "die Anlage beschreibt nichts davon: Es liegt anderswo oder ist nicht verlangt",
        );
        return CheckFound::not_here(check, why);
    }
    let evidence = all.filter_map(|(_, line)| {
        let mend = line.mend.as_ref()?;
        Some(of_subject(&line.subject, Said::english(format!("apply would {mend}"))))
    });
    CheckFound::by(check, evidence.collect())
}

/// On AWS an estate may ask for no key of its own, no logs or no trail. That is a risk to accept in writing.
fn asked(estate: &Estate, is_asked: bool, found: CheckFound) -> CheckFound {
    if is_asked || estate.target() != Target::Aws {
        return found;
    }
    let said = Said::both("the estate asks for none", "die Anlage verlangt nichts davon");
    let (thing, name) = ("estate".to_owned(), estate.installation().to_owned());
    let mut evidence = vec![Evidence { thing, name, said }];
    evidence.extend(found.evidence);
    CheckFound::by(&found.check, evidence)
}

/// A setting that the estate does not describe: of a gateway's bucket it is not known, and a store that does
/// not encrypt is described as such.
fn of_setting(
    estate: &Estate,
    (check, kind): (&str, BucketSettingKind),
    found: CheckFound,
) -> CheckFound {
    let buckets = estate.description().buckets.iter();
    let with = |settings| buckets.clone().filter(move |one| one.settings == settings);
    if kind == BucketSettingKind::Encryption && with(Settings::Unencrypted).next().is_some() {
        let said =
            || Said::both("its store encrypts nothing", "sein Speicher verschlüsselt nichts");
        let evidence = with(Settings::Unencrypted)
            .map(|one| of_subject(&Subject::Bucket(one.name.clone()), said()));
        return CheckFound::by(check, evidence.chain(found.evidence).collect());
    }
    if found.state != CheckState::Fails && with(Settings::Guards).next().is_some() {
        let why = Said::both(
            "the bucket lies in a store of others, whose settings are not read here",
            "der Bucket liegt in einem fremden Speicher, dessen Einstellungen hier nicht gelesen werden",
        );
        return CheckFound::unknown(check, why);
    }
    found
}

fn of_account(read: &ReadBack) -> CheckFound {
    const CHECK: &str = "account-public-access-blocked";
    match read.account_is_blocked {
        None => CheckFound::not_here(
            CHECK,
            Said::both("there is no account at AWS", "es gibt kein Konto bei AWS"),
        ),
        Some(true) => CheckFound::by(CHECK, Vec::new()),
        Some(false) => {
            let said = Said::both(
                "buckets that are made tomorrow are not covered",
                "für Buckets, die morgen angelegt werden, gilt es nicht",
            );
            CheckFound::by(CHECK, vec![of_subject(&Subject::Account, said)])
        }
    }
}

/// What is wrong with the policies of the buckets of files, as they are now.
fn of_policies(
    check: &str,
    read: &ReadBack,
    wrong: impl Fn(&BucketName, &str) -> Option<Said>,
) -> CheckFound {
    let evidence = read.policies.iter().filter_map(|(bucket, text)| {
        let said = wrong(bucket, text.as_deref()?)?;
        Some(of_subject(&Subject::Bucket(bucket.clone()), said))
    });
    CheckFound::by(check, evidence.collect())
}

fn public(text: &str) -> Option<Said> {
    PolicyDocument::read_stored(text, PolicyKind::Resource).is_public().then(|| {
        Said::both(
            "its policy lets in everybody, or whom it lets in cannot be told",
            "die Richtlinie lässt alle herein, oder wen sie hereinlässt, ist nicht zu sagen",
        )
    })
}

fn of_foreign(estate: &Estate, read: &ReadBack) -> CheckFound {
    let ours = |subject: &Subject| {
        estate.buckets().any(|bucket| *subject == Subject::Bucket(bucket.name.clone()))
    };
    let statements = read.plan.foreign().iter().filter(|foreign| ours(&foreign.subject));
    let statements = statements.filter(|foreign| foreign.what.starts_with("statement "));
    let evidence =
        statements.map(|foreign| of_subject(&foreign.subject, Said::english(foreign.what.clone())));
    CheckFound::by("no-foreign-statements", evidence.collect())
}

/// What is proved of every bucket of files; `None` where all of them keep it out.
fn unproved(
    estate: &Estate,
    read: &ReadBack,
    what: impl Fn(&BucketSpec) -> KeptOut,
) -> Option<Result<Vec<Evidence>, Said>> {
    let mut evidence = Vec::new();
    for bucket in estate.buckets_of_files() {
        let text = read.policies.get(&bucket.name).and_then(Option::as_deref);
        let subject = Subject::Bucket(bucket.name.clone());
        let Some(text) = text else {
            let said = Said::both("it has no policy", "er hat keine Richtlinie");
            evidence.push(of_subject(&subject, said));
            continue;
        };
        match lets_in(estate, &bucket.name, text, what(bucket)) {
            Answer::No => {}
            Answer::Yes(witness) => {
                let (action, on) = (witness.action.as_str(), witness.resource.as_str());
                evidence.push(of_subject(
                    &subject,
                    Said::both(
                        format!("`{action}` on `{on}` is let in"),
                        format!("`{action}` auf `{on}` wird hereingelassen"),
                    ),
                ));
            }
            Answer::Unknown(because) => return Some(Err(Said::english(because))),
        }
    }
    (!evidence.is_empty()).then_some(Ok(evidence))
}

fn of_transport(estate: &Estate, read: &ReadBack, transport: Transport) -> CheckFound {
    const CHECK: &str = "tls-only";
    let holds = |why| CheckFound::by(CHECK, Vec::new()).because(why);
    let evidence = match unproved(estate, read, |_| KeptOut::PlainHttp) {
        None => {
            return holds(Said::both("proved of the bucket policy", "an der Richtlinie bewiesen"));
        }
        Some(Err(why)) if transport == Transport::Policies => {
            return CheckFound::unknown(CHECK, why);
        }
        Some(Err(_)) => Vec::new(),
        Some(Ok(evidence)) => evidence,
    };
    match transport {
        Transport::Policies => CheckFound::by(CHECK, evidence),
        Transport::OnlyTls => holds(Said::both(
            "the store's own door speaks TLS alone",
            "die eigene Tür des Speichers spricht nur TLS",
        )),
        Transport::Loopback => holds(Said::both(
            "the store's door speaks plain HTTP to this machine alone",
            "die Tür des Speichers spricht unverschlüsselt nur mit diesem Rechner",
        )),
        Transport::Proxy => CheckFound::unknown(
            CHECK,
            Said::both(
                "a proxy in front of the store speaks TLS, by the configuration; whether it takes plain HTTP as well cannot be seen from here",
                "laut Konfiguration spricht davor ein Proxy TLS; ob er auch unverschlüsselte Anfragen annimmt, ist von hier nicht zu sehen",
            ),
        ),
    }
}

fn of_signatures(estate: &Estate, read: &ReadBack) -> CheckFound {
    const CHECK: &str = "signed-links-end";
    let buckets = &estate.description().buckets;
    let longest = |bucket: &BucketSpec| {
        let described = buckets.iter().find(|one| one.name == bucket.name);
        described.map_or(SIGNED_SECONDS_ADVISED, |one| one.presign_seconds_max)
    };
    let mut evidence = match unproved(estate, read, |one| KeptOut::OldSignatures(longest(one))) {
        None => Vec::new(),
        Some(Err(why)) => return CheckFound::unknown(CHECK, why),
        Some(Ok(evidence)) => evidence,
    };
    let long = estate.buckets_of_files().filter(|one| longest(one) > SIGNED_SECONDS_ADVISED);
    evidence.extend(long.map(|bucket| {
        let seconds = longest(bucket);
        let said = Said::both(
            format!("links may live {seconds} s"),
            format!("Links dürfen {seconds} s leben"),
        );
        of_subject(&Subject::Bucket(bucket.name.clone()), said)
    }));
    CheckFound::by(CHECK, evidence)
}

fn of_drift(read: &ReadBack) -> CheckFound {
    let changes = read.plan.changes().iter();
    let evidence =
        changes.map(|change| of_subject(&change.step.subject(), Said::english(change.to_string())));
    CheckFound::by("no-drift", evidence.collect())
}

/// What the linter calls a matter of security in the policies that roles have now. Of attached policies only
/// the names are read, and none is described: each may allow whatever it likes.
fn of_statements(read: &ReadBack) -> CheckFound {
    const CHECK: &str = "no-wide-statements";
    let (mut evidence, mut unread) = (Vec::new(), Vec::new());
    for (name, role) in &read.roles {
        let Some(role) = role else { continue };
        let of = |said| Evidence { thing: format!("role/{name}"), name: name.clone(), said };
        evidence.extend(role.attached.iter().map(|arn| {
            of(Said::both(
                format!("`{arn}` is attached, and is not described"),
                format!("`{arn}` ist angehängt und nicht beschrieben"),
            ))
        }));
        let inline =
            role.inline.iter().map(|(name, text)| (name.as_str(), text, PolicyKind::Identity));
        let trust = ("trust policy", &role.trust, PolicyKind::Trust);
        for (policy, text, kind) in inline.chain([trust]) {
            let text = returned_document(text);
            let Some(text) = text.filter(|text| is_readable(text, kind)) else {
                unread.push(format!("{name} (`{policy}`)"));
                continue;
            };
            let findings = lint(&text, kind).into_iter();
            let findings = findings.filter(|one| one.severity == Severity::Security);
            evidence.extend(findings.map(|finding| {
                of(Said::english(format!("`{policy}`: {} ({})", finding.message, finding.code)))
            }));
        }
    }
    if evidence.is_empty() && !unread.is_empty() {
        let unread = unread.join(", ");
        let why = Said::both(
            format!("what the store holds cannot be read as a policy: {unread}"),
            format!("was der Speicher hält, ist nicht als Richtlinie zu lesen: {unread}"),
        );
        return CheckFound::unknown(CHECK, why);
    }
    CheckFound::by(CHECK, evidence)
}

fn is_readable(text: &str, kind: PolicyKind) -> bool {
    PolicyDocument::read_stored(text, kind).faults().is_empty()
}

/// Whether every guard rail is proved, and every expectation met. Takes some seconds of a processor at worst.
pub fn of_rails(estate: &Estate) -> CheckFound {
    const CHECK: &str = "guard-rails";
    let whole =
        |name: &str, said| Evidence { thing: "estate".to_owned(), name: name.to_owned(), said };
    if estate.rails().is_empty() {
        let said = Said::both(
            "it has no guard rail: what administrators save is held against nothing",
            "sie hat keine Leitplanke: Was Administratoren speichern, wird an nichts gemessen",
        );
        return CheckFound::by(CHECK, vec![whole(estate.installation(), said)]);
    }
    let mut evidence: Vec<_> = estate.broken_rails().iter().map(of_broken).collect();
    evidence.extend(estate.missed_expectations().into_iter().map(|missed| {
        let said = Said::english(format!("`{}` is not met: {}", missed.name, missed.why));
        whole(estate.installation(), said)
    }));
    CheckFound::by(CHECK, evidence)
}

fn of_broken(broken: &Broken) -> Evidence {
    let Broken { rail, why: _, who, how } = broken;
    let said = match how {
        Breach::By(witness) => {
            let (action, on) = (witness.action.as_str(), witness.resource.as_str());
            Said::both(
                format!("`{rail}` is broken: `{action}` on `{on}` is allowed"),
                format!("`{rail}` hält nicht: `{action}` auf `{on}` ist erlaubt"),
            )
        }
        Breach::NotProved(because) => Said::english(format!("`{rail}` is not proved: {because}")),
    };
    Evidence { thing: format!("role/{who}"), name: who.clone(), said }
}

fn of_subject(subject: &Subject, said: Said) -> Evidence {
    let (kind, name) = match subject {
        Subject::Key(alias) => ("key", alias.clone()),
        Subject::Bucket(bucket) => ("bucket", bucket.to_string()),
        Subject::Policy(name) => ("policy", name.clone()),
        Subject::Role(role) => ("role", role.to_string()),
        Subject::InstanceProfile(profile) => ("instance-profile", profile.to_string()),
        Subject::ServiceLinkedRole(service) => ("service-linked-role", service.clone()),
        Subject::Trail(name) => ("trail", name.clone()),
        Subject::Account => ("account", "account".to_owned()),
    };
    Evidence { thing: format!("{kind}/{name}"), name, said }
}
