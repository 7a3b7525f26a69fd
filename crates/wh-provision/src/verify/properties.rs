//! Every property of an estate, and what a plan says of each.
//!
//! The properties are listed from the same specifications as the plan's steps, and each step says
//! whose properties it mends: so what is verified is what would be written, and nothing else.

use std::fmt;

use crate::bucket::{BucketSettingKind, BucketSpec};
use crate::estate::Estate;
use crate::plan::{Change, Plan, Reason};
use crate::roles::RoleSpec;
use crate::step::{Step, Subject};
use crate::words::in_words;

/// One thing that can be as it should be, or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    Exists,
    Setting(BucketSettingKind),
    Document,
    Trust,
    Permissions(String),
    NoOthers,
    Boundary,
    Description,
    Tags,
    Alias,
    Rotation,
    Usable,
    Delivers,
    Covers,
    Selects,
    Records,
}

/// What was found of a property.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It is as it should be.
    Ok,
    /// It is there with another value.
    Differs,
    /// It is not there.
    Absent,
    /// Something is there beside what should be.
    Foreign,
}

impl State {
    /// As it stands in JSON and at the beginning of a line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Differs => "differs",
            Self::Absent => "absent",
            Self::Foreign => "foreign",
        }
    }
}

/// One property, read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PropertyLine {
    /// What has it.
    pub subject: Subject,
    /// The property, in words.
    pub what: String,
    /// What was found.
    pub state: State,
    /// What `apply` would do about it; none where nothing is wrong, or where it is kept.
    pub mend: Option<String>,
}

impl fmt::Display for PropertyLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.state.as_str(), self.subject, self.what)
    }
}

/// Each property of the estate with what the plan says of it, then what is there beside and is kept.
pub(super) fn lines(estate: &Estate, plan: &Plan) -> Vec<PropertyLine> {
    let (parted, others) = parted(estate, plan);
    parted.into_iter().map(|(_, line)| line).chain(others).collect()
}

/// The same: each property with its part, and what is there beside by itself.
pub(crate) fn parted(
    estate: &Estate,
    plan: &Plan,
) -> (Vec<(Part, PropertyLine)>, Vec<PropertyLine>) {
    let (mut parted, mut lines) = (Vec::new(), Vec::new());
    let mut told = vec![false; plan.changes().len()];
    for (subject, part, what) in properties(estate) {
        let mut line = PropertyLine { subject, what, state: State::Ok, mend: None };
        for (change, told) in plan.changes().iter().zip(&mut told) {
            if change.step.subject() == line.subject && mends(&change.step).contains(&part) {
                *told = true;
                take(&mut line, change);
            }
        }
        parted.push((part, line));
    }
    // No change may go untold, even one of a kind that the list does not know.
    for (change, _) in plan.changes().iter().zip(told).filter(|(_, told)| !told) {
        let (subject, what) = (change.step.subject(), change.reason.to_string());
        let mut line = PropertyLine { subject, what, state: State::Ok, mend: None };
        take(&mut line, change);
        lines.push(line);
    }
    lines.extend(plan.foreign().iter().map(|foreign| PropertyLine {
        subject: foreign.subject.clone(),
        what: foreign.what.clone(),
        state: State::Foreign,
        mend: None,
    }));
    (parted, lines)
}

fn take(line: &mut PropertyLine, change: &Change) {
    line.state = match change.reason {
        Reason::Absent => State::Absent,
        Reason::Differs => State::Differs,
        Reason::Foreign | Reason::Retired => State::Foreign,
    };
    line.mend.get_or_insert_with(|| change.step.to_string());
}

type Listed = (Subject, Part, String);

fn properties(estate: &Estate) -> Vec<Listed> {
    let mut all = Vec::new();
    if let Some(key) = estate.key() {
        let subject = Subject::Key(key.alias.clone());
        let parts = [
            (Part::Exists, "It is there."),
            (Part::Alias, "It has its name."),
            (Part::Usable, "It is enabled, and not on its way to deletion."),
            (Part::Rotation, "Its material is made anew every year."),
            (Part::Document, "Its policy lets the account decide, and nobody else."),
            (Part::Tags, "It carries our tags."),
        ];
        all.extend(parts.map(|(part, what)| (subject.clone(), part, what.to_owned())));
    }
    for bucket in estate.buckets() {
        of_bucket(&mut all, bucket);
    }
    for boundary in estate.boundaries() {
        let subject = Subject::Policy(boundary.policy.name.clone());
        add(&mut all, &subject, Part::Exists, "It is there.");
        add(&mut all, &subject, Part::Document, "It bounds its roles as documented.");
        if !boundary.tags.is_empty() {
            add(&mut all, &subject, Part::Tags, "It carries our tags.");
        }
    }
    for role in estate.roles() {
        of_role(&mut all, role);
    }
    for profile in estate.instance_profiles() {
        let subject = Subject::InstanceProfile(profile.name.clone());
        add(&mut all, &subject, Part::Exists, "It is there.");
        add(&mut all, &subject, Part::Delivers, &format!("It delivers `{}`.", profile.role));
        add(&mut all, &subject, Part::NoOthers, "It delivers no other role.");
        if !profile.tags.is_empty() {
            add(&mut all, &subject, Part::Tags, "It carries our tags.");
        }
    }
    for linked in estate.service_linked_roles() {
        let subject = Subject::ServiceLinkedRole(linked.service.to_owned());
        add(&mut all, &subject, Part::Exists, &format!("AWS has made `{}`.", linked.name));
    }
    of_trail(&mut all, estate);
    if estate.description().block_account {
        add(&mut all, &Subject::Account, Part::Exists, "Public access is blocked, all four ways.");
    }
    all
}

