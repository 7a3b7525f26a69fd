//! The handlers, one file per noun. Each parses, calls one function, and renders.

pub(crate) mod access_requests;
pub(crate) mod account;
pub(crate) mod archives;
pub(crate) mod audit;
pub(crate) mod credentials;
pub(crate) mod estate;
pub(crate) mod grants;
pub(crate) mod groups;
pub(crate) mod health;
pub(crate) mod invitations;
pub(crate) mod keys;
pub(crate) mod locations;
pub(crate) mod passkeys;
pub(crate) mod password_links;
pub(crate) mod people;
pub(crate) mod proof;
pub(crate) mod providers;
pub(crate) mod registration;
pub(crate) mod roles;
pub(crate) mod second_factor;
pub(crate) mod session;
pub(crate) mod sessions;
pub(crate) mod settings;
pub(crate) mod setup;
pub(crate) mod tokens;
pub(crate) mod uploads;
