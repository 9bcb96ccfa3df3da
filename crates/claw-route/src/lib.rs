//! Names become candidate targets, permitted targets become a plan.
