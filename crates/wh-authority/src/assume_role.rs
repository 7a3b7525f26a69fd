//! `sts:AssumeRole`: who may become a session of which role, and with what said about it.
//!
//! Sources: STS API Reference, `AssumeRole`; IAM User Guide, "Passing session tags", "Monitor and
//! control actions taken with assumed roles", "Methods to assume a role" (role chaining).

use std::collections::BTreeMap;
use std::sync::Arc;

use wh_names::{Action, Arn, RoleSessionName, SourceIdentity, Uid};
use wh_policy::{Context, ContextValue, Explanation, PolicyError, PolicySet, Request, evaluate};

use crate::authority::names_role_of;
use crate::principal::Kind;
use crate::session::{Session, inline_policy};
use crate::state::CompiledRole;
use crate::{AuthenticationError, Authority, Principal, Standing, TemporaryCredentials};

const DURATION_S_MIN: u32 = 900;
const DURATION_S_DEFAULT: u32 = 3600;
/// The longest session of a role that was assumed by a session of a role.
const CHAINED_S_MAX: u32 = 3600;
/// The longest inline session policy with the ARNs of the managed ones, in characters.
const SESSION_POLICY_CHARS_MAX: usize = 2_048;
const POLICY_ARNS_MAX: usize = 10;
const TAGS_MAX: usize = 50;
const TAG_KEY_CHARS_MAX: usize = 128;
const TAG_VALUE_CHARS_MAX: usize = 256;

/// What is asked of `AssumeRole`.
#[derive(Debug, Clone)]
pub struct AssumeRole {
    /// The role.
    pub role_arn: Arn,
    /// What the session will be called.
    pub session_name: RoleSessionName,
    /// How long it shall last, in seconds; an hour without it.
    pub duration_s: Option<u32>,
    /// An inline session policy.
    pub policy: Option<String>,
    /// Managed policies that narrow the session.
    pub policy_arns: Vec<String>,
    /// The session's tags.
    pub tags: Vec<(String, String)>,
    /// Which of the tags go on to sessions that this one opens.
    pub transitive_tag_keys: Vec<String>,
    /// Who is really acting. Once set, it stays for the whole chain.
    pub source_identity: Option<SourceIdentity>,
    /// What the trust policy may ask of callers from elsewhere.
    pub external_id: Option<String>,
}

/// A role session that was opened.
#[derive(Debug, Clone)]
pub struct AssumedRole {
    /// Its credentials.
    pub credentials: TemporaryCredentials,
    /// Its ARN.
    pub arn: Arn,
    /// `AROA…:session-name`.
    pub assumed_role_id: String,
    /// Its source identity.
    pub source_identity: Option<SourceIdentity>,
    /// How much of the room for session policies it takes, in per cent.
    pub packed_policy_size: Option<u32>,
}

/// Why a role was not assumed.
#[derive(Debug, thiserror::Error)]
pub enum AssumeRoleError {
    /// The caller's credentials do not count.
    #[error(transparent)]
    Authentication(#[from] AuthenticationError),
    /// The policies do not allow it.
    #[error("{}", .0.message())]
    Denied(Box<Explanation>),
    /// The root user may not assume roles.
    #[error("roles may not be assumed by root accounts")]
    Root,
    /// A person's access key opens one session, its own: another would outlive the key.
    #[error("a person's access key assumes no role")]
    PersonKey,
    /// The request is not one that could be granted to anybody.
    #[error("{why}")]
    Invalid {
        /// In plain words.
        why: String,
    },
    /// The session policy is not a valid document.
    #[error("the session policy is malformed: {0}")]
    MalformedPolicy(#[source] PolicyError),
    /// Session policies and tags are too large.
    #[error("session policies may have {max} characters, these have {found}")]
    PackedPolicyTooLarge {
        /// The limit, in characters.
        max: usize,
        /// What was found.
        found: usize,
    },
}

impl AssumeRoleError {
    /// AWS's code for this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Authentication(AuthenticationError::ExpiredToken) => "ExpiredTokenException",
            Self::Authentication(
                AuthenticationError::InvalidAccessKeyId
                | AuthenticationError::InvalidToken
                | AuthenticationError::Revoked
                | AuthenticationError::KeyRefused(_),
            ) => "InvalidClientTokenId",
            Self::Authentication(AuthenticationError::Unavailable) => "ServiceUnavailable",
            Self::Authentication(AuthenticationError::UnreadablePolicy)
            | Self::Denied(_)
            | Self::Root
            | Self::PersonKey => "AccessDenied",
            Self::Invalid { .. } => "ValidationError",
            Self::MalformedPolicy(_) => "MalformedPolicyDocument",
            Self::PackedPolicyTooLarge { .. } => "PackedPolicyTooLarge",
        }
    }
}

