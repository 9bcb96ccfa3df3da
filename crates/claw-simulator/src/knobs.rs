//! The behaviour that a model's name asks for: `NAME~knob=value~knob=value`, a grammar that survives URLs.
//! It must not know any vendor: a knob means the same in all four dialects.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

/// The knobs, as a person would want to read them.
pub const KNOBS: &str = "\
latency=DUR  wait before the head of the response
silence=DUR  say nothing at all for that long before the first byte of the head (a trouble, counted by times)
first=DUR    send the head at once, then wait before the first event
gap=DUR      wait between content events
tps=N        N content events a second
events=N     the text comes in N deltas (default: one for each word)
size=N       the text is N bytes long
think=1      think aloud even if not asked to
redact=1     with think: the thinking comes sealed (Anthropic and Bedrock)
refuse=1     refuse to answer, as the vendor's model does
pretext=1    say a sentence before calling tools
calls=N      call N tools (none with 0)
fail=STATUS  answer with that HTTP status and the vendor's own error body
retry=SECS   the Retry-After of fail (default 1 with 429)
cut=N        cut the connection after N content events
error=N      send the vendor's own in-stream error after N content events
kind=STATUS  which error that is (429, 500, 503, 529, 400; default is the vendor's most usual one)
stall=N      say nothing more after N content events and keep the connection open
times=K      only the first K calls of this exact model name have the trouble, then it works
DUR is a whole number with ms, s or m. A name that contains `missing` is a model that does not exist.";

const MAX_EVENTS: usize = 1_000_000;
const MAX_SIZE: usize = 16 * 1024 * 1024;
const MAX_CALLS: usize = 128;
const MAX_WAIT: Duration = Duration::from_hours(24);

/// How one call is answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Knobs {
    pub(crate) latency: Duration,
    pub(crate) silence: Duration,
    pub(crate) first: Duration,
    pub(crate) gap: Duration,
    pub(crate) events: Option<usize>,
    pub(crate) size: Option<usize>,
    pub(crate) think: bool,
    pub(crate) redact: bool,
    pub(crate) refuse: bool,
    pub(crate) pretext: bool,
    pub(crate) calls: Option<usize>,
    pub(crate) fail: Option<u16>,
    pub(crate) retry: Option<u64>,
    pub(crate) cut: Option<u64>,
    pub(crate) error: Option<u64>,
    pub(crate) kind: Option<u16>,
    pub(crate) stall: Option<u64>,
    pub(crate) times: Option<u64>,
}

/// What breaks a reply in the middle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The connection ends without a word.
    Cut,
    /// The vendor's in-stream error, of this HTTP status if the name says which.
    Error(Option<u16>),
    /// Nothing more, for ever.
    Stall,
}

impl Knobs {
    /// The plain name and the knobs of a model's full name.
    ///
    /// # Errors
    /// A sentence that names the knob which is unknown or out of range.
    pub(crate) fn parse(model: &str) -> Result<(&str, Self), String> {
        let mut parts = model.split('~');
        let name = parts.next().unwrap_or_default();
        let mut knobs = Self::default();
        for part in parts {
            let (knob, value) =
                part.split_once('=').ok_or_else(|| format!("the knob `{part}` has no value"))?;
            knobs.set(knob, value).ok_or_else(|| {
                format!("the simulator does not know the knob `{knob}` with the value `{value}`")
            })?;
        }
        Ok((name, knobs))
    }

    fn set(&mut self, knob: &str, value: &str) -> Option<()> {
        match knob {
            "latency" => self.latency = duration(value)?,
            "silence" => self.silence = duration(value)?,
            "first" => self.first = duration(value)?,
            "gap" => self.gap = duration(value)?,
            "tps" => self.gap = Duration::from_secs(1) / within(value, 1..=1_000_000)?,
            "events" => self.events = Some(within(value, 1..=MAX_EVENTS)?),
            "size" => self.size = Some(within(value, 0..=MAX_SIZE)?),
            "think" => self.think = within(value, 0..=1)? == 1_u8,
            "redact" => self.redact = within(value, 0..=1)? == 1_u8,
            "refuse" => self.refuse = within(value, 0..=1)? == 1_u8,
            "pretext" => self.pretext = within(value, 0..=1)? == 1_u8,
            "calls" => self.calls = Some(within(value, 0..=MAX_CALLS)?),
            "fail" => self.fail = Some(within(value, 400..=599)?),
            "retry" => self.retry = Some(within(value, 0..=86_400)?),
            "cut" => self.cut = Some(value.parse().ok()?),
            "error" => self.error = Some(value.parse().ok()?),
            "kind" => self.kind = Some(within(value, 400..=599)?),
            "stall" => self.stall = Some(value.parse().ok()?),
            "times" => self.times = Some(value.parse().ok()?),
            _ => return None,
        }
        Some(())
    }

    /// The earliest trouble in the middle of the reply, and after how many content events it comes.
    pub(crate) fn trouble(&self) -> Option<(u64, Trouble)> {
        let cut = self.cut.map(|after| (after, Trouble::Cut));
        let error = self.error.map(|after| (after, Trouble::Error(self.kind)));
        let stall = self.stall.map(|after| (after, Trouble::Stall));
        [cut, error, stall].into_iter().flatten().min_by_key(|(after, _)| *after)
    }

    /// Takes every trouble out: what is left is a call that works.
    pub(crate) fn heal(&mut self) {
        self.silence = Duration::ZERO;
        self.fail = None;
        self.cut = None;
        self.error = None;
        self.stall = None;
    }
}

fn duration(value: &str) -> Option<Duration> {
    let digits = value.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let number: u64 = digits.parse().ok()?;
    let wait = match value.strip_prefix(digits)? {
        "ms" => Duration::from_millis(number),
        "s" => Duration::from_secs(number),
        "m" => Duration::from_secs(number.checked_mul(60)?),
        _ => return None,
    };
    (wait <= MAX_WAIT).then_some(wait)
}

fn within<N>(value: &str, range: std::ops::RangeInclusive<N>) -> Option<N>
where
    N: std::str::FromStr + PartialOrd,
{
    value.parse().ok().filter(|number| range.contains(number))
}

/// How often each full model name was called, for `times=`. Bounded: it starts anew when it has seen too many names.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    calls: Mutex<HashMap<String, u64>>,
}

const MAX_NAMES: usize = 10_000;

impl Tally {
    /// Counts a call and takes the trouble out of `knobs` if the name has had its share of it.
    pub(crate) fn count(&self, model: &str, knobs: &mut Knobs) {
        let Some(times) = knobs.times else { return };
        let mut calls = self.calls.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if calls.len() >= MAX_NAMES && !calls.contains_key(model) {
            calls.clear();
        }
        let count = calls.entry(model.to_owned()).or_default();
        *count += 1;
        if *count > times {
            knobs.heal();
        }
    }

    pub(crate) fn clear(&self) {
        self.calls.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clear();
    }
}

#[cfg(test)]
mod tests;
