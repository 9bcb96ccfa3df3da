//! A script as the steps of a stream, one at a time, so that a stream holds its words once and nothing more.
//! It must not know what a vendor sends for a step, nor when.

use crate::script::{Answer, Part, Script, Stop};

/// One step. Vendors send nothing, one event or several for it.
#[derive(Debug)]
pub(crate) enum Step<'a> {
    /// The reply begins.
    Begin,
    /// A part begins.
    Open { answer: usize, part: usize, body: &'a Part },
    /// The next piece of a part's text: the only kind of step that counts as a content event.
    Piece { answer: usize, part: usize, body: &'a Part, text: &'a str },
    /// A part is complete.
    Close { part: usize, body: &'a Part },
    /// An answer is complete.
    Finish { answer: usize, stop: &'a Stop },
    /// The reply is complete.
    End,
}

/// Where a stream stands in its script.
#[derive(Debug)]
pub(crate) struct Cursor {
    has_begun: bool,
    has_ended: bool,
    turn: usize,
    places: Vec<Place>,
}

#[derive(Debug, Default)]
struct Place {
    part: usize,
    offset: usize,
    state: State,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    #[default]
    Between,
    Inside,
    Finished,
}

impl Cursor {
    pub(crate) fn new(script: &Script) -> Self {
        let places = script.answers.iter().map(|_| Place::default()).collect();
        Self { has_begun: false, has_ended: false, turn: 0, places }
    }

    /// The next step. Several answers are told in turn, a step each.
    pub(crate) fn next<'a>(&mut self, script: &'a Script) -> Option<Step<'a>> {
        if !self.has_begun {
            self.has_begun = true;
            return Some(Step::Begin);
        }
        let count = self.places.len();
        for _ in 0..count {
            let number = self.turn;
            self.turn = (self.turn + 1) % count;
            let place = self.places.get_mut(number).zip(script.answers.get(number));
            if let Some(step) = place.and_then(|(place, answer)| place.next(number, answer)) {
                return Some(step);
            }
        }
        let is_last = !self.has_ended;
        self.has_ended = true;
        is_last.then_some(Step::End)
    }

    /// Whether the first step was taken.
    pub(crate) fn has_begun(&self) -> bool {
        self.has_begun
    }

    /// Whether the last step was taken.
    pub(crate) fn is_over(&self) -> bool {
        self.has_ended
    }
}

impl Place {
    fn next<'a>(&mut self, number: usize, answer: &'a Answer) -> Option<Step<'a>> {
        let part = self.part;
        match (self.state, answer.parts.get(part)) {
            (State::Finished, _) => None,
            (State::Between | State::Inside, None) => {
                self.state = State::Finished;
                Some(Step::Finish { answer: number, stop: &answer.stop })
            }
            (State::Between, Some(body)) => {
                self.state = State::Inside;
                self.offset = 0;
                Some(Step::Open { answer: number, part, body })
            }
            (State::Inside, Some(body)) if self.offset >= body.text.len() => {
                self.state = State::Between;
                self.part += 1;
                Some(Step::Close { part, body })
            }
            (State::Inside, Some(body)) => {
                let from = self.offset;
                self.offset = body.cut.end_of_piece(&body.text, from);
                let text = body.text.get(from..self.offset).unwrap_or_default();
                Some(Step::Piece { answer: number, part, body, text })
            }
        }
    }
}

#[cfg(test)]
mod tests;