pub(crate) fn invalid(why: impl Into<String>) -> AssumeRoleError {
    AssumeRoleError::Invalid { why: why.into() }
}

/// What will be true of the session, if it is allowed.
struct Proposal {
    seconds: u32,
    tags: BTreeMap<String, String>,
    transitive: Vec<String>,
    source_identity: Option<SourceIdentity>,
    policy_chars: usize,
}

impl Authority {
    /// Opens a session of a role. `context` holds the keys of the request; those of the principal
    /// and of STS are filled in here.
    pub fn assume_role(
        &self,
        caller: &Principal,
        ask: &AssumeRole,
        context: &Context,
    ) -> Result<AssumedRole, AssumeRoleError> {
        let (role, proposal) = self.judge(caller, ask, context)?;
        let mut claims = self.claims(&role, &ask.session_name, proposal.seconds);
        claims.tg = proposal.tags;
        claims.tt = proposal.transitive;
        claims.si = proposal.source_identity.as_ref().map(|s| s.as_str().to_owned());
        claims.po.clone_from(&ask.policy);
        claims.pa.clone_from(&ask.policy_arns);
        // What a machine opens ends with the machine.
        claims.mi = caller.machine_arn().map(|arn| arn.as_str().to_owned());
        let credentials = self.issue(&claims).ok_or_else(|| invalid("the session is too large"))?;
        let place = &self.place;
        Ok(AssumedRole {
            credentials,
            arn: Arn::assumed_role(&place.partition, &place.account, &role.name, &ask.session_name),
            assumed_role_id: format!("{}:{}", role.role_id, ask.session_name),
            source_identity: proposal.source_identity,
            packed_policy_size: packed(proposal.policy_chars),
        })
    }

    /// Whether [`Authority::assume_role`] would open a session.
    pub fn judge_assume_role(
        &self,
        caller: &Principal,
        ask: &AssumeRole,
        context: &Context,
    ) -> Result<(), AssumeRoleError> {
        self.judge(caller, ask, context).map(|_| ())
    }

    fn judge(
        &self,
        caller: &Principal,
        ask: &AssumeRole,
        context: &Context,
    ) -> Result<(Arc<CompiledRole>, Proposal), AssumeRoleError> {
        let standing = self.standing(caller)?;
        let parent = match caller.kind() {
            _ if caller.is_root() => return Err(AssumeRoleError::Root),
            Kind::Federated(_) => return Err(invalid("a role is assumed with the token")),
            Kind::Anonymous | Kind::Root | Kind::User(_) | Kind::OwnSession(_) => None,
            Kind::Session(session) if session.key.is_some() => {
                return Err(AssumeRoleError::PersonKey);
            }
            Kind::Session(session) => Some(&**session),
        };
        let state = self.state();
        let role = names_role_of(&self.place, &ask.role_arn)
            .then(|| state.role_by_arn(&ask.role_arn))
            .flatten();
        let tags = checked_tags(ask)?;
        let mut full = context.clone();
        standing.context(caller, &mut full);
        sts_keys(ask, &mut full);
        let source_identity = match parent.and_then(|p| p.source_identity.as_ref()) {
            Some(known) => Some(known.clone()),
            None => ask.source_identity.clone(),
        };
        if let Some(source) = &source_identity {
            full.set("sts:SourceIdentity", source.as_str());
        }
        let tagging = (!tags.is_empty()).then_some("sts:TagSession");
        let naming = source_identity.as_ref().map(|_| "sts:SetSourceIdentity");
        for action in ["sts:AssumeRole"].into_iter().chain(tagging).chain(naming) {
            self.judge_action(caller, &standing, role, (action, &ask.role_arn, &full))?;
        }
        // Only the trusted learn more than that they are not.
        let role = role.ok_or_else(|| invalid("there is no such role"))?;
        let (tags, transitive) = inherited(tags, ask, parent)?;
        if parent.is_some_and(|p| p.source_identity.is_some())
            && ask.source_identity.is_some()
            && ask.source_identity != source_identity
        {
            return Err(invalid("the source identity of a chain of sessions cannot be changed"));
        }
        let proposal = Proposal {
            seconds: duration(ask, role, parent)?,
            tags,
            transitive,
            source_identity,
            policy_chars: checked_policies(ask.policy.as_deref(), &ask.policy_arns, |arn| {
                state.session_policy(arn).is_some()
            })?,
        };
        Ok((Arc::clone(role), proposal))
    }

