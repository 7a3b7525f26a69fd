//! The probes, one after the other.

use wh_names::{NameError, Uid};

use super::ProbeLine;
use super::attempt::Attempt;
use super::judge::{Caller, Judge};
use super::port::{Asker, Assumption, Came, Expected, Probes, Transport};
use super::trials::Ground;
use crate::estate::Estate;
use crate::roles::{ADMIN_ROLE, EC2_UPLOAD_ROLE, PORTAL_ROLE, RoleSpec, S3_ACCESS_ROLE};

/// Tries every role of the estate that the probes' credentials lead to, and leaves nothing behind.
/// `person` is made up for this run.
///
/// With `PortalRole`'s credentials the portal itself and the four roles of persons are tried; with those
/// of an instance, `EC2UploadRole`. Any others are tried against the trust of each role, which must
/// refuse them.
pub async fn probe(estate: &Estate, probes: &dyn Probes, person: &Uid) -> Vec<ProbeLine> {
    let mut lines = Vec::new();
    let caller = match probes.caller().await {
        Ok(arn) => match Caller::of(estate, &arn) {
            Some(caller) => caller,
            None => return vec![nothing(format!("`{arn}` is not an ARN"))],
        },
        Err(why) => return vec![nothing(why)],
    };
    let judge = Judge { estate, transport: probes.transport(), caller };
    let ground = Ground { estate, person };
    let mut probing =
        Probing { estate, probes, judge, ground, lines: &mut lines, opened: Vec::new() };
    if let Err(error) = probing.all().await {
        lines.push(nothing(error.to_string()));
    }
    lines
}

fn nothing(why: String) -> ProbeLine {
    ProbeLine {
        who: "everyone".to_owned(),
        tried: "every probe".to_owned(),
        expected: None,
        why: String::new(),
        came: Came::NotTried(why),
    }
}

struct Probing<'p> {
    estate: &'p Estate,
    probes: &'p dyn Probes,
    judge: Judge<'p>,
    ground: Ground<'p>,
    lines: &'p mut Vec<ProbeLine>,
    /// The sessions that were opened, by their roles' names.
    opened: Vec<(String, Assumption)>,
}

