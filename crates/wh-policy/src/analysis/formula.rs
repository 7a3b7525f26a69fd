//! Boolean formulas over what can be asked of a request, in negation normal form.

/// A variable or its negation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Literal {
    pub(super) variable: usize,
    pub(super) holds: bool,
}

impl std::ops::Not for Literal {
    type Output = Self;

    fn not(self) -> Self {
        Self { variable: self.variable, holds: !self.holds }
    }
}

/// A formula.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Formula {
    True,
    False,
    Literal(Literal),
    All(Vec<Self>),
    Any(Vec<Self>),
}

impl Formula {
    pub(super) fn variable(variable: usize) -> Self {
        Self::Literal(Literal { variable, holds: true })
    }

    pub(super) fn all(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut out = Vec::new();
        for part in parts {
            match part {
                Self::True => {}
                Self::False => return Self::False,
                Self::All(inner) => out.extend(inner),
                Self::Literal(_) | Self::Any(_) => out.push(part),
            }
        }
        match out.len() {
            0 => Self::True,
            1 => out.pop().unwrap_or(Self::True),
            _ => Self::All(out),
        }
    }

    pub(super) fn any(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut out = Vec::new();
        for part in parts {
            match part {
                Self::False => {}
                Self::True => return Self::True,
                Self::Any(inner) => out.extend(inner),
                Self::Literal(_) | Self::All(_) => out.push(part),
            }
        }
        match out.len() {
            0 => Self::False,
            1 => out.pop().unwrap_or(Self::False),
            _ => Self::Any(out),
        }
    }

    pub(super) fn and(self, other: Self) -> Self {
        Self::all([self, other])
    }

    pub(super) fn or(self, other: Self) -> Self {
        Self::any([self, other])
    }
}

impl From<bool> for Formula {
    fn from(value: bool) -> Self {
        if value { Self::True } else { Self::False }
    }
}

impl std::ops::Not for Formula {
    type Output = Self;

    fn not(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            Self::Literal(literal) => Self::Literal(!literal),
            Self::All(parts) => Self::Any(parts.into_iter().map(|part| !part).collect()),
            Self::Any(parts) => Self::All(parts.into_iter().map(|part| !part).collect()),
        }
    }
}
