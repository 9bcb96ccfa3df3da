//! Typed proofs that a stage was passed.
//!
//! A proof is branded with a key that only its stage can make, so a request cannot reach a stage by another way.
//! There is no `Clone`, no `map` and no public field here, on purpose: each would be a way around.

use std::marker::PhantomData;

use crate::{Request, Target};

/// A value that the stage owning the key `K` has vouched for.
pub struct Proof<K, T> {
    value: T,
    by: PhantomData<fn() -> K>,
}

impl<K, T> Proof<K, T> {
    /// Brands a value. Only the owner of `K` can call this, because only it can make a `K`.
    pub fn seal(_: &K, value: T) -> Self {
        Self { value, by: PhantomData }
    }

    /// The value that was vouched for.
    pub fn get(&self) -> &T {
        &self.value
    }

    /// Gives the value up, and the proof with it.
    pub fn into_inner(self) -> T {
        self.value
    }
}

/// A request that was judged, and the targets that it may go to. It owns what was judged, so no other body can ride on it.
pub struct Permitted {
    request: Request,
    targets: Vec<Target>,
}

impl Permitted {
    /// Puts a judged request and the permitted subset of its candidates together.
    pub fn new(request: Request, targets: Vec<Target>) -> Self {
        Self { request, targets }
    }

    /// The request that was judged.
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// The targets that it may go to, in the order in which they were asked for.
    pub fn targets(&self) -> &[Target] {
        &self.targets
    }
}

/// One judged request on its way to one permitted target.
pub struct Call<'a> {
    request: &'a Request,
    target: &'a Target,
}

impl<'a> Call<'a> {
    /// The request that was judged.
    pub fn request(&self) -> &'a Request {
        self.request
    }

    /// The permitted target that was picked.
    pub fn target(&self) -> &'a Target {
        self.target
    }
}

impl<K> Proof<K, Permitted> {
    /// Narrows the permission to its target number `index`. It can only narrow: there is no way to add a target.
    pub fn pick(&self, index: usize) -> Option<Proof<K, Call<'_>>> {
        let target = self.value.targets.get(index)?;
        Some(Proof { value: Call { request: &self.value.request, target }, by: PhantomData })
    }
}
