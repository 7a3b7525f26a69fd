//! The simulator: how a request would be decided, whoever makes it and however. Nothing is changed, and
//! nothing is asked of the store.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use wh_files::{Asker, Simulated, SimulatedPolicy, SimulatedRequest};
use wh_names::{Action, BucketName, RoleName};
use wh_people::{Administrator, HeldGrant, PersonStatus};
use wh_policy::{Context, Effect, Language, Says};

use crate::answers::AdministratorProblems;
use crate::extract::{JsonBody, group_id, uid};
use crate::problem::Problem;
use crate::render;
use crate::state::Portal;
use crate::wire::{
    SimulatedChainBody, SimulatedPolicyBody, SimulatedSaysBody, SimulatedStatementBody,
    SimulationBody, SimulationFormBody, SimulationLanguage, SimulatorBody, WantingBody,
};

/// How many condition keys a request may be given, and how many values each.
const CONTEXT_KEYS_MAX: usize = 40;

/// How a request would be decided, and by which statement of which policy.
#[utoipa::path(post, path = "/api/v1/simulations", tag = "roles",
    security(("session" = ["administrator"])),
    request_body = SimulationFormBody,
    responses((status = 200, body = SimulationBody), AdministratorProblems))]
pub(crate) async fn decide(
    State(portal): State<Portal>,
    administrator: Administrator,
    JsonBody(form): JsonBody<SimulationFormBody>,
) -> Result<Json<SimulationBody>, Problem> {
    let asked = Asked {
        portal: &portal,
        request: request(&portal, &form)?,
        language: match form.language {
            SimulationLanguage::En => Language::English,
            SimulationLanguage::De => Language::German,
        },
    };
    match form.who {
        SimulatorBody::Person { uid: person, group } => {
            let (person, group) = (uid(&person)?, group.as_deref().map(group_id).transpose()?);
            let people = portal.people();
            let (status, held) = people.would_hold(&administrator, &person, group.as_ref()).await?;
            let reaches = |held: &HeldGrant| asked.is_reached_by(held);
            let (reaching, elsewhere): (Vec<_>, Vec<_>) = held.into_iter().partition(reaches);
            let chains = reaching.into_iter().map(|held| {
                let chain = asked.decided(Asker::Grant(&person, &held.grant))?;
                Ok(SimulatedChainBody { location: Some(render::effective_location(held)), ..chain })
            });
            let chains: Vec<_> = chains.collect::<Result<_, Problem>>()?;
            let is_active = matches!(status, PersonStatus::Active);
            Ok(Json(SimulationBody {
                allowed: is_active && chains.iter().any(|chain| chain.allowed),
                status: Some(render::person_status(status)),
                chains,
                elsewhere: elsewhere.into_iter().map(render::effective_location).collect(),
            }))
        }
        SimulatorBody::Role { role } => {
            let refused = |_| invalid("role-invalid", "who", "it is not the name of a role");
            let role = RoleName::parse(&role).map_err(refused)?;
            Ok(Json(alone(asked.decided(Asker::Role(&role))?)))
        }
        SimulatorBody::Stranger {} => Ok(Json(alone(asked.decided(Asker::Stranger)?))),
    }
}

/// A question, but for who asks.
struct Asked<'a> {
    portal: &'a Portal,
    request: SimulatedRequest,
    language: Language,
}

impl Asked<'_> {
    /// Whether a grant is of the place that is asked about, or of a part of it: what lies elsewhere says
    /// nothing that anybody would want to read.
    fn is_reached_by(&self, held: &HeldGrant) -> bool {
        let (prefix, key) = (held.grant.prefix.as_str(), self.request.key.as_str());
        held.grant.bucket == self.request.bucket
            && (key.starts_with(prefix) || prefix.starts_with(key))
    }

    fn decided(&self, asker: Asker<'_>) -> Result<SimulatedChainBody, Problem> {
        let decided = self.portal.files().simulate(asker, &self.request, self.language)?;
        let Simulated { explained, sentence, policies, wanting } = decided;
        let wanting = wanting.into_iter().map(|(key, statement)| WantingBody { key, statement });
        Ok(SimulatedChainBody {
            location: None,
            allowed: explained.allowed(),
            sentence,
            explanation: explained.into(),
            policies: policies.into_iter().map(policy).collect(),
            wanting: wanting.collect(),
        })
    }
}

fn alone(chain: SimulatedChainBody) -> SimulationBody {
    SimulationBody {
        allowed: chain.allowed,
        status: None,
        chains: vec![chain],
        elsewhere: Vec::new(),
    }
}

fn policy(policy: SimulatedPolicy) -> SimulatedPolicyBody {
    let statements = policy.statements.into_iter().map(|one| SimulatedStatementBody {
        label: one.label,
        denies: matches!(one.effect, Effect::Deny),
        applies: one.applies,
        words: one.words,
    });
    SimulatedPolicyBody {
        kind: policy.kind.to_owned(),
        name: policy.name,
        says: match policy.says {
            Says::Denies => SimulatedSaysBody::Denies,
            Says::Allows => SimulatedSaysBody::Allows,
            Says::Nothing => SimulatedSaysBody::Nothing,
            Says::Unreadable => SimulatedSaysBody::Unreadable,
        },
        statements: statements.collect(),
    }
}

fn request(portal: &Portal, form: &SimulationFormBody) -> Result<SimulatedRequest, Problem> {
    let action = Action::parse(&form.action)
        .ok()
        .filter(|action| !action.as_str().contains(['*', '?']))
        .ok_or_else(|| {
            let why = "one action is decided, such as s3:GetObject; for patterns use `wellhouse policy who`";
            invalid("invalid-action", "action", why)
        })?;
    let bucket = match &form.bucket {
        Some(bucket) => BucketName::parse(bucket)
            .map_err(|error| invalid("bucket-invalid", "bucket", error.to_string()))?,
        None => portal.people().bucket().clone(),
    };
    let mut context = Context::new();
    let too_many = |len: usize| len > CONTEXT_KEYS_MAX;
    if too_many(form.context.len()) || form.context.values().any(|values| too_many(values.len())) {
        let why = format!("at most {CONTEXT_KEYS_MAX} condition keys, and as many values of each");
        return Err(invalid("too-much-context", "context", why));
    }
    for (key, values) in &form.context {
        if key.trim().is_empty() || !key.contains(':') {
            let why =
                format!("`{key}` is not a condition key: they are written as aws:SourceIp is");
            return Err(invalid("context-invalid", "context", why));
        }
        match values.as_slice() {
            [value] => context.set(key, value.as_str()),
            values => context.set(key, values.to_vec()),
        }
    }
    Ok(SimulatedRequest { action, bucket, key: form.key.clone(), context })
}

fn invalid(code: &'static str, field: &'static str, why: impl Into<String>) -> Problem {
    Problem::coded(StatusCode::BAD_REQUEST, code, why.into()).at_field(field)
}