fn add(all: &mut Vec<Listed>, subject: &Subject, part: Part, what: &str) {
    all.push((subject.clone(), part, what.to_owned()));
}

fn of_bucket(all: &mut Vec<Listed>, bucket: &BucketSpec) {
    let subject = Subject::Bucket(bucket.name.clone());
    add(all, &subject, Part::Exists, "It is there, and ours to see.");
    for setting in &bucket.settings {
        let what = if setting.kind() == BucketSettingKind::Policy {
            "Its policy denies what it should.".to_owned()
        } else {
            in_words(setting)
        };
        all.push((subject.clone(), Part::Setting(setting.kind()), what));
    }
}

fn of_role(all: &mut Vec<Listed>, role: &RoleSpec) {
    let subject = Subject::Role(role.name.clone());
    add(all, &subject, Part::Exists, "It is there, under our path.");
    add(all, &subject, Part::Trust, "It trusts whom it should.");
    for policy in &role.permissions {
        let what = format!("Its policy `{}` says what is documented.", policy.name);
        all.push((subject.clone(), Part::Permissions(policy.name.clone()), what));
    }
    add(all, &subject, Part::NoOthers, "It has no other policies.");
    let boundary = format!("It is bounded by `{}`.", role.boundary_arn);
    add(all, &subject, Part::Boundary, &boundary);
    let longest = format!(
        "Its description is ours, and its sessions last {} s at most.",
        role.max_session_seconds
    );
    add(all, &subject, Part::Description, &longest);
    if !role.tags.is_empty() {
        add(all, &subject, Part::Tags, "It carries our tags.");
    }
}

fn of_trail(all: &mut Vec<Listed>, estate: &Estate) {
    let Some(trail) = estate.trail() else { return };
    let subject = Subject::Trail(trail.name.clone());
    add(all, &subject, Part::Exists, "It is there.");
    let covers = format!("It writes to `{}`, from all regions, and seals its files.", trail.bucket);
    add(all, &subject, Part::Covers, &covers);
    add(all, &subject, Part::Selects, "It records every read and write of an object.");
    add(all, &subject, Part::Records, "It is running.");
    add(all, &subject, Part::Tags, "It carries our tags.");
}

/// The properties that a step mends.
fn mends(step: &Step) -> Vec<Part> {
    match step {
        Step::CreateKey { .. } => vec![Part::Exists, Part::Usable, Part::Document, Part::Tags],
        Step::AliasKey { .. } => vec![Part::Alias],
        Step::RotateKey { .. } => vec![Part::Rotation],
        Step::PutKeyPolicy { .. } | Step::PutPolicyVersion { .. } => vec![Part::Document],
        Step::TagKey { .. }
        | Step::ClaimKey { .. }
        | Step::TagPolicy { .. }
        | Step::TagRole { .. }
        | Step::TagInstanceProfile { .. }
        | Step::TagTrail(_) => vec![Part::Tags],
        Step::RestoreKey { .. } => vec![Part::Usable],
        Step::PutBucketSetting { setting, .. } => vec![Part::Setting(setting.kind())],
        Step::DropRules { setting, .. } => vec![Part::Setting(setting.kind())],
        Step::CreatePolicy { .. } => vec![Part::Exists, Part::Document, Part::Tags],
        Step::CreateRole { .. } => {
            vec![Part::Exists, Part::Trust, Part::Boundary, Part::Description, Part::Tags]
        }
        Step::UpdateRole { .. } => vec![Part::Description],
        Step::PutTrust { .. } => vec![Part::Trust],
        Step::PutBoundary { .. } => vec![Part::Boundary],
        Step::PutRolePolicy { policy, .. } => vec![Part::Permissions(policy.clone())],
        Step::DeleteRolePolicy { .. }
        | Step::DetachRolePolicy { .. }
        | Step::RemoveRoleFromInstanceProfile { .. } => vec![Part::NoOthers],
        Step::CreateInstanceProfile { .. } => vec![Part::Exists, Part::Tags],
        Step::AddRoleToInstanceProfile { .. } => vec![Part::Delivers],
        Step::CreateTrail(_) => vec![Part::Exists, Part::Covers, Part::Tags],
        Step::UpdateTrail(_) => vec![Part::Covers],
        Step::SelectEvents(_) => vec![Part::Selects],
        Step::StartTrail(_) => vec![Part::Records],
        Step::CreateBucket { .. }
        | Step::CreateServiceLinkedRole { .. }
        | Step::BlockAccount
        | Step::DeleteRole { .. }
        | Step::DeleteInstanceProfile { .. }
        | Step::DeletePolicy { .. }
        | Step::DeleteTrail { .. }
        | Step::EmptyBucket { .. }
        | Step::DeleteBucket { .. }
        | Step::ScheduleKeyDeletion { .. } => vec![Part::Exists],
    }
}
