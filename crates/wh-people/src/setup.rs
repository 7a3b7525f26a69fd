//! Set-up: the first administrator, by a token that is spent once. There are no default passwords.

use jiff::{SignedDuration, Timestamp};
use wh_ledger::{Factors, FirstPerson, LedgerError, ProofKind, SetupOutcome};
use wh_names::Secret;

use crate::form::CheckedForm;
use crate::provision::{Way, admission};
use crate::second_factor::Standing;
use crate::{FieldError, Peer, People, Person, RegistrationMode, Settings, SignedIn};

/// How long a set-up token may be spent.
const TOKEN_AGE_MAX: SignedDuration = SignedDuration::from_hours(24);

/// What the first administrator says.
#[derive(Debug)]
pub struct SetupForm {
    /// The token that [`People::issue_setup_token`] gave.
    pub token: Secret,
    /// The name, as typed.
    pub name: String,
    /// A mail address, if they care to give one.
    pub email: Option<String>,
    /// The password.
    pub password: Secret,
    /// Who may register from now on.
    pub registration: RegistrationMode,
    /// Whether every new person gets a home.
    pub homes: bool,
}

/// Why set-up was not completed.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The token is not the one, was spent, or has expired.
    #[error("the set-up token is not valid")]
    TokenRefused,
    /// There is an administrator already.
    #[error("set-up has been completed already")]
    AlreadyDone,
    /// A field is not as it must be. The token is not spent.
    #[error(transparent)]
    Field(#[from] FieldError),
    /// Too many passwords are being hashed at this moment. The token is not spent.
    #[error("too many are registering or signing in at this moment")]
    Busy,
    /// The ledger failed.
    #[error("the ledger did not do it")]
    Ledger(#[from] LedgerError),
}

impl SetupError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TokenRefused => "setup-token-refused",
            Self::AlreadyDone => "setup-already-done",
            Self::Field(error) => error.code(),
            Self::Busy => "busy",
            Self::Ledger(error) => error.code(),
        }
    }

    /// The field at fault, if one is.
    pub fn field(&self) -> Option<&'static str> {
        match self {
            Self::TokenRefused => Some("token"),
            Self::Field(error) => Some(error.field()),
            Self::AlreadyDone | Self::Busy | Self::Ledger(_) => None,
        }
    }
}

impl People {
    /// Whether nobody active is administrator.
    pub async fn setup_needed(&self) -> Result<bool, LedgerError> {
        Ok(self.ledger().holders(self.administration()).await?.is_empty())
    }

    /// A new set-up token, good for 24 hours and one use. Earlier ones are void.
    pub async fn issue_setup_token(&self) -> Result<Secret, LedgerError> {
        let token = Secret::random(self.entropy());
        let expires_at = self.now().checked_add(TOKEN_AGE_MAX).unwrap_or(Timestamp::MAX);
        self.ledger().replace_setup_token(&token.digest(), expires_at).await?;
        Ok(token)
    }

    /// Makes the first administrator and signs them in.
    pub async fn complete_setup(
        &self,
        form: SetupForm,
        peer: &Peer,
    ) -> Result<SignedIn, SetupError> {
        let digest = form.token.digest();
        // A glance before the costly hash; the token is spent below, in one transaction.
        if !self.ledger().setup_token_stands(&digest, self.now()).await? {
            return Err(SetupError::TokenRefused);
        }
        let (registration, homes) = (form.registration, form.homes);
        let settings = Settings { registration, homes, domains: Vec::new(), mail_check: false };
        let (name, email) = (&form.name, form.email.as_deref());
        let form = CheckedForm::check(self, (name, email), form.password)?;
        self.check_breaches(&form.password).await?;
        let hash = self.hasher().hash(&form.password).await.map_err(|_| SetupError::Busy)?;
        let now = self.now();
        let admitted = admission(&settings, &Way::SetUp, self.mailing());
        let admitted = admitted.map_err(|_| SetupError::AlreadyDone)?;
        let email = form.email.clone();
        let new = self.provision(form.identity(hash), admitted, &settings, now);
        let row = new.person;
        let proof = (now, ProofKind::Password);
        let (token, session) = self.draw_session(&row.uid, peer, proof);
        let (administrator, factors, rule) = (true, Factors::default(), self.rule());
        let standing = Standing { administrator, factors, rule, now };
        let mut grants = vec![self.administrator_grant(&row.uid, now)];
        grants.extend(new.grants);
        let rows = settings.rows();
        let rows: Vec<(&str, &str)> = rows.iter().map(|(name, it)| (*name, it.as_str())).collect();
        let first = FirstPerson {
            person: &row,
            grants: &grants,
            session: &session,
            settings: &rows,
            holding: self.administration(),
        };
        match self.ledger().spend_setup_token(&digest, now, first).await {
            Ok(SetupOutcome::Done) => {
                self.begin_check(&row.uid, email.as_ref()).await;
                Ok(SignedIn { token, person: Person::mint(&row, &session, standing) })
            }
            Ok(SetupOutcome::TokenRefused) => Err(SetupError::TokenRefused),
            Ok(SetupOutcome::AlreadyDone) => Err(SetupError::AlreadyDone),
            Err(LedgerError::Conflict { what: "person" }) => Err(FieldError::NameTaken.into()),
            Err(error) => Err(error.into()),
        }
    }
}
