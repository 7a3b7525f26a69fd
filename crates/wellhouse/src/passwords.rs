//! `wellhouse passwords`: the file of breached passwords that nobody may choose, made of a list, and asked.

use std::fs::{File, Permissions};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use wh_names::Secret;
use wh_people::BreachedPasswords;

use crate::{Ended, say};

/// Breached passwords that nobody may choose: make the file, and ask it
///
/// The list is Pwned Passwords' "ordered by hash", or any that has a SHA-1 digest at the beginning of
/// each line, in order. Nothing is asked over the network. `people.breached_passwords` names the file.
#[derive(clap::Subcommand)]
pub(crate) enum Passwords {
    Compile(Compile),
    Check(Check),
}

/// Make the file of a list, eight bytes to a password
#[derive(clap::Args)]
pub(crate) struct Compile {
    /// The list; `-` reads standard input
    list: PathBuf,
    /// The file to write; one that is there is replaced once the new one is whole
    file: PathBuf,
}

/// Read a password from standard input and say whether it is in the file; exits with 1 where it is
#[derive(clap::Args)]
pub(crate) struct Check {
    /// The file that `compile` made
    file: PathBuf,
}

pub(crate) fn run(command: &Passwords) -> Result<Ended> {
    match command {
        Passwords::Compile(compile) => compile.run(),
        Passwords::Check(check) => check.run(),
    }
}

impl Compile {
    fn run(&self) -> Result<Ended> {
        let list: Box<dyn BufRead> = if self.list == Path::new("-") {
            Box::new(std::io::stdin().lock())
        } else {
            let list = File::open(&self.list);
            Box::new(BufReader::new(list.with_context(|| self.list.display().to_string())?))
        };
        let shown = || self.file.display().to_string();
        let folder = self.file.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        let whole = tempfile::NamedTempFile::new_in(folder).with_context(shown)?;
        let file = std::io::BufWriter::new(whole.as_file());
        let made = BreachedPasswords::compile(list, file);
        let count = made.with_context(|| self.list.display().to_string())?;
        // The server may be another user than whoever makes it, and it holds no secret.
        whole.as_file().set_permissions(Permissions::from_mode(0o644)).with_context(shown)?;
        whole.as_file().sync_all().with_context(shown)?;
        whole.persist(&self.file).with_context(shown)?;
        say(&format!("{}: {count} breached passwords", self.file.display()));
        say(&format!("people.breached_passwords = \"{}\" has them refused", self.file.display()));
        Ok(Ended::Done)
    }
}

impl Check {
    fn run(&self) -> Result<Ended> {
        let file = BreachedPasswords::open(&self.file);
        let file = file.with_context(|| self.file.display().to_string())?;
        let mut typed = zeroize::Zeroizing::new(String::new());
        std::io::stdin().lock().read_line(&mut typed).context("standard input")?;
        let password = Secret::parse(typed.trim_end_matches(['\r', '\n']));
        let password = password.context("a password is read from standard input")?;
        if file.contains(&password).with_context(|| self.file.display().to_string())? {
            say("found in a breach: nobody may choose it");
            return Ok(Ended::Failed);
        }
        say(&format!("not among the {} breached passwords of the file", file.count()));
        Ok(Ended::Done)
    }
}
