//! What went wrong at others' web doors, tried at ours. Each test bears the number of the advisory
//! whose lesson it keeps; `cargo xtask tidy` counts them.

mod accounts;
mod browser;
mod ending;
mod entering;
mod mail;
mod neighbours;
