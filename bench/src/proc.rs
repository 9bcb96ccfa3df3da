//! What Linux says of processes and of the machine, read from /proc.
//! It must not know what is measured.

use std::fs;

use anyhow::Context as _;

/// Ticks of processor time in a second, fixed for user space on every architecture that is built for
/// (<https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html>, `sysconf(_SC_CLK_TCK)`).
const TICKS_PER_SECOND: f64 = 100.0;
/// A process tree deeper or wider than this is not walked further.
const MAX_PROCESSES: usize = 64;

/// Processor time that a process and its living children used: user and kernel, all threads, the dead ones too.
pub(crate) fn cpu_seconds(pid: u32) -> anyhow::Result<f64> {
    let mut ticks = 0;
    for pid in tree(pid) {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat"))
            .with_context(|| format!("process {pid} is gone"))?;
        ticks += ticks_of(&stat).with_context(|| format!("/proc/{pid}/stat: {stat}"))?;
    }
    Ok(ticks as f64 / TICKS_PER_SECOND)
}

/// Resident memory of a process and its children, in MiB.
pub(crate) fn resident_mib(pid: u32) -> anyhow::Result<f64> {
    let mut kib = 0;
    for pid in tree(pid) {
        let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
        kib += kib_of(&status, "VmRSS:").with_context(|| format!("/proc/{pid}/status has no VmRSS"))?;
    }
    Ok(kib as f64 / 1024.0)
}

/// Processor time that the whole machine spent on anything but waiting.
pub(crate) fn machine_busy_seconds() -> anyhow::Result<f64> {
    let stat = fs::read_to_string("/proc/stat")?;
    Ok(busy_ticks(&stat).context("/proc/stat")? as f64 / TICKS_PER_SECOND)
}

/// The processors that this process may run on.
pub(crate) fn allowed_cores() -> anyhow::Result<Vec<usize>> {
    let status = fs::read_to_string("/proc/self/status")?;
    let list = field(&status, "Cpus_allowed_list:").context("/proc/self/status has no Cpus_allowed_list")?;
    cores_of(list).with_context(|| format!("cores {list}"))
}

/// The process and everything below it, parents first.
fn tree(root: u32) -> Vec<u32> {
    let mut found = vec![root];
    let mut next = 0;
    while next < found.len() && found.len() < MAX_PROCESSES {
        let pid = found[next];
        // A process that ended meanwhile has no children to list.
        let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
        found.extend(children.split_whitespace().filter_map(|word| word.parse::<u32>().ok()));
        next += 1;
    }
    found
}

/// utime and stime; the name before them may itself hold spaces and brackets.
fn ticks_of(stat: &str) -> Option<u64> {
    let (_, after_name) = stat.rsplit_once(')')?;
    let mut fields = after_name.split_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let kernel: u64 = fields.next()?.parse().ok()?;
    Some(user + kernel)
}

fn kib_of(status: &str, name: &str) -> Option<u64> {
    field(status, name)?.strip_suffix("kB")?.trim().parse().ok()
}

fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines().find_map(|line| line.strip_prefix(name)).map(str::trim)
}

/// user, nice, system, irq, softirq and steal of the first line; idle and iowait are waiting.
fn busy_ticks(stat: &str) -> Option<u64> {
    let line = stat.lines().next()?.strip_prefix("cpu ")?;
    let ticks: Vec<u64> = line.split_whitespace().map_while(|word| word.parse().ok()).collect();
    let busy = [0, 1, 2, 5, 6, 7].into_iter().map(|place| ticks.get(place).copied());
    busy.sum()
}

fn cores_of(list: &str) -> Option<Vec<usize>> {
    let mut cores = Vec::new();
    for part in list.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        cores.extend(first.trim().parse::<usize>().ok()?..=last.trim().parse().ok()?);
    }
    Some(cores)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_time_is_read_past_a_name_with_spaces_and_brackets() {
        let stat = "7 (a) b) c) S 1 7 7 0 -1 4194560 100 200 0 0 123 45 6 7 20 0 4 0 100 1000 200";
        assert_eq!(ticks_of(stat), Some(168));
    }

    #[test]
    fn waiting_is_not_busy() {
        assert_eq!(busy_ticks("cpu  10 20 30 1000 2000 3 4 5 0 0\ncpu0 1 1 1"), Some(72));
    }

    #[test]
    fn lists_of_cores_have_ranges() {
        assert_eq!(cores_of("0-2,5"), Some(vec![0, 1, 2, 5]));
        assert_eq!(cores_of("x"), None);
    }

    #[test]
    fn this_very_process_has_memory_and_cores() {
        assert!(resident_mib(std::process::id()).unwrap() > 0.5);
        assert!(cpu_seconds(std::process::id()).unwrap() >= 0.0);
        assert!(!allowed_cores().unwrap().is_empty());
    }
}