impl Probing<'_> {
    async fn all(&mut self) -> Result<(), NameError> {
        for role in self.estate.roles() {
            self.open(role).await;
        }
        self.seed().await?;
        if let Some(own) = self.judge.caller.role {
            self.tried_by(own.name.as_str(), &Asker::Own).await?;
        }
        for (name, assumed) in self.opened.clone() {
            self.tried_by(&name, &Asker::Session(assumed)).await?;
        }
        self.grants().await?;
        self.unreached();
        self.clean().await
    }

    /// Assumes one role as the portal would, and in the ways that its trust refuses. A way that is let
    /// through for lack of knowledge of the caller is not tried: it would prove nothing.
    async fn open(&mut self, role: &RoleSpec) {
        let good = self.ground.as_portal(role);
        if self.assume(role, "as the portal does", &good).await == Some(Came::Allowed) {
            self.opened.push((role.name.to_string(), good));
        }
        let is_portal =
            self.judge.caller.role.is_some_and(|role| role.name.as_str() == PORTAL_ROLE);
        if !is_portal || !self.ground.is_portals(role) {
            return;
        }
        for (way, wrong) in self.ground.wrong_ways(role) {
            // Where the estate lets other tags pass, a further one is no wrong way.
            self.assume(role, way, &wrong).await;
        }
    }

    async fn assume(&mut self, role: &RoleSpec, way: &str, wanted: &Assumption) -> Option<Came> {
        let verdict = self.judge.assume(wanted)?;
        let came = self.probes.assume(wanted, verdict.expected).await;
        self.lines.push(ProbeLine {
            who: self.judge.caller.told(),
            tried: format!("assume `{}` {way}", role.name),
            expected: Some(verdict.expected),
            why: verdict.why,
            came: came.clone(),
        });
        Some(came)
    }

    fn session(&self, role: &str) -> Option<Asker> {
        let found = self.opened.iter().find(|(name, _)| name == role);
        found.map(|(_, assumed)| Asker::Session(assumed.clone()))
    }

    /// Administrators put the objects there that others are tried on. Where that does not work, what
    /// is let through finds nothing, which is no refusal.
    async fn seed(&mut self) -> Result<(), NameError> {
        let Some(asker) = self.session(ADMIN_ROLE) else { return Ok(()) };
        for key in self.ground.seeds()? {
            let put = Attempt::Put(self.ground.bucket().clone(), key);
            self.attempt(ADMIN_ROLE, &asker, &put).await;
        }
        Ok(())
    }

    async fn tried_by(&mut self, name: &str, asker: &Asker) -> Result<(), NameError> {
        let mut attempts = self.ground.attempts()?;
        if name == EC2_UPLOAD_ROLE {
            attempts.extend(self.ground.of_instances()?);
        }
        for attempt in attempts {
            self.attempt(name, asker, &attempt).await;
        }
        Ok(())
    }

    async fn attempt(&mut self, name: &str, asker: &Asker, attempt: &Attempt) {
        let Some(verdict) = self.judge.attempt(asker, attempt) else { return };
        let came = match unreachable(attempt, self.judge.transport) {
            Some(why) => Came::NotTried(why),
            None => self.probes.attempt(asker, attempt).await,
        };
        self.lines.push(ProbeLine {
            who: name.to_owned(),
            tried: attempt.to_string(),
            expected: Some(verdict.expected),
            why: verdict.why,
            came,
        });
    }

    /// The role says what, the grant says where: sessions that were narrowed to one folder.
    async fn grants(&mut self) -> Result<(), NameError> {
        for name in [ADMIN_ROLE, S3_ACCESS_ROLE] {
            let roles = self.estate.roles();
            let Some(role) = roles.iter().find(|role| role.name.as_str() == name) else { continue };
            if self.session(name).is_none() {
                continue;
            }
            let (narrowed, attempts) = self.ground.granted(role)?;
            let came = self.assume(role, "narrowed to one folder", &narrowed).await;
            if came != Some(Came::Allowed) {
                continue;
            }
            let (asker, who) = (Asker::Session(narrowed), format!("{name}, narrowed to a folder"));
            for attempt in attempts {
                self.attempt(&who, &asker, &attempt).await;
            }
        }
        Ok(())
    }

    /// A role that nothing was tried with is told, with what it takes to try it.
    fn unreached(&mut self) {
        let own = self.judge.caller.role.map(|role| role.name.to_string());
        for role in self.estate.roles() {
            let name = role.name.to_string();
            if own.as_ref() == Some(&name) || self.session(&name).is_some() {
                continue;
            }
            let takes = if self.ground.is_portals(role) {
                format!(
                    "only `{PORTAL_ROLE}` may assume it: probe with the portal's credentials (--probe-profile)"
                )
            } else {
                "only an instance has it: probe with the credentials of one (--probe-profile)"
                    .to_owned()
            };
            let came = Came::NotTried(takes);
            let tried = "every request".to_owned();
            self.lines.push(ProbeLine {
                who: name,
                tried,
                expected: None,
                why: String::new(),
                came,
            });
        }
    }

    async fn clean(&mut self) -> Result<(), NameError> {
        let Some(asker) = self.session(ADMIN_ROLE) else { return Ok(()) };
        let (bucket, folder) = (self.ground.bucket(), self.ground.folder()?);
        let cleaned = self.probes.clean(&asker, bucket, &folder).await;
        let came = match cleaned {
            Ok(_) => Came::Allowed,
            Err(why) => Came::Denied(why),
        };
        self.lines.push(ProbeLine {
            who: ADMIN_ROLE.to_owned(),
            tried: format!("delete all that the probes left under `{bucket}/{folder}`"),
            expected: Some(Expected::Allowed),
            why: format!("{ADMIN_ROLE}: all of S3 is its to use on this bucket"),
            came,
        });
        Ok(())
    }
}

/// What a store that is reached over plain HTTP cannot be tried with.
fn unreachable(attempt: &Attempt, transport: Transport) -> Option<String> {
    let in_plain = matches!(attempt, Attempt::GetInPlain(..)) && transport == Transport::Plain;
    in_plain.then(|| "the store is reached over plain HTTP as it is".to_owned())
}
