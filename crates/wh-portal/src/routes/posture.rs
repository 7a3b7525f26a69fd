//! How the house stands: what was found last, and looking now.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::Timestamp;
use wh_people::Administrator;
use wh_provision::posture::{Area, Judged, JudgedEvidence, Judgement, Said, Words};

use crate::answers::AdministratorProblems;
use crate::extract::Params;
use crate::problem::{Code, Problem};
use crate::state::Portal;
use crate::wire::{
    PostureAcceptedBody, PostureAreaBody, PostureBody, PostureCheckBody, PostureEvidenceBody,
    PostureFixBody, PostureLanguage, PostureQuery, PostureStandardBody, PostureStateBody,
};

/// What was found when the house was last looked at.
#[utoipa::path(get, path = "/api/v1/posture", tag = "posture",
    security(("session" = ["administrator"])),
    params(PostureQuery),
    responses((status = 200, body = PostureBody), AdministratorProblems))]
pub(crate) async fn show(
    State(portal): State<Portal>,
    _administrator: Administrator,
    Params(query): Params<PostureQuery>,
) -> Result<Json<PostureBody>, Problem> {
    Ok(Json(told(&portal, query.language).await?))
}

/// Looks at the house now, and tells what was found. One look at a time.
#[utoipa::path(post, path = "/api/v1/posture/checks", tag = "posture",
    security(("session" = ["administrator"])),
    params(PostureQuery),
    responses((status = 200, body = PostureBody), AdministratorProblems))]
pub(crate) async fn check(
    State(portal): State<Portal>,
    _administrator: Administrator,
    Params(query): Params<PostureQuery>,
) -> Result<Json<PostureBody>, Problem> {
    if !portal.posture().check().await.map_err(failed)? {
        let why = "the house is being looked at already; what is found is shown in a moment";
        return Err(Problem::coded(StatusCode::CONFLICT, "posture-under-way", why));
    }
    Ok(Json(told(&portal, query.language).await?))
}

fn failed(error: String) -> Problem {
    tracing::error!(error, "how the house stands is not known");
    Problem::new(Code::Internal, "something went wrong here; it was logged under the request's id")
}

async fn told(portal: &Portal, language: PostureLanguage) -> Result<PostureBody, Problem> {
    let last = portal.posture().last().await.map_err(failed)?;
    let every_minutes = portal.posture().every_minutes();
    let Some(last) = last else {
        return Ok(PostureBody { checked_at: None, every_minutes, checks: Vec::new() });
    };
    Ok(PostureBody {
        checked_at: Some(last.checked_at.to_string()),
        every_minutes,
        checks: last.judged.into_iter().map(|one| judged(one, language)).collect(),
    })
}

fn judged(one: Judged, language: PostureLanguage) -> PostureCheckBody {
    let check = one.check;
    let evidence = one.evidence.into_iter().map(|one| evidence(one, language));
    let standards = check.standards.iter().map(|standard| PostureStandardBody {
        id: standard.id.to_owned(),
        likewise: standard.likewise,
    });
    PostureCheckBody {
        id: check.id.to_owned(),
        area: match check.area {
            Area::Bucket => PostureAreaBody::Bucket,
            Area::Roles => PostureAreaBody::Roles,
            Area::People => PostureAreaBody::People,
            Area::House => PostureAreaBody::House,
        },
        state: match one.judgement {
            Judgement::Holds => PostureStateBody::Holds,
            Judgement::Fails => PostureStateBody::Fails,
            Judgement::Accepted => PostureStateBody::Accepted,
            Judgement::Unknown => PostureStateBody::Unknown,
            Judgement::NotHere => PostureStateBody::NotHere,
        },
        title: words(check.title, language),
        means: words(check.means, language),
        why: one.found.why.map(|why| said(why, language).0),
        standards: standards.collect(),
        evidence: evidence.collect(),
        fix: PostureFixBody {
            words: words(check.fix.words, language),
            page: check.fix.page.map(str::to_owned),
            command: check.fix.command.map(str::to_owned),
        },
        checked_at: time(one.found.at),
    }
}

fn evidence(one: JudgedEvidence, language: PostureLanguage) -> PostureEvidenceBody {
    let JudgedEvidence { evidence, accepted } = one;
    let page = evidence.page();
    let (said, in_english) = said(evidence.said, language);
    PostureEvidenceBody {
        thing: evidence.thing,
        name: evidence.name,
        said,
        in_english,
        page,
        accepted: accepted.map(|accepted| PostureAcceptedBody {
            reason: accepted.reason,
            until: time(accepted.until).unwrap_or_default(),
            over: accepted.over,
        }),
    }
}

fn words(words: Words, language: PostureLanguage) -> String {
    match language {
        PostureLanguage::En => words.en.to_owned(),
        PostureLanguage::De => words.de.to_owned(),
    }
}

/// What was said, in the language that was asked for where it was said in that; and whether it was not.
fn said(said: Said, language: PostureLanguage) -> (String, bool) {
    match (language, said.de) {
        (PostureLanguage::De, Some(german)) => (german, false),
        (PostureLanguage::De, None) => (said.en, true),
        (PostureLanguage::En, _) => (said.en, false),
    }
}

fn time(millis: i64) -> Option<String> {
    Timestamp::from_millisecond(millis).ok().map(|at| at.to_string())
}
