//! The web door, knocked at: by nobody, by alice who registered, and by an administrator.

mod access;
mod access_requests;
mod accounts;
mod administration;
mod advisories;
mod audit;
mod changes;
mod doors;
mod files;
mod house;
mod keys;
mod known_devices;
pub(crate) mod log;
mod places;
mod posture;
mod providers;
mod reach;
mod scans;
mod second_factors;
mod sessions;
mod simulations;
mod store;
mod telling;
mod tokens;
mod uploads;
mod usage;
mod viewing;