    /// One action by the caller's own policies and the role's trust policy. A role that does not
    /// exist trusts nobody.
    fn judge_action(
        &self,
        caller: &Principal,
        standing: &Standing,
        role: Option<&Arc<CompiledRole>>,
        (action, resource, context): (&str, &Arn, &Context),
    ) -> Result<(), AssumeRoleError> {
        let trust = role.and_then(|role| role.trust.as_ref());
        let parsed = Action::parse(action).map_err(|e| invalid(e.to_string()))?;
        let nothing = PolicySet { identity: &[], ..standing.policies(None) };
        let policies = if trust.is_some() { standing.policies(trust) } else { nothing };
        let request = Request {
            subject: caller.subject(),
            action: &parsed,
            resource,
            resource_account: &self.place.account,
            context,
        };
        let decision = evaluate(&policies, &request);
        if trust.is_some() && decision.allowed() {
            return Ok(());
        }
        Err(AssumeRoleError::Denied(Box::new(decision.explanation())))
    }
}

fn sts_keys(ask: &AssumeRole, context: &mut Context) {
    context.set("sts:RoleSessionName", ask.session_name.as_str());
    if let Some(id) = &ask.external_id {
        context.set("sts:ExternalId", id.as_str());
    }
    if let Some(seconds) = ask.duration_s {
        context.set("sts:DurationSeconds", seconds.to_string());
    }
    for (key, value) in &ask.tags {
        context.set(&format!("aws:RequestTag/{key}"), value.as_str());
    }
    if !ask.tags.is_empty() {
        let keys = ask.tags.iter().map(|(key, _)| key.clone()).collect();
        context.set("aws:TagKeys", ContextValue::Many(keys));
    }
    if !ask.transitive_tag_keys.is_empty() {
        let keys = ContextValue::Many(ask.transitive_tag_keys.clone());
        context.set("sts:TransitiveTagKeys", keys);
    }
}

/// The session's tags, when they are such that STS accepts them.
fn checked_tags(ask: &AssumeRole) -> Result<BTreeMap<String, String>, AssumeRoleError> {
    if ask.tags.len() > TAGS_MAX {
        return Err(invalid(format!("a session may have {TAGS_MAX} tags")));
    }
    let mut folded = std::collections::BTreeSet::new();
    for (key, value) in &ask.tags {
        check_tag(key, value)?;
        if !folded.insert(key.to_lowercase()) {
            return Err(invalid(format!("the tag key `{key}` is given twice")));
        }
    }
    for key in &ask.transitive_tag_keys {
        if !folded.contains(&key.to_lowercase()) {
            return Err(invalid(format!("the transitive tag key `{key}` is not among the tags")));
        }
    }
    Ok(ask.tags.iter().cloned().collect())
}

