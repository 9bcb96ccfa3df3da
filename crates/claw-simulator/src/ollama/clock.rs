//! The times in Ollama's lines. They begin at the same moment on every day and go on by a microsecond with every line,
//! so that replies stay the same. It must not know the system's clock.

/// The time of the line with this number, in RFC 3339.
pub(crate) fn timestamp(line: u64) -> String {
    let seconds = line / 1_000_000;
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    format!("2026-01-01T{hour:02}:{minute:02}:{second:02}.{:06}Z", line % 1_000_000)
}
