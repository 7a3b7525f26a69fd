//! `wellhouse login`, `credentials`, `whoami`, `job`, `trash`, `past`, `versions`, `search`, `activity`,
//! `watch`, `usage`, `quota mine`, `share`, `collect`, `logout`: a person at their own machine, by an API token that they made in the portal.

mod activity;
mod collect;
mod jobs;
mod keep;
mod past;
mod portal;
mod quotas;
mod search;
mod share;
mod trash;
mod usage;
mod versions;
mod watch;

use std::io::{BufRead, IsTerminal, Write};
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use nix::sys::termios::{LocalFlags, SetArg, Termios, tcgetattr, tcsetattr};
use serde::Deserialize;
use serde_json::json;
use wh_names::Secret;
use wh_people::{API_TOKEN_PREFIX, ApiToken};

use crate::store::Output;
use crate::{Ended, address, say, secret_file};
pub(crate) use activity::{Activity, activity};
pub(crate) use collect::{Collect, collect};
pub(crate) use jobs::{Job, job};
use keep::{Kept, Place};
pub(crate) use past::{Past, past};
use portal::{Location, Portal};
pub(crate) use quotas::{OwnQuotas, own_quotas};
pub(crate) use search::{Search, search};
pub(crate) use share::{Share, share};
pub(crate) use trash::{Trash, trash};
pub(crate) use usage::{Usage, usage};
pub(crate) use versions::{Versions, versions};
pub(crate) use watch::{Watch, watch};

/// Keep an API token of the portal for `credentials`, `whoami`, `job`, `trash`, `past`, `versions`, `search`, `activity`, `watch`, `usage`, `quota mine`, `share` and `collect`
///
/// Make the token on the portal's page "API tokens". It is asked for, or read from standard input or a
/// file, and never given on the command line, where others see it.
#[derive(clap::Args)]
pub(crate) struct Login {
    /// The portal's address: https, or http on this machine
    #[arg(value_name = "URL")]
    portal: String,
    /// A file of mode 0600 that holds the token; without it, it is asked for
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    #[command(flatten)]
    place: Place,
}

/// Forget the token that `login` keeps
///
/// The token itself goes on until it is revoked on the portal's page "API tokens", or expires.
#[derive(clap::Args)]
pub(crate) struct Logout {
    #[command(flatten)]
    place: Place,
}

/// Show whose token is kept, until when it counts, and what it opens
#[derive(clap::Args)]
pub(crate) struct Whoami {
    /// How the answer is printed
    #[arg(long, value_enum, default_value = "text")]
    output: Output,
    #[command(flatten)]
    place: Place,
}

/// Print temporary credentials for a location, as `credential_process` of AWS's tools reads them
///
/// In ~/.aws/config: `credential_process = wellhouse credentials home/`, with `endpoint_url` and
/// `region` beside it. docs/api-tokens.md shows it.
#[derive(clap::Args)]
pub(crate) struct Credentials {
    /// The location: its id, its bucket and prefix, its prefix, or its title
    location: String,
    #[command(flatten)]
    place: Place,
}

/// Who asks, as the portal knows them.
#[derive(Deserialize)]
struct Session {
    person: Person,
    expires: String,
    token: Token,
}

#[derive(Deserialize)]
struct Person {
    uid: String,
    name: String,
}

#[derive(Deserialize)]
struct Token {
    id: String,
    name: String,
    actions: Vec<String>,
}

pub(crate) async fn login(login: Login) -> Result<Ended> {
    address::check("URL", &login.portal)?;
    let token = match &login.token_file {
        Some(path) => secret_file::read("--token-file", path)?,
        None => asked_for()?,
    };
    if ApiToken::parse(token.expose()).is_err() {
        bail!("that is no API token: it begins with {API_TOKEN_PREFIX} and has 71 characters");
    }
    let portal = login.portal.trim_end_matches('/').to_owned();
    let kept = Kept { portal, token };
    let session: Session = Portal::of(&kept).get("session").await?;
    kept.write(&login.place.path()?)?;
    say(&format!(
        "You are {} at {} by the token `{}` until {}.",
        session.person.name, kept.portal, session.token.name, session.expires
    ));
    Ok(Ended::Done)
}

pub(crate) fn logout(logout: &Logout) -> Result<Ended> {
    if Kept::forget(&logout.place.path()?)? {
        say("The token is forgotten here. Revoke it in the portal if nobody needs it any more.");
    } else {
        say("No token was kept.");
    }
    Ok(Ended::Done)
}

