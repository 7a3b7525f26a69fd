//! The gate as a whole: who is let through, who is not, and what is written down.

mod audit;
mod decisions;
mod house;
mod matrix;
mod perform;
mod strangers;
