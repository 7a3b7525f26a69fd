//! What a person calls a device: the browser and the system that a `User-Agent` names.
//!
//! Good enough to tell one's own sessions apart; nothing is decided by it. Source: RFC 9110, 10.1.5;
//! MDN, "Browser detection using the user agent string".

use std::fmt;

/// The longest name of a program that is not known here, in characters.
const PROGRAM_CHARS_MAX: usize = 40;

/// What browsers write, and what they are called. The first that is found counts: most name others
/// that they are like.
const BROWSERS: [(&str, &str); 12] = [
    ("Edg/", "Edge"),
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Vivaldi/", "Vivaldi"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("Mozilla/", "A browser"),
];

/// The same for systems.
const SYSTEMS: [(&str, &str); 9] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("FreeBSD", "FreeBSD"),
    ("OpenBSD", "OpenBSD"),
    ("Linux", "Linux"),
];

/// What is at the other end, as far as it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// The browser or program.
    pub program: Option<String>,
    /// The system that it runs on.
    pub system: Option<&'static str>,
}

impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.program.as_deref().unwrap_or("an unknown program"))?;
        self.system.map_or(Ok(()), |system| write!(f, " on {system}"))
    }
}

impl Device {
    /// What a `User-Agent` says.
    pub fn of(user_agent: &str) -> Self {
        let first = |known: &[(&str, &'static str)]| {
            known.iter().find(|(part, _)| user_agent.contains(part)).map(|(_, name)| *name)
        };
        let program = first(&BROWSERS).map(str::to_owned).or_else(|| product(user_agent));
        Self { program, system: first(&SYSTEMS) }
    }
}

/// The name before the first version: `curl` of `curl/8.5.0`.
fn product(user_agent: &str) -> Option<String> {
    let named = user_agent.split(['/', ' ']).next().unwrap_or_default();
    let plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let name: String = named.chars().take_while(plain).take(PROGRAM_CHARS_MAX).collect();
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::Device;

    #[test]
    fn a_device_is_called_what_its_person_calls_it() {
        let apple = "(KHTML, like Gecko)";
        let webkit = format!("AppleWebKit/537.36 {apple}");
        for (agent, program, system) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0".to_owned(),
                Some("Firefox"),
                Some("Linux"),
            ),
            (
                format!(
                    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) {webkit} Chrome/126.0.0.0 Safari/537.36"
                ),
                Some("Chrome"),
                Some("Windows"),
            ),
            (
                format!(
                    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) {webkit} Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0"
                ),
                Some("Edge"),
                Some("Windows"),
            ),
            (
                format!(
                    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 {apple} Version/17.5 Mobile/15E148 Safari/604.1"
                ),
                Some("Safari"),
                Some("iPhone"),
            ),
            (
                format!(
                    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 {apple} Version/17.5 Safari/605.1.15"
                ),
                Some("Safari"),
                Some("macOS"),
            ),
            (
                format!(
                    "Mozilla/5.0 (Linux; Android 14; SM-S918B) {webkit} SamsungBrowser/25.0 Chrome/121.0.0.0 Mobile Safari/537.36"
                ),
                Some("Samsung Internet"),
                Some("Android"),
            ),
            ("curl/8.5.0".to_owned(), Some("curl"), None),
            ("python-requests/2.31.0".to_owned(), Some("python-requests"), None),
            ("<script>alert(1)</script>".to_owned(), None, None),
            (String::new(), None, None),
        ] {
            let expected = Device { program: program.map(str::to_owned), system };
            assert_eq!(Device::of(&agent), expected, "{agent}");
        }
        let long = Device::of(&"x".repeat(300)).program.expect("a name");
        assert_eq!(long.len(), 40);
    }
}