pub(crate) async fn whoami(whoami: Whoami) -> Result<Ended> {
    let kept = Kept::read(&whoami.place.path()?)?;
    let portal = Portal::of(&kept);
    let session: Session = portal.get("session").await?;
    let locations = portal.locations().await?;
    let Session { person, expires, token } = session;
    if whoami.output == Output::Json {
        let told = json!({
            "portal": kept.portal,
            "person": { "uid": person.uid, "name": person.name },
            "token": { "id": token.id, "name": token.name, "actions": token.actions },
            "expires": expires,
            "locations": locations,
        });
        say(&told.to_string());
        return Ok(Ended::Done);
    }
    say(&format!("{} ({}) at {}", person.name, person.uid, kept.portal));
    say(&format!("by the token `{}`: {} until {expires}", token.name, token.actions.join(", ")));
    for Location { title, bucket, prefix, role, .. } in &locations {
        say(&format!("  {title}: {bucket}/{prefix} as {role}"));
    }
    if locations.is_empty() {
        say("No location that the token was made for is granted any more.");
    }
    Ok(Ended::Done)
}

pub(crate) async fn credentials(asked: Credentials) -> Result<Ended> {
    let kept = Kept::read(&asked.place.path()?)?;
    let portal = Portal::of(&kept);
    let locations = portal.locations().await?;
    let location = the_one(&locations, &asked.location)?;
    let given = portal.credentials(&location.id).await?;
    // Source: AWS SDKs and Tools Reference Guide, "Process credential provider".
    say(&json!({
        "Version": 1,
        "AccessKeyId": given.access_key_id,
        "SecretAccessKey": given.secret_access_key,
        "SessionToken": given.session_token,
        "Expiration": given.expiration,
    })
    .to_string());
    Ok(Ended::Done)
}

/// The one location that is meant by a word.
fn the_one<'a>(locations: &'a [Location], word: &str) -> Result<&'a Location> {
    let by_name = |location: &&Location| location.is_called(word);
    let mut found = locations.iter().filter(by_name);
    match (found.next(), found.next()) {
        (Some(one), None) => Ok(one),
        (Some(_), Some(_)) => {
            bail!("several locations are called `{word}`: give an id of `whoami --output json`")
        }
        (None, _) => {
            let known = locations.iter().map(|location| format!("`{}`", location.title));
            let known = known.collect::<Vec<_>>().join(", ");
            bail!("the token opens no location `{word}`; it opens: {known}")
        }
    }
}

/// The token, from whoever sits at the terminal, or from standard input.
fn asked_for() -> Result<Secret> {
    let input = std::io::stdin();
    let unseen = input.is_terminal().then(Unseen::begin).transpose()?;
    let mut line = String::new();
    let read = input.lock().read_line(&mut line).context("the token cannot be read");
    drop(unseen);
    read?;
    Secret::parse(line.trim()).context("the token")
}

/// What is typed is not shown, until this is dropped. A terminal that cannot hide it shows it to whoever
/// typed it, and to nobody else.
struct Unseen(Option<Termios>);

impl Unseen {
    fn begin() -> Result<Self> {
        let mut out = std::io::stderr().lock();
        write!(out, "API token: ")?;
        out.flush()?;
        let input = std::io::stdin();
        let before = tcgetattr(&input).ok();
        if let Some(mut hidden) = before.clone() {
            hidden.local_flags.remove(LocalFlags::ECHO);
            let _shown = tcsetattr(&input, SetArg::TCSANOW, &hidden);
        }
        Ok(Self(before))
    }
}

impl Drop for Unseen {
    fn drop(&mut self) {
        if let Some(before) = &self.0 {
            let _hidden = tcsetattr(std::io::stdin(), SetArg::TCSANOW, before);
        }
        let _written = writeln!(std::io::stderr());
    }
}

#[cfg(test)]
mod tests {
    use super::portal::Location;
    use super::the_one;

    fn location(id: &str, title: &str, prefix: &str) -> Location {
        let text = str::to_owned;
        Location {
            id: text(id),
            title: text(title),
            bucket: text("files"),
            prefix: text(prefix),
            role: text("S3AccessRole"),
        }
    }

    #[test]
    fn a_location_is_found_by_what_is_its_alone() {
        let all = [location("1", "Home", "home/u/"), location("2", "Team", "team/")];
        for (word, expected) in [
            ("1", Some("1")),
            ("home", Some("1")),
            ("team/", Some("2")),
            ("files/team/", Some("2")),
            ("files/", None),
            ("other", None),
        ] {
            let found = the_one(&all, word).ok().map(|location| location.id.as_str());
            assert_eq!(found, expected, "{word}");
        }
        let twice = [location("1", "Team", "a/"), location("2", "Team", "b/")];
        let error = the_one(&twice, "Team").expect_err("two").to_string();
        assert!(error.contains("several locations"), "{error}");
    }
}
