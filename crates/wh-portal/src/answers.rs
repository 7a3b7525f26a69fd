//! The problems that each kind of route answers with, as the API's description says it.

use std::collections::BTreeMap;

use utoipa::IntoResponses;
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder};

type Responses = BTreeMap<String, RefOr<Response>>;

const PUBLIC: [(&str, &str); 9] = [
    ("400", "The body, a parameter or a name is not what it should be."),
    ("403", "Turned away: a cross-site request, or not open."),
    ("404", "There is no such thing."),
    ("409", "It conflicts with what is there."),
    ("413", "The body is too large."),
    ("415", "The body is not JSON."),
    ("429", "Too many attempts; `Retry-After` says when to come again."),
    ("500", "Something went wrong here."),
    ("503", "Too busy, or not ready."),
];

const SIGNED_OUT: (&str, &str) = ("401", "Nobody is signed in, or the password is wrong.");
const REFUSED: (&str, &str) =
    ("403", "Refused; `explanation` says by which statement of which policy.");
const STORE_FAILED: (&str, &str) = ("502", "The store did not do it.");

fn responses(lines: &[(&str, &str)]) -> Responses {
    let problem = || {
        let schema = RefOr::Ref(Ref::from_schema_name("Problem"));
        ContentBuilder::new().schema(Some(schema)).build()
    };
    let response = |text: &str| {
        let response = ResponseBuilder::new().description(text);
        RefOr::T(response.content("application/problem+json", problem()).build())
    };
    lines.iter().map(|(status, text)| ((*status).to_owned(), response(text))).collect()
}

/// What anybody may be told.
pub(crate) struct PublicProblems;

impl IntoResponses for PublicProblems {
    fn responses() -> Responses {
        let mut all = responses(&PUBLIC);
        all.extend(responses(&[SIGNED_OUT]));
        all
    }
}

/// What a person may be told besides.
pub(crate) struct PersonProblems;

impl IntoResponses for PersonProblems {
    fn responses() -> Responses {
        let mut all = PublicProblems::responses();
        all.extend(responses(&[REFUSED]));
        all
    }
}

/// What a person may be told where the store is asked.
pub(crate) struct StoreProblems;

impl IntoResponses for StoreProblems {
    fn responses() -> Responses {
        let mut all = PersonProblems::responses();
        all.extend(responses(&[STORE_FAILED]));
        all
    }
}

/// What is told where only administrators may go.
pub(crate) struct AdministratorProblems;

impl IntoResponses for AdministratorProblems {
    fn responses() -> Responses {
        PersonProblems::responses()
    }
}
