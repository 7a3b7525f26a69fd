//! Turns an estate into a plan, and a reviewed plan into effects over a cloud port; documents it.
