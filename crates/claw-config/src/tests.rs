//! Whole configurations: good ones, bad ones, documented ones and nonsense.

mod bad;
mod documents;
mod fixture;
mod good;
mod nonsense;
mod secrets;
