//! What the simulator says, checked against the vendors' own specifications and rules. It must not know the
//! simulator's inside: everything goes over a connection.

#[cfg(test)]
mod anthropic;
#[cfg(test)]
mod bedrock;
#[cfg(test)]
mod botocore;
#[cfg(test)]
mod harness;
#[cfg(test)]
mod ledger;
#[cfg(test)]
mod ollama;
#[cfg(test)]
mod openai;
#[cfg(test)]
mod recorded;
#[cfg(test)]
mod specs;
#[cfg(test)]
mod thinking;
#[cfg(test)]
mod tools;
#[cfg(test)]
mod troubles;