fn check_tag(key: &str, value: &str) -> Result<(), AssumeRoleError> {
    let allowed = |c: char| c.is_alphanumeric() || c == ' ' || "_.:/=+-@".contains(c);
    let key_ok = (1..=TAG_KEY_CHARS_MAX).contains(&key.chars().count())
        && key.chars().all(allowed)
        && !key.to_ascii_lowercase().starts_with("aws:");
    if !key_ok {
        return Err(invalid(format!("`{key}` is not a valid tag key")));
    }
    if value.chars().count() > TAG_VALUE_CHARS_MAX || !value.chars().all(allowed) {
        return Err(invalid(format!("the tag `{key}` has a value that is not valid")));
    }
    // The tag stands in key prefixes: nothing but a person's immutable id may.
    if key.eq_ignore_ascii_case("uid") && Uid::parse(value).is_err() {
        return Err(invalid("the tag `uid` must be a ULID in 26 lower-case characters"));
    }
    Ok(())
}

/// Adds what the caller's session hands on. It cannot be overridden.
fn inherited(
    mut tags: BTreeMap<String, String>,
    ask: &AssumeRole,
    parent: Option<&Session>,
) -> Result<(BTreeMap<String, String>, Vec<String>), AssumeRoleError> {
    let mut transitive = ask.transitive_tag_keys.clone();
    for key in parent.iter().flat_map(|p| &p.transitive) {
        if tags.keys().any(|k| k.to_lowercase() == key.to_lowercase()) {
            return Err(invalid(format!("the tag `{key}` is handed on and cannot be overridden")));
        }
        if let Some(value) = parent.and_then(|p| p.tag(key)) {
            tags.insert(key.clone(), value.to_owned());
            transitive.push(key.clone());
        }
    }
    Ok((tags, transitive))
}

fn duration(
    ask: &AssumeRole,
    role: &CompiledRole,
    parent: Option<&Session>,
) -> Result<u32, AssumeRoleError> {
    let seconds = seconds_of(ask.duration_s, role)?;
    if parent.is_some() && seconds > CHAINED_S_MAX {
        let why = format!("sessions opened by a role session last at most {CHAINED_S_MAX} seconds");
        return Err(invalid(why));
    }
    Ok(seconds)
}

/// How long a session of a role lasts, if one so long may be.
pub(crate) fn seconds_of(asked: Option<u32>, role: &CompiledRole) -> Result<u32, AssumeRoleError> {
    let seconds = asked.unwrap_or(DURATION_S_DEFAULT);
    if seconds < DURATION_S_MIN {
        return Err(invalid(format!("a session lasts at least {DURATION_S_MIN} seconds")));
    }
    if seconds > role.max_session_s {
        let max = role.max_session_s;
        return Err(invalid(format!("sessions of this role last at most {max} seconds")));
    }
    Ok(seconds)
}

/// How many characters the session policies take, when they are such that STS accepts them.
pub(crate) fn checked_policies(
    policy: Option<&str>,
    policy_arns: &[String],
    exists: impl Fn(&str) -> bool,
) -> Result<usize, AssumeRoleError> {
    if policy_arns.len() > POLICY_ARNS_MAX {
        return Err(invalid(format!("a session may have {POLICY_ARNS_MAX} managed policies")));
    }
    if let Some(missing) = policy_arns.iter().find(|arn| !exists(arn)) {
        return Err(invalid(format!("the policy `{missing}` does not exist")));
    }
    let inline = policy.unwrap_or_default();
    let found =
        inline.chars().count() + policy_arns.iter().map(|arn| arn.chars().count()).sum::<usize>();
    if found > SESSION_POLICY_CHARS_MAX {
        return Err(AssumeRoleError::PackedPolicyTooLarge { max: SESSION_POLICY_CHARS_MAX, found });
    }
    if let Some(text) = policy {
        inline_policy(text).map_err(AssumeRoleError::MalformedPolicy)?;
    }
    Ok(found)
}

pub(crate) fn packed(chars: usize) -> Option<u32> {
    let percent = (chars * 100).div_ceil(SESSION_POLICY_CHARS_MAX);
    u32::try_from(percent).ok().filter(|p| *p > 0)
}
