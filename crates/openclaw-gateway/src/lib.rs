//! OpenClaw Gateway, put together: the stages in their order, the way of a request, the processes and the command line.
//!
//! [`pipeline`] is the way of a request on one screen; [`app`] alone names the order of the stages. It is a library only so that tests can use it.

pub mod answer;
pub mod app;
pub mod attempts;
pub mod cli;
pub mod context;
pub mod flow;
pub mod gateway;
pub mod leg;
pub mod listing;
pub mod pipeline;
pub mod process;
pub mod settings;
