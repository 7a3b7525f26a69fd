//! The letters: plain text that needs nothing else to be understood. None holds a secret but its link.

use std::net::IpAddr;

use jiff::Timestamp;
use wh_ledger::Programs;

use crate::device::Device;

/// A letter without a recipient.
#[derive(Debug)]
pub(crate) struct Letter {
    pub(crate) kind: &'static str,
    pub(crate) subject: &'static str,
    pub(crate) body: String,
    /// From when on it is not worth sending.
    pub(crate) ends_at: Option<Timestamp>,
}

/// Kinds of letters that are counted, and so are named elsewhere.
pub(crate) const CHECK: &str = "mail-check";
pub(crate) const PASSWORD_LINK: &str = "password-link";
pub(crate) const ADDRESS_IN_USE: &str = "address-in-use";

/// What a person is told of.
#[derive(Debug)]
pub(crate) enum Notice<'a> {
    /// They changed the password, and this became of access keys and API tokens.
    PasswordChanged { programs: Programs },
    /// It was set by a link, and these sign in besides.
    PasswordSetByLink { remain: &'a [String] },
    /// An administrator or an operator made a link for them.
    PasswordLinkMade,
    /// One-time codes were set up.
    CodesOn,
    /// One-time codes were removed.
    CodesOff,
    /// There are new recovery codes.
    CodesReplaced,
    /// There is a passkey of this name.
    PasskeyAdded { name: &'a str },
    /// A passkey was removed.
    PasskeyRemoved,
    /// A sign-in of this provider was linked.
    SignInLinked { provider: &'a str },
    /// A linked sign-in was removed.
    SignInUnlinked,
    /// An administrator or an operator removed it.
    SignInUnlinkedFor,
    /// An administrator removed all second factors, and these sign in besides the password.
    FactorsReset { remain: &'a [String] },
    /// The address is to become this one.
    AddressToChange { to: &'a str },
    /// The address is another now, or none.
    AddressChanged,
    /// Somebody signed in by a device that is new.
    NewDevice { device: &'a Device, ip: Option<IpAddr> },
    /// There is an access key of this name.
    KeyMade { name: &'a str },
    /// There is an API token of this name.
    TokenMade { name: &'a str },
    /// A file of theirs is infected, and is held back.
    Infected { file: &'a str, finding: &'a str },
    /// Files arrived by a file request of theirs.
    FilesArrived { title: &'a str, new: u32, all: u32 },
    /// An administrator let them in.
    Approved,
    /// To administrators: somebody waits.
    Waiting { name: &'a str },
}

/// What an invitation says to whoever it goes to.
#[derive(Debug)]
pub(crate) struct Invited<'a> {
    pub(crate) link: &'a str,
    pub(crate) until: Timestamp,
}

impl Notice<'_> {
    fn kind(&self) -> &'static str {
        match self {
            Self::PasswordChanged { .. } | Self::PasswordSetByLink { .. } => "password-changed",
            Self::PasswordLinkMade => "password-link-made",
            Self::CodesOn => "codes-on",
            Self::CodesOff => "codes-off",
            Self::CodesReplaced => "recovery-codes-replaced",
            Self::PasskeyAdded { .. } => "passkey-added",
            Self::PasskeyRemoved => "passkey-removed",
            Self::SignInLinked { .. } => "sign-in-linked",
            Self::SignInUnlinked | Self::SignInUnlinkedFor => "sign-in-unlinked",
            Self::FactorsReset { .. } => "factors-reset",
            Self::AddressToChange { .. } => "address-to-change",
            Self::AddressChanged => "address-changed",
            Self::NewDevice { .. } => "new-device",
            Self::KeyMade { .. } => "key-made",
            Self::TokenMade { .. } => "token-made",
            Self::Infected { .. } => "file-infected",
            Self::FilesArrived { .. } => "files-arrived",
            Self::Approved => "approved",
            Self::Waiting { .. } => "somebody-waits",
        }
    }

    fn subject(&self) -> &'static str {
        match self {
            Self::PasswordChanged { .. } | Self::PasswordSetByLink { .. } => {
                "Your password was changed"
            }
            Self::PasswordLinkMade => "A link to set your password was made",
            Self::CodesOn => "Two-step sign-in was turned on",
            Self::CodesOff => "Codes for two-step sign-in were turned off",
            Self::CodesReplaced => "Your recovery codes were replaced",
            Self::PasskeyAdded { .. } => "A passkey was added",
            Self::PasskeyRemoved => "A passkey was removed",
            Self::SignInLinked { .. } => "A sign-in was linked",
            Self::SignInUnlinked | Self::SignInUnlinkedFor => "A linked sign-in was removed",
            Self::FactorsReset { .. } => "Two-step sign-in was taken away by an administrator",
            Self::AddressToChange { .. } => "Your mail address is to be changed",
            Self::AddressChanged => "Your mail address was changed",
            Self::NewDevice { .. } => "Sign-in by a new device",
            Self::KeyMade { .. } => "An access key was made",
            Self::TokenMade { .. } => "An API token was made",
            Self::Infected { .. } => "A file of yours is held back",
            Self::FilesArrived { .. } => "Files were sent to you",
            Self::Approved => "Your account was approved",
            Self::Waiting { .. } => "Somebody waits for approval",
        }
    }

    /// What happened, in a sentence or two.
    fn told(&self) -> String {
        match self {
            Self::PasswordChanged { programs } => password_changed(*programs),
            Self::PasswordSetByLink { remain } => format!(
                "the password of your account was set by a one-time link. Every session has ended, \
                 and so have access keys and API tokens.{}",
                besides(remain)
            ),
            Self::PasswordLinkMade => {
                "an administrator made a one-time link by which the password \
                 of your account can be set. They give it to you themselves; the second step of \
                 signing in is asked for as ever."
                    .to_owned()
            }
            Self::CodesOn => "one-time codes were set up for your account.".to_owned(),
            Self::CodesOff => "one-time codes were removed from your account.".to_owned(),
            Self::CodesReplaced => {
                "the recovery codes of your account were replaced; the old ones are void."
                    .to_owned()
            }
            Self::PasskeyAdded { name } => {
                format!("a passkey was added to your account: \"{}\".", plain(name))
            }
            Self::PasskeyRemoved => "a passkey was removed from your account.".to_owned(),
            Self::SignInLinked { provider } => format!(
                "an account at \"{}\" was linked to your account: whoever has it can sign in.",
                plain(provider)
            ),
            Self::SignInUnlinked => {
                "a linked sign-in was removed from your account. Every other session has ended."
                    .to_owned()
            }
            Self::SignInUnlinkedFor => {
                "an administrator removed a linked sign-in from your account. Every session has \
                 ended."
                    .to_owned()
            }
            Self::FactorsReset { remain } => format!(
                "an administrator took all second factors of your account away. Every session has \
                 ended, and the password alone signs in now.{}",
                besides(remain)
            ),
            Self::AddressToChange { to } => format!(
                "{} is to be the mail address of your account. Until the link that was sent there \
                 is followed, this address stays.",
                plain(to)
            ),
            Self::AddressChanged => {
                "this is not the mail address of your account any more. This is \
                 the last mail about it."
                    .to_owned()
            }
            Self::NewDevice { device, ip } => new_device(&plain(&device.to_string()), *ip),
            Self::KeyMade { name } => {
                format!("an access key was made for your account: \"{}\".", plain(name))
            }
            Self::TokenMade { name } => {
                format!("an API token was made for your account: \"{}\".", plain(name))
            }
            Self::Infected { file, finding } => infected(&plain(finding), &plain(file)),
            Self::FilesArrived { title, new, all } => files_arrived(&plain(title), *new, *all),
            Self::Approved => "your account was approved. You can sign in now.".to_owned(),
            Self::Waiting { name } => format!(
                "\"{}\" has registered and waits for an administrator's approval. More may wait: \
                 this is told once an hour.",
                plain(name)
            ),
        }
    }

    pub(crate) fn letter(&self, house: &str, now: Timestamp) -> Letter {
        let (at, told) = (seconds(now), self.told());
        let first = told.chars().next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
        let told: String = first.chars().chain(told.chars().skip(1)).collect();
        let advice = match self {
            Self::Waiting { .. } => format!("Decide about it here:\n\n  {house}/people"),
            Self::Infected { .. } => format!(
                "If you know the file to be harmless, tell an administrator, who can release it. If \
                 not, look at the machine that it came from, and delete it here:\n\n  {house}/"
            ),
            Self::FilesArrived { .. } => format!(
                "Whoever sends has no account here, and nobody has checked who they are: open what you \
                 expect alone. Look at your requests here:\n\n  {house}/file-requests"
            ),
            Self::Approved => format!("Sign in here:\n\n  {house}/sign-in"),
            Self::PasswordChanged { .. }
            | Self::PasswordSetByLink { .. }
            | Self::PasswordLinkMade
            | Self::CodesOn
            | Self::CodesOff
            | Self::CodesReplaced
            | Self::PasskeyAdded { .. }
            | Self::PasskeyRemoved
            | Self::SignInLinked { .. }
            | Self::SignInUnlinked
            | Self::SignInUnlinkedFor
            | Self::FactorsReset { .. }
            | Self::AddressToChange { .. }
            | Self::AddressChanged
            | Self::NewDevice { .. }
            | Self::KeyMade { .. }
            | Self::TokenMade { .. } => format!(
                "If that was you, there is nothing to do. If not, change your password at once and \
                 look at your sessions and keys:\n\n  {house}/account\n\nIf you cannot sign in, tell \
                 an administrator."
            ),
        };
        let body = format!("{told}\n\n{advice}\n\nWhen: {at}\nWhere: {house}\n");
        Letter { kind: self.kind(), subject: self.subject(), body, ends_at: None }
    }
}

/// To an address that somebody says is theirs. It holds nothing that they chose.
pub(crate) fn check(house: &str, link: &str, until: Timestamp) -> Letter {
    let until = seconds(until);
    let body = format!(
        "Somebody gave this address for an account at {house}.\n\nIf that was you, open this link and \
         confirm the address. It works once, until {until}:\n\n  {link}\n\nIf it was not you, do \
         nothing: the address is not used then.\n"
    );
    Letter { kind: CHECK, subject: "Confirm your mail address", body, ends_at: None }
}

/// To somebody who asked for it, at their checked address.
pub(crate) fn password_link(house: &str, link: &str, until: Timestamp) -> Letter {
    let at = seconds(until);
    let body = format!(
        "Somebody asked for a new password for your account at {house}.\n\nIf that was you, open this \
         link and choose one. It works once, until {at}:\n\n  {link}\n\nEvery session ends by it, and \
         the second step of signing in is asked for as ever.\n\nIf it was not you, do nothing: your \
         password stays as it is.\n"
    );
    Letter { kind: PASSWORD_LINK, subject: "Set a new password", body, ends_at: Some(until) }
}

/// To somebody who asked for a new password and never had one.
pub(crate) fn no_password(house: &str) -> Letter {
    let body = format!(
        "Somebody asked for a new password for your account at {house}, which has none: sign in by your \
         provider, or by a passkey:\n\n  {house}/sign-in\n\nIf you cannot, ask an administrator for a \
         link to a password. If it was not you who asked, there is nothing to do.\n"
    );
    Letter { kind: PASSWORD_LINK, subject: "Your account has no password", body, ends_at: None }
}

/// To whoever has an address that somebody else gave.
pub(crate) fn address_in_use(house: &str) -> Letter {
    let body = format!(
        "Somebody gave this address for an account at {house}, where you have one already. They were \
         not told that you have.\n\nIf that was you, sign in with the account that you have; there is \
         a link for forgotten passwords:\n\n  {house}/sign-in\n\nIf it was not you, there is nothing \
         to do.\n"
    );
    Letter {
        kind: ADDRESS_IN_USE,
        subject: "Your mail address was given once more",
        body,
        ends_at: None,
    }
}

/// To an address that was given with a name that somebody else has. It holds nothing that was chosen.
pub(crate) fn name_taken(house: &str) -> Letter {
    let body = format!(
        "Somebody gave this address for an account at {house}, under a name that is taken there or looks \
         like one that is. No account was made.\n\nIf that was you, choose another name:\n\n  \
         {house}/register\n\nIf it was not you, there is nothing to do.\n"
    );
    Letter { kind: "name-taken", subject: "Choose another name", body, ends_at: None }
}

/// To whom an invitation names.
pub(crate) fn invitation(house: &str, invited: &Invited<'_>) -> Letter {
    let (link, until) = (invited.link, seconds(invited.until));
    let body = format!(
        "You are invited to {house}.\n\nOpen this link to come in. It works once, until {until}:\n\n  \
         {link}\n\nIf you expect no invitation, do nothing.\n"
    );
    Letter { kind: "invitation", subject: "An invitation", body, ends_at: Some(invited.until) }
}

/// A password was changed by whoever knew it.
fn password_changed(programs: Programs) -> String {
    let programs = match programs {
        Programs::End => "and so have access keys and API tokens",
        Programs::Keep => "access keys and API tokens go on",
    };
    format!(
        "the password of your account was changed on the account page. Every other session has \
         ended; {programs}."
    )
}

/// What senders call themselves and their files stands in no mail.
fn files_arrived(title: &str, new: u32, all: u32) -> String {
    let files = if new == 1 { "one file has".to_owned() } else { format!("{new} files have") };
    format!(
        "{files} arrived by your request \"{title}\"; {all} in all. More is told in ten minutes."
    )
}

fn infected(finding: &str, file: &str) -> String {
    format!(
        "the scan for malware found \"{finding}\" in the file \"{file}\", which came from your account. \
         Nobody can open it any more but administrators."
    )
}

fn new_device(device: &str, ip: Option<IpAddr>) -> String {
    let from = ip.map(|ip| format!(", from the address {ip}")).unwrap_or_default();
    format!("somebody signed in to your account by {device}{from}.")
}

/// What signs in besides, in a sentence.
fn besides(remain: &[String]) -> String {
    if remain.is_empty() {
        return String::new();
    }
    let named: Vec<String> = remain.iter().map(|way| plain(way)).collect();
    format!(" These still sign in to it: {}.", named.join(", "))
}

/// A time without fractions of a second.
pub(super) fn seconds(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

/// What somebody chose, without what would begin a line or turn text around.
pub(super) fn plain(text: &str) -> String {
    let steers = |c: char| {
        c.is_control()
            || matches!(c,
                '\u{61c}' | '\u{ad}' | '\u{feff}' | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
    };
    text.chars().map(|c| if steers(c) { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::Notice;

    #[test]
    fn what_somebody_chose_begins_no_line_and_turns_no_text() {
        let name = "x\r\nBcc: eve@example.org\u{202e}gpj\u{2066}\u{200b}";
        let letter =
            Notice::TokenMade { name }.letter("https://files.example.org", Timestamp::UNIX_EPOCH);
        let told = letter.body.lines().next().expect("a line");
        assert!(told.contains("x\u{fffd}\u{fffd}Bcc: eve@example.org\u{fffd}gpj"), "{told}");
        assert!(!letter.body.contains(['\r', '\u{202e}', '\u{2066}', '\u{200b}']));
        assert!(letter.subject.is_ascii() && !letter.subject.contains("eve"));
    }
}
